import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { systemClock, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { AgentRuntime } from "#foundation/agents";
import { Sandbox } from "#foundation/sandbox";
import type { SandboxOptions, SandboxOutcome, SandboxResult } from "#foundation/sandbox";

/** Every process that this one has started, as Node tells. */
const children: ChildProcess[] = [];
const noted = (message: unknown): void => void children.push(Reflect.get(message as object, "process") as ChildProcess);
beforeAll(() => subscribe("child_process", noted));
afterAll(() => void unsubscribe("child_process", noted));

const limits = { timeoutMs: 5000 };
const shared = new Sandbox(limits);
afterAll(() => shared[Symbol.asyncDispose]());

const endless = { source: "() => { for (;;); }", inputs: [[]] };
const seven = { source: "() => 7", inputs: [[]] };
const isSeven = { ok: true, results: [{ ok: true, value: 7 }] };

/** A sandbox whose process has been started. */
async function warm(options: SandboxOptions = {}): Promise<{ sandbox: Sandbox; child: ChildProcess }> {
  const sandbox = new Sandbox({ ...limits, ...options });
  expect(await sandbox.run(seven)).toEqual(isSeven);
  return { sandbox, child: children.at(-1) as ChildProcess };
}

async function outcomeOf(source: string, input: readonly Json[] = []): Promise<SandboxOutcome | undefined> {
  const result = await shared.run({ source, inputs: [input] });
  return result.ok ? result.results[0] : undefined;
}

describe("a program", () => {
  test("is called once for each list of arguments, and each call has its outcome", async () => {
    const source = "(a, b) => { if (b === 0) throw new RangeError('by zero'); return { quotient: a / b } }";
    const inputs = [[6, 3], [1, 0], [-4, 8]]; // prettier-ignore
    expect(await shared.run({ source, inputs })).toEqual({
      ok: true,
      results: [
        { ok: true, value: { quotient: 2 } },
        { ok: false, code: "threw", message: "RangeError: by zero" },
        { ok: true, value: { quotient: -0.5 } },
      ],
    });
    expectTypeOf(await shared.run({ source, inputs })).toEqualTypeOf<SandboxResult>();
  });

  test("may be called with nothing and not at all", async () => {
    expect(await shared.run(seven)).toEqual(isSeven);
    expect(await shared.run({ ...seven, inputs: [] })).toEqual({ ok: true, results: [] });
  });

  test("gets every kind of JSON as it is and gives it back", async () => {
    const values: readonly Json[] = [
      null,
      true,
      'ä\u2028\ud83d\u0000"\\',
      -1.5e-7,
      [],
      {},
      [[1, { a: [null] }]],
      { "": 1 },
    ];
    const result = await shared.run({ source: "(value) => value", inputs: values.map((value) => [value]) });
    expect(result).toEqual({ ok: true, results: values.map((value) => ({ ok: true, value })) });
    const named = JSON.parse('{"__proto__": 1, "constructor": 2}') as Json;
    expect(JSON.stringify(await outcomeOf("(value) => value", [named]))).toContain('{"__proto__":1,"constructor":2}');
  });

  test("does not see in one call what another did to its arguments", async () => {
    const list = ["same"];
    const source = "(list) => { list.push(list.length); return list }";
    const result = await shared.run({ source, inputs: [[list], [list]] });
    expect(result).toEqual({ ok: true, results: [{ ok: true, value: ["same", 1] }, { ok: true, value: ["same", 1] }] }); // prettier-ignore
    expect(list).toEqual(["same"]);
  });

  test.each([
    ["() => -0", "value is -0"],
    ["() => [1, NaN]", "[1] is NaN"],
    ["() => ({ a: { b: [1 / 0] } })", "a.b[0] is Infinity"],
    ["() => {}", "value is undefined"],
    ["() => ({ a: undefined })", "a is undefined"],
    ["() => [, 1]", "[0] is undefined"],
    ["() => ({ f() {} })", "f is a function"],
    ["() => ({ toJSON: () => 1 })", "toJSON is a function"],
    ["() => 1n", "value is a bigint"],
    ["() => Symbol('x')", "value is a symbol"],
    ["() => [new Date(0)]", "[0] is a Date"],
    ["() => new Map()", "value is a Map"],
    ["() => new Uint8Array(2)", "value is a Uint8Array"],
    ["() => new (class Foo {})()", "value is a Foo"],
    ["async () => 1", "value is a Promise"],
    ["() => Object.create({ a: 1 })", "value is a Object"],
  ])("that gives no JSON is told so: %s", async (source, message) => {
    expect(await outcomeOf(source)).toEqual({ ok: false, code: "not_json", message });
  });

  test.each([
    ["() => { throw new TypeError('no') }", "TypeError: no"],
    ["() => { throw 'a text' }", "a text"],
    ["() => { throw Symbol('x') }", "Symbol(x)"],
    ["() => { throw undefined }", "undefined"],
    ["() => { throw { a: 1 } }", "a Object"],
    ["() => { throw { get message() { throw 1 } } }", "something that cannot be described"],
    ["() => ({ get a() { throw new Error('in a getter') } })", "Error: in a getter"],
    ["() => { throw new Error('x'.repeat(9000)) }", `Error: ${"x".repeat(493)}`],
  ])("that throws is told what: %s", async (source, message) => {
    expect(await outcomeOf(source)).toEqual({ ok: false, code: "threw", message });
  });

  test.each([
    ["", "the source is no expression"],
    ["(a) =>\n  a +* 2", "the source is no expression: Unexpected token '*' (line 2)"],
    ["function f() { return 1 }; f", "the source is no expression"],
    ["42", "the source is no function but of type number"],
    ["null", "the source is no function but null"],
    ["missing", "the source threw ReferenceError: missing is not defined"],
    [`() => "${"x".repeat(2 ** 16)}"`, "the source has 65544 characters, more than 65536"],
  ])("whose source is bad is not called: %s", async (source, message) => {
    const result = await shared.run({ source, inputs: [[]] });
    expect(result).toMatchObject({ ok: false, code: "bad_source", message: expect.stringContaining(message) });
  });

  test("may end in a comment", async () => {
    expect(await outcomeOf("// doubles\n(a) => 2 * a // a + a", [4])).toEqual({ ok: true, value: 8 });
  });

  test("keeps what its calls gave before the time was over", async () => {
    const source = "(n) => { if (n === 3) for (;;); return n }";
    const result = await shared.run({ source, inputs: [[1], [2], [3], [4]] }, { timeoutMs: 80 });
    const late = { ok: false, code: "timeout", message: "the time of 80 ms was over" };
    expect(result).toEqual({ ok: true, results: [{ ok: true, value: 1 }, { ok: true, value: 2 }, late, late] });
  });

  test("has room for so many characters of values in all; what does not fit leaves its room to the next", async () => {
    await using sandbox = new Sandbox({ ...limits, maxResultChars: 20 });
    const result = await sandbox.run({ source: "(n) => 'x'.repeat(n)", inputs: [[10], [9], [6], [1]] });
    const message = "the value does not fit into 20 characters";
    expect(result).toEqual({
      ok: true,
      results: [
        { ok: true, value: "x".repeat(10) },
        { ok: false, code: "too_large", message },
        { ok: true, value: "x".repeat(6) },
        { ok: false, code: "too_large", message },
      ],
    });
  });
});

describe("a caller's mistake is a UsageError", () => {
  test.each<[string, SandboxOptions]>([
    ["no process", { processes: 0 }],
    ["half a millisecond", { timeoutMs: 0.5 }],
    ["all the time", { timeoutMs: Infinity }],
    ["a clock and a runtime", { clock: systemClock, runtime: new AgentRuntime() }],
  ])("%s", (_, options) => {
    expect(() => new Sandbox(options)).toThrow(UsageError);
  });

  test.each<[string, unknown, unknown]>([
    ["no source", undefined, [[]]],
    ["no inputs", "() => 1", undefined],
    ["an input that is no list", "() => 1", [1]],
    ["an argument that is no JSON", "() => 1", [[new Date(0)]]],
    ["inputs that are too long", "() => 1", [["x".repeat(2 ** 22)]]],
  ])("%s", (_, source, inputs) => {
    expect(() => shared.run({ source: source as string, inputs: inputs as Json[][] })).toThrow(UsageError);
    expect(() => shared.run(seven, { timeoutMs: 0 })).toThrow(UsageError);
  });
});

describe("the pool", () => {
  test("serves programs in order of arrival", async () => {
    const order: number[] = [];
    const programs = Array.from({ length: 20 }, (_, n) => ({ source: `() => ${n}`, inputs: [[]] }));
    await Promise.all(programs.map((program, n) => shared.run(program).then(() => order.push(n))));
    expect(order).toEqual(programs.map((_, n) => n));
  });

  test("has as many programs under way as it has processes", async () => {
    await using sandbox = new Sandbox({ ...limits, timeoutMs: 60_000, processes: 2 });
    const cancel = new AbortController();
    const first = sandbox.run(endless, { signal: cancel.signal });
    const lost = expect(first).rejects.toThrow("enough");
    expect(await Promise.all([sandbox.run(seven), sandbox.run(seven)])).toEqual([isSeven, isSeven]);
    cancel.abort(new Error("enough"));
    await lost;
  });

  test("starts no process before the first program, and no second one while the first is idle", async () => {
    const before = children.length;
    await using sandbox = new Sandbox({ ...limits, processes: 3 });
    expect(children.length).toBe(before);
    for (let n = 0; n < 3; n++) expect(await sandbox.run(seven)).toEqual(isSeven);
    expect(children.length).toBe(before + 1);
  });

  test("replaces a process after so many programs", async () => {
    const before = children.length;
    await using sandbox = new Sandbox({ ...limits, maxPrograms: 2 });
    for (let n = 0; n < 5; n++) expect(await sandbox.run(seven)).toEqual(isSeven);
    const [first, second, third, ...more] = children.slice(before);
    expect([first, second].map((child) => child?.signalCode)).toEqual(["SIGKILL", "SIGKILL"]);
    expect(third?.signalCode).toBeNull();
    expect(more).toEqual([]);
  });

  test("replaces a process that has grown", async () => {
    const { sandbox, child } = await warm({ maxResidentMb: 400 });
    await using _ = sandbox;
    const source = "() => { globalThis.kept = new Uint8Array(250 * 2 ** 20).fill(1); return 7 }";
    expect(await sandbox.run({ source, inputs: [[]] })).toEqual(isSeven);
    expect(child.signalCode).toBe("SIGKILL");
    expect(await sandbox.run(seven)).toEqual(isSeven);
  });

  test("gives a program that loses its process its one outcome, and the others theirs", async () => {
    const { sandbox, child } = await warm({ maxResidentMb: 200 });
    await using _ = sandbox;
    const source = "() => { const all = []; for (;;) all.push(new Uint8Array(2 ** 23).fill(1)) }";
    const runs = [seven, { source, inputs: [[]] }, seven, seven].map((program) => sandbox.run(program));
    const [first, lost, ...others] = await Promise.all(runs);
    expect([first, ...others]).toEqual([isSeven, isSeven, isSeven]);
    expect(lost).toMatchObject({ ok: false, code: "out_of_memory" });
    expect(child.signalCode).toBe("SIGKILL");
  });

  test("says that a heap was too small", async () => {
    const { sandbox } = await warm({ maxHeapMb: 32, maxResidentMb: 4000, timeoutMs: 60_000 });
    await using _ = sandbox;
    const source = "() => Array.prototype.fill.call({ length: 2 ** 40 }, 1)";
    const result = await sandbox.run({ source, inputs: [[]] });
    expect(result).toMatchObject({ code: "out_of_memory", message: expect.stringContaining("no memory left") });
    expect(await sandbox.run(seven)).toEqual(isSeven);
  });

  test("runs a program again whose process somebody has killed, busy or idle", async () => {
    const { sandbox, child } = await warm();
    await using _ = sandbox;
    const result = sandbox.run(seven);
    child.kill("SIGKILL");
    expect(await result).toEqual(isSeven);
    const idle = children.at(-1) as ChildProcess;
    idle.kill("SIGKILL");
    await once(idle, "exit");
    expect(await sandbox.run(seven)).toEqual(isSeven);
  });

  test("gives a program up whose process is lost twice", async () => {
    const { sandbox, child } = await warm();
    await using _ = sandbox;
    const lost = sandbox.run(endless, { timeoutMs: 60_000 });
    const started = new Promise<ChildProcess>((resolve) => {
      const onProcess = (message: unknown): void => {
        const second = Reflect.get(message as object, "process") as ChildProcess;
        unsubscribe("child_process", onProcess);
        second.on("message", (batch) => JSON.stringify(batch).includes('"started"') && resolve(second));
      };
      subscribe("child_process", onProcess);
    });
    child.kill("SIGKILL");
    (await started).kill("SIGKILL");
    expect(await lost).toEqual({ ok: false, code: "crashed", message: "the process ended by SIGKILL" });
    expect(await sandbox.run(seven)).toEqual(isSeven);
  });

  test("rejects when no process can be started", async () => {
    await using sandbox = new Sandbox({ ...limits, maxHeapMb: 1 });
    await expect(sandbox.run(seven)).rejects.toMatchObject({ name: "SandboxError", code: "not_started" });
  });
});

describe("a signal", () => {
  test("that has aborted keeps a program out", async () => {
    await expect(shared.run(seven, { signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow("too late");
  });

  test("takes a program out of the queue and leaves the others there", async () => {
    const { sandbox, child } = await warm();
    await using _ = sandbox;
    const cancel = new AbortController();
    const first = sandbox.run(seven);
    const second = sandbox.run(endless, { signal: cancel.signal });
    const third = sandbox.run(seven);
    cancel.abort(new Error("not needed"));
    await expect(second).rejects.toThrow("not needed");
    expect(await Promise.all([first, third])).toEqual([isSeven, isSeven]);
    expect(child.signalCode).toBeNull();
  });

  test("kills the process of a program that runs", async () => {
    const { sandbox, child } = await warm();
    await using _ = sandbox;
    const cancel = new AbortController();
    const lost = sandbox.run(endless, { signal: cancel.signal, timeoutMs: 60_000 });
    const next = sandbox.run(seven);
    cancel.abort(new Error("enough"));
    await expect(lost).rejects.toThrow("enough");
    expect(await next).toEqual(isSeven);
    expect(child.signalCode).toBe("SIGKILL");
  });
});

describe("disposal", () => {
  test("ends the processes and rejects what waits and what runs", async () => {
    const { sandbox, child } = await warm();
    const runs = [sandbox.run(endless, { timeoutMs: 60_000 }), sandbox.run(seven), sandbox.run(endless)];
    const ends = Promise.allSettled(runs);
    await sandbox[Symbol.asyncDispose]();
    expect(child.signalCode ?? child.exitCode).not.toBeNull();
    for (const end of await ends)
      expect(end).toMatchObject({ status: "rejected", reason: { name: "SandboxError", code: "disposed" } });
    await expect(sandbox.run(seven)).rejects.toMatchObject({ code: "disposed" });
    await sandbox[Symbol.asyncDispose]();
  });

  test("does not wait for a process that is being started", async () => {
    const before = children.length;
    const sandbox = new Sandbox(limits);
    const lost = expect(sandbox.run(seven)).rejects.toMatchObject({ code: "disposed" });
    await sandbox[Symbol.asyncDispose]();
    await lost;
    for (const child of children.slice(before)) expect(child.signalCode).toBe("SIGKILL");
  });

  test("leaves a runtime that is not its own as it is", async () => {
    using runtime = new AgentRuntime();
    for (let n = 0; n < 2; n++) {
      await using sandbox = new Sandbox({ ...limits, runtime });
      expect(await sandbox.run(seven)).toEqual(isSeven);
    }
  });
});
