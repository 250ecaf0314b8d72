import { afterAll, describe, expect, test } from "vitest";
import { Sandbox } from "#foundation/sandbox";
import type { SandboxResult } from "#foundation/sandbox";

const sandbox = new Sandbox({ timeoutMs: 60, overrunMs: 1000 });
afterAll(() => sandbox[Symbol.asyncDispose]());

const patient = { timeoutMs: 5000 };

/** What the next program finds: a language that nobody has touched. */
const innocent = `(list) => [
  list.map((item) => item + 1), JSON.stringify([1]), Math.max(1, 2), typeof leak, ({}).leak === undefined,
  [...new Set([3, 3])], String(Symbol.for("leak")), "abc".slice(1), Object.keys({ a: 1 }), typeof toJSON,
]`;
const untouched = [[2, 3], "[1]", 2, "undefined", true, [3], "Symbol(leak)", "bc", ["a"], "undefined"];

/** Runs an attack, and an innocent program right after it. */
async function attack(source: string, options: { readonly timeoutMs?: number } = {}): Promise<string> {
  const [attacked, next] = await Promise.all([
    sandbox.run({ source, inputs: [[]] }, options),
    sandbox.run({ source: innocent, inputs: [[[1, 2]]] }, patient),
  ]);
  expect(next).toEqual({ ok: true, results: [{ ok: true, value: untouched }] });
  return inWords(attacked);
}

function inWords(result: SandboxResult): string {
  if (!result.ok) return `${result.code}: ${result.message}`;
  const [outcome] = result.results;
  if (outcome === undefined) return "nothing";
  return outcome.ok ? JSON.stringify(outcome.value) : `${outcome.code}: ${outcome.message}`;
}

const noCode = "EvalError: Code generation from strings disallowed for this context";

describe("a program that looks for a way out", () => {
  const attempts: readonly [what: string, source: string, outcome: string][] = [
    [
      "finds nothing of Node's",
      "() => [typeof process, typeof require, typeof module, typeof Buffer, typeof fetch, typeof setTimeout, typeof queueMicrotask]",
      JSON.stringify(Array.from({ length: 7 }, () => "undefined")),
    ],
    [
      "finds no threads, shared memory, finalizers or machine code",
      "() => [typeof Atomics, typeof SharedArrayBuffer, typeof WeakRef, typeof FinalizationRegistry, typeof WebAssembly]",
      JSON.stringify(Array.from({ length: 5 }, () => "undefined")),
    ],
    ["has no eval", "() => eval('1')", `threw: ${noCode}`],
    ["has no indirect eval", "() => (0, eval)('1')", `threw: ${noCode}`],
    ["has no Function", "() => Function('return process')()", `threw: ${noCode}`],
    ["by the constructors of this", "() => this.constructor.constructor('return process')()", `threw: ${noCode}`],
    ["by those of its argument", "() => [].constructor.constructor('return process')()", `threw: ${noCode}`],
    ["by the async function's", "() => (async () => {}).constructor('return process')()", `threw: ${noCode}`],
    ["by the generator's", "() => (function* () {}).constructor('yield process')().next()", `threw: ${noCode}`],
    [
      "by an error's",
      "() => { try { null.x } catch (error) { return error.constructor.constructor('return process')() } }",
      `threw: ${noCode}`,
    ],
    [
      "by an error of the stack",
      "() => { const down = () => { try { return down() } catch (error) { return error.constructor.constructor('return process')() } }; return down() }",
      `threw: ${noCode}`,
    ],
    ["by its callers", "function f() { return [f.caller, arguments.callee.caller] }", "[null,null]"],
    [
      "by frames of the stack",
      `() => {
        const seen = [];
        Error.prepareStackTrace = (_, frames) => { seen.push(frames); return frames };
        try { Error.stackTraceLimit = 10 } catch {}
        globalThis.Error = class extends Error { static prepareStackTrace(_, frames) { seen.push(frames); return frames } };
        const caught = {};
        Error.captureStackTrace?.(caught);
        try { null.x } catch (error) { void error.stack }
        void new TypeError("x").stack;
        void caught.stack;
        return seen.length;
      }`,
      "0",
    ],
    ["by import", "() => import('node:fs')", "bad_source: import is not available"],
    ["by import, disguised", "() => import/* */\n('node:fs')", "bad_source: import is not available"],
    ["by import, in an old comment", "() => import\n<!-- x\n('node:fs')", "bad_source: import is not available"],
    ["by import.source", "() => import.source('node:fs')", "bad_source: import is not available"],
    [
      "out of its parentheses",
      "1)); globalThis.own = ((() => 1",
      "bad_source: the source is no function but of type number",
    ],
    ["with the driver's own name", "() => typeof __run", '"undefined"'],
    ["by writing to the console", "() => { console.log('x'); console.error(console); return 1 }", "1"],
  ];
  test.each(attempts)("%s", async (_, source, outcome) => {
    expect(await attack(source, patient)).toBe(outcome);
  });

  test("may say import where it is only a word", async () => {
    expect(await attack("() => ['import', 'important (x)', { import: 1 }.import]", patient)).toBe(
      '["import","important (x)",1]',
    );
  });
});

describe("a program that goes on after its answer", () => {
  const attempts: readonly [what: string, source: string, outcome: string][] = [
    ["in a promise", "() => { Promise.resolve().then(() => { globalThis.leak = 1 }); return 1 }", "1"],
    ["in endless promises", "() => { const on = () => { Promise.resolve().then(on) }; on(); return 1 }", "1"],
    ["in an async loop", "() => { (async () => { for (;;) await 0 })(); return 1 }", "1"],
    ["with a rejection", "() => { Promise.reject(new Error('nobody')); return 1 }", "1"],
    [
      "with a rejection that has traps",
      "() => { Promise.reject(new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } })); return 1 }",
      "1",
    ],
    ["with many rejections", "() => { for (let i = 0; i < 1e4; i++) Promise.reject(i); return 1 }", "1"],
    ["with a thenable", "() => { Promise.resolve({ then() { for (;;); } }); return 1 }", "1"],
  ];
  test.each(attempts)("%s has been answered and is stopped", async (_, source, outcome) => {
    expect(await attack(source)).toBe(outcome);
  });
});

describe("a program that changes the language", () => {
  const changes: readonly [what: string, source: string, outcome: string][] = [
    [
      "has changed it for itself",
      `() => {
        Object.prototype.leak = 1; globalThis.leak = 1; Array.prototype.map = () => 9; JSON.stringify = () => "evil";
        Math.max = () => 5; Set.prototype[Symbol.iterator] = null; String.prototype.slice = null; Object.keys = null;
        Reflect.apply = () => 3; Symbol.for("leak").leak = 1;
        return { a: [1] };
      }`,
      '{"leak":1,"a":[1]}',
    ],
    [
      "cannot bend its answer by toJSON",
      "() => { Object.prototype.toJSON = () => 1; String.prototype.toJSON = () => 2; return ['x', 1.5] }",
      '["x",1.5]',
    ],
    [
      "cannot write its outcomes itself",
      "() => { for (const key of ['0', 'defect', 'text']) Object.defineProperty(Object.prototype, key, { set() {}, get: () => 'v666' }); return [1] }",
      "[1]",
    ],
    ["cannot hand on its arguments", "() => { Array.prototype[Symbol.iterator] = () => { for (;;); }; return 1 }", "1"],
  ];
  test.each(changes)("%s", async (_, source, outcome) => {
    const expected = outcome === '{"leak":1,"a":[1]}' ? '{"a":[1]}' : outcome;
    expect(await attack(source, patient)).toBe(expected);
  });
});

describe("a program that takes all the time", () => {
  const late = "timeout: the time of 60 ms was over";
  const loops: readonly [what: string, source: string, outcome: string][] = [
    ["in a loop", "() => { for (;;); }", late],
    ["before it is a function", "(() => { for (;;); })()", `${late} before the source was a function`],
    ["in a regular expression", "() => /^(a+)+$/.test('a'.repeat(40) + 'b')", late],
    [
      "in a generator",
      "() => { function* all() { for (;;) yield 1 } let n = 0; for (const x of all()) n += x; return n }",
      late,
    ],
    ["in a getter of its value", "() => ({ get a() { for (;;); } })", late],
    ["in a trap of its value", "() => new Proxy({}, { ownKeys() { for (;;); } })", late],
    ["in what it throws", "() => { throw { get name() { for (;;); } } }", late],
    ["in the text of what it throws", "() => { throw Object.assign(() => {}, { toString() { for (;;); } }) }", late],
    ["in finally", "() => { for (;;) try { for (;;); } finally { continue } }", late],
    ["at the end of the stack", "() => { const down = () => { try { down() } finally { down() } }; down() }", late],
    ["in a large number", "() => String(3n ** (2n ** 26n)).length", late],
    [
      "in a value that is a thicket",
      "() => { let a = [1]; for (let i = 0; i < 60; i++) a = [a, a]; return a.flat(Infinity) }",
      late,
    ],
  ];
  test.each(loops)("%s", async (_, source, outcome) => {
    expect(await attack(source)).toBe(outcome);
  });

  const deaf = [
    ["in a built-in function that heeds nobody", "() => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)"],
    ["in another", "() => { const list = new Array(2 ** 32 - 1); list[5] = 1; return list.lastIndexOf(7) }"],
  ] as const;
  test.each(deaf)("%s loses its process", async (_, source) => {
    expect(await attack(source)).toBe(
      "timeout: the program did not heed its limit of 60 ms and its process was killed",
    );
  });
});

describe("a program that takes all the memory", () => {
  const hungry = [
    ["in small objects", "() => { const all = []; for (;;) all.push({ a: 1, b: [1, 2, 3] }) }"],
    ["in texts", "() => { const all = new Map(); for (let i = 0; ; i++) all.set('key' + i, 'value' + i) }"],
    [
      "in one text",
      "() => { const text = 'x'.repeat(2 ** 28); return text.charCodeAt(7) + JSON.stringify(text + text.slice(1)).length }",
    ],
    ["in one list", "() => new Array(2 ** 27).fill(0).length"],
    ["in one buffer", "() => new Uint8Array(2 ** 33).fill(1).length"],
    ["in buffers", "() => { const all = []; for (;;) all.push(new Uint8Array(2 ** 24).fill(1)) }"],
    [
      "in a buffer that grows",
      "() => { const b = new ArrayBuffer(8, { maxByteLength: 2 ** 33 }); b.resize(2 ** 33); new Uint8Array(b).fill(1); return b.byteLength }",
    ],
    ["in parsed JSON", "() => { const all = []; for (;;) all.push(JSON.parse('[' + '1,'.repeat(1e6) + '1]')) }"],
    ["in deep JSON", "() => { for (;;) JSON.parse('['.repeat(3e6) + ']'.repeat(3e6)) }"],
  ] as const;
  test.each(hungry)("%s is stopped", async (_, source) => {
    expect(await attack(source, { timeoutMs: 3000 })).toMatch(/^(out_of_memory|timeout): /);
  });

  test("in the message of an error is stopped, or the message is cut", async () => {
    const outcome = await attack("() => { throw new Error('xy'.repeat(2 ** 27)) }", { timeoutMs: 3000 });
    // It depends on whether the memory is looked at while the message is long.
    expect(outcome).toMatch(/^(out_of_memory|timeout|threw): /);
    expect(outcome.length).toBeLessThan(5000);
  });

  const refused: readonly [what: string, source: string, outcome: string][] = [
    ["a text that is too long", "() => 'x'.repeat(2 ** 29)", "threw: RangeError: Invalid string length"],
    ["a list that is too long", "() => new Array(2 ** 32)", "threw: RangeError: Invalid array length"],
    ["a buffer that is too long", "() => new ArrayBuffer(2 ** 53)", "threw: RangeError: Invalid array buffer length"],
    [
      "a stack that is too deep",
      "() => { const down = () => down() + 1; return down() }",
      "threw: RangeError: Maximum call stack size exceeded",
    ],
    [
      "a text too long for an answer",
      "() => 'x'.repeat(2 ** 27)",
      "too_large: the value does not fit into 1048576 characters",
    ],
    ["an empty list too long for an answer", "() => new Array(2 ** 32 - 1)", "not_json: [0] is undefined"],
    [
      "a list too long for an answer",
      "() => new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 : 1) })",
      "too_large: the value does not fit into 1048576 characters",
    ],
    [
      "a list that holds itself",
      "() => { const all = []; all.push(all); return all }",
      "not_json: value is nested deeper than 64 levels",
    ],
    [
      "a list that is too deep",
      "() => { let all = []; for (let i = 0; i < 1e5; i++) all = [all]; return all }",
      "not_json: value is nested deeper than 64 levels",
    ],
  ];
  test.each(refused)("%s is refused", async (_, source, outcome) => {
    expect(await attack(source, patient)).toBe(outcome);
  });
});
