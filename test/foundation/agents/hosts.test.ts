import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import {
  agentModule,
  AgentRuntime,
  hostedChild,
  HostError,
  inlineHost,
  processHost,
  Supervisor,
  workerHost,
} from "#foundation/agents";
import type { AgentEvent, AgentHost, AgentModule, DownReason, ExitReason, Ref } from "#foundation/agents";
import { UsageError } from "#foundation";
import { agentHostContract } from "#testing";
import type { villain as villainDefinition } from "./fixtures/hosted-agents.ts";

const root = new URL("../../../", import.meta.url);
const villain = agentModule<typeof villainDefinition>(
  new URL("./fixtures/hosted-agents.ts", import.meta.url),
  "villain",
);
type VillainRef = typeof villain extends AgentModule<infer M, infer _> ? Ref<M> : never;

const kinds: Readonly<Record<string, (runtime: AgentRuntime) => AgentHost>> = {
  inline: (runtime) => inlineHost({ runtime }),
  worker: (runtime) => workerHost({ runtime }),
  process: (runtime) => processHost({ runtime }),
};

const run = promisify(execFile);

// A place is mostly killed, so it never writes Node's compile cache: one process that ends by itself does it for all.
beforeAll(async () => {
  process.env["NODE_COMPILE_CACHE"] = join(tmpdir(), "tutti-compile-cache");
  const modules = ["src/foundation/agents/hosts/guest.ts", "src/testing/agent-host/subject.ts"];
  const imports = modules.map((path) => `await import(${JSON.stringify(new URL(path, root).href)});`);
  await run(process.execPath, ["--conditions=tutti-source", "--input-type=module", "-e", imports.join("\n")]);
});

describe.each(Object.entries(kinds))("the %s host", (name, make) => {
  const runtime = new AgentRuntime();
  const host = make(runtime);
  const harness = { runtime, host, another: () => make(runtime), isIsolated: name !== "inline" };
  afterAll(() => host[Symbol.asyncDispose]());

  test.each(Object.entries(agentHostContract))("%s", (_, check) => check(harness));
});

describe("a module that names an agent", () => {
  test("carries the agent's types", () => {
    const module = agentModule<typeof villainDefinition>(import.meta.url, "villain");
    expectTypeOf(module).toExtend<AgentModule<"ping", undefined>>();
    expectTypeOf<AgentModule<"pong", undefined>>().not.toEqualTypeOf(module);
  });

  test("needs a place and a name", () => {
    expect(() => agentModule("./nearby.ts", "villain")).toThrow(UsageError);
    expect(() => agentModule(import.meta.url, "")).toThrow(UsageError);
    expect(agentModule("/some/where.js", "villain").module).toBe("file:///some/where.js");
  });
});

/** Whoever watches: the next end of an agent. */
function endOf(ref: Ref<never>): Promise<DownReason> {
  return new Promise((resolve) => ref.monitor(resolve));
}

async function start(host: AgentHost, counter?: Int32Array): Promise<VillainRef> {
  const ref = await host.start(villain, counter);
  if (ref === undefined) throw new Error("the villain did not start");
  return ref;
}

function codeOf(reason: DownReason): unknown {
  return reason.kind === "crash" && reason.error instanceof HostError ? reason.error.code : reason;
}

/** A supervisor over a villain at each host; `next` waits for an event. */
async function supervise(runtime: AgentRuntime, hosts: Readonly<Record<string, AgentHost>>) {
  const events: AgentEvent[] = [];
  let wake = (): void => {};
  runtime.events.subscribe((event) => {
    events.push(event);
    wake();
  });
  const supervisor = await Supervisor.start(
    { children: Object.entries(hosts).map(([id, host]) => hostedChild(id, villain, undefined, { host })) },
    { runtime },
  );
  if (supervisor === undefined) throw new Error("no supervisor");
  const ref = async (id: string): Promise<VillainRef> => {
    const children = await supervisor.whichChildren();
    const child = children.find((info) => info.id === id)?.child;
    return Reflect.get(child as object, "self") as VillainRef;
  };
  const next = async <T extends AgentEvent["type"]>(type: T, child: string) => {
    for (;;) {
      const found = events.find((event) => event.type === type && Reflect.get(event, "child") === child);
      if (found !== undefined) return found as Extract<AgentEvent, { type: T }>;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { supervisor, ref, next, [Symbol.asyncDispose]: () => supervisor.stop() };
}

/** Calls the agent until the promise is settled; every answer is right. */
async function answersUntil(ref: VillainRef, over: Promise<unknown>): Promise<number> {
  let isOver = false;
  let answers = 0;
  void over.finally(() => (isOver = true));
  while (!isOver) {
    expect(await ref.call("ping")).toBe("pong");
    answers++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return answers;
}

describe("a worker thread", () => {
  test("in an endless loop is found and replaced while the others go on", async () => {
    const runtime = new AgentRuntime();
    await using bad = workerHost({ runtime, maxBlockedMs: 500 });
    await using good = workerHost({ runtime });
    await using team = await supervise(runtime, { bad, good });
    const looping = await team.ref("bad");
    const thread = bad.placeId;
    looping.send("loop");
    const lost = looping.call("ping", { timeoutMs: Infinity }).catch((error: unknown) => error);
    const restarted = team.next("child_restarted", "bad");
    expect(await answersUntil(await team.ref("good"), restarted)).toBeGreaterThan(10);
    expect(await lost).toMatchObject({ code: "exit", reason: { kind: "crash", error: { code: "blocked" } } });
    expect(codeOf((await team.next("child_exited", "bad")).reason)).toBe("blocked");
    expect(await (await team.ref("bad")).call("ping")).toBe("pong");
    expect(bad.placeId).not.toBe(thread);
  });

  test("that never leaves its microtasks is found as well", async () => {
    const runtime = new AgentRuntime();
    await using host = workerHost({ runtime, maxBlockedMs: 500 });
    const ref = await start(host);
    ref.send("loop_in_microtasks");
    expect(codeOf(await endOf(ref))).toBe("blocked");
  });

  test("has stopped when its host is disposed of, even out of an endless loop", async () => {
    const runtime = new AgentRuntime();
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const host = workerHost({ runtime, maxBlockedMs: Infinity, graceMs: 100 });
    const ref = await start(host, counter);
    const end = endOf(ref);
    ref.send("loop");
    while (Atomics.load(counter, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    await host[Symbol.asyncDispose]();
    expect(await end).toEqual({ kind: "killed" });
    expect(host.placeId).toBeUndefined();
    const count = Atomics.load(counter, 0);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(Atomics.load(counter, 0)).toBe(count);
  });

  // In a process of its own: Node does not promise that only the thread ends.
  test("out of memory ends its agents with out_of_memory, and only them", async () => {
    const script = fileURLToPath(new URL("./fixtures/worker-out-of-memory.ts", import.meta.url));
    const { stdout } = await run(process.execPath, ["--conditions=tutti-source", script]);
    expect(stdout.trim()).toBe("out_of_memory pong");
  });
});

describe.each(["worker", "process"])("the end of a %s by itself", (kind) => {
  const ends: readonly [what: string, code: number, reason: unknown][] = [
    ["with code 0 is normal", 0, { kind: "normal" }],
    ["with another code is a crash", 3, "exited"],
  ];
  test.each(ends)("%s, for all its agents", async (_, code, reason) => {
    await using host = kinds[kind]?.(new AgentRuntime()) as AgentHost;
    const refs = [await start(host), await start(host)] as const;
    const end = refs.map(endOf);
    refs[0].send({ exit: code });
    expect((await Promise.all(end)).map(codeOf)).toEqual([reason, reason]);
  });

  test("by an error that nobody caught is a crash with it; a rejection ends its own agent alone", async () => {
    await using host = kinds[kind]?.(new AgentRuntime()) as AgentHost;
    const [first, second] = [await start(host), await start(host)];
    const end = endOf(first);
    first.send("reject_outside");
    expect(await end).toMatchObject({ kind: "crash", error: { message: "rejected outside" } });
    expect(await second.call("ping")).toBe("pong");
    second.send("throw_outside");
    const reason = (await endOf(second)) as Extract<ExitReason, { kind: "crash" }>;
    expect(String(reason.error)).toContain("thrown outside");
  });
});

describe("a child process", () => {
  test("that allocates without end dies alone; the others answer meanwhile and it is replaced", async () => {
    const runtime = new AgentRuntime();
    await using hungry = processHost({ runtime, maxHeapMb: 48 });
    await using inline = inlineHost({ runtime });
    await using team = await supervise(runtime, { hungry, inline });
    const { placeId } = hungry;
    (await team.ref("hungry")).send("take_heap");
    const restarted = team.next("child_restarted", "hungry");
    expect(await answersUntil(await team.ref("inline"), restarted)).toBeGreaterThan(5);
    expect(codeOf((await team.next("child_exited", "hungry")).reason)).toBe("out_of_memory");
    expect(await (await team.ref("hungry")).call("ping")).toBe("pong");
    expect(hungry.placeId).not.toBe(placeId);
  });

  test("that holds too much memory outside its heap is ended", async () => {
    await using host = processHost({ runtime: new AgentRuntime(), maxResidentMb: 250, memoryCheckMs: 20 });
    const ref = await start(host);
    ref.send("take_buffers");
    expect(codeOf(await endOf(ref))).toBe("out_of_memory");
  });

  test("in an endless loop is found", async () => {
    const runtime = new AgentRuntime();
    await using host = processHost({ runtime, maxBlockedMs: 500 });
    const ref = await start(host);
    ref.send("loop");
    expect(codeOf(await endOf(ref))).toBe("blocked");
  });

  test("is not taken for blocked because this process was", async () => {
    await using host = processHost({ runtime: new AgentRuntime(), maxBlockedMs: 400 });
    const ref = await start(host);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect(await ref.call("ping")).toBe("pong");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ref.isAlive).toBe(true);
  });

  test("that somebody kills ends its agents with a crash", async () => {
    await using host = processHost({ runtime: new AgentRuntime() });
    const ref = await start(host);
    const end = endOf(ref);
    process.kill(host.placeId as number, "SIGKILL");
    const reason = await end;
    expect(codeOf(reason)).toBe("exited");
    expect(String(Reflect.get(reason, "error"))).toContain("SIGKILL");
  });

  test("is gone when its host is disposed of, even out of an endless loop", async () => {
    const host = processHost({ runtime: new AgentRuntime(), maxBlockedMs: Infinity, graceMs: 100 });
    const ref = await start(host);
    const pid = host.placeId as number;
    const end = endOf(ref);
    await ref.call("loop");
    await host[Symbol.asyncDispose]();
    expect(await end).toEqual({ kind: "killed" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(host.placeId).toBeUndefined();
  });

  test("that is not trusted reads no files but its own and sees no environment", async () => {
    await using host = processHost({ runtime: new AgentRuntime(), permission: { read: [fileURLToPath(root)] } });
    const ref = await start(host);
    expect(await ref.call({ read: "/etc/hostname" })).toBe("ERR_ACCESS_DENIED");
    expect(await ref.call({ env: "PATH" })).toBeUndefined();
  });
});
