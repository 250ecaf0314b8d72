import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReloadOrder } from "./fixtures/reload-session.ts";

// In a process of its own: vitest has its own way of loading modules, past Node's hooks.
let session: ChildProcess;
let root = "";

beforeAll(() => {
  session = fork(join(import.meta.dirname, "fixtures/reload-session.ts"), {
    execArgv: ["--conditions=tutti-source"],
    execPath: process.execPath,
  });
});

afterAll(() => void session.kill());

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tutti-reload-"));
  write("package.json", `{ "type": "module" }`);
});

afterEach(async () => {
  await order({ do: "close" });
  rmSync(root, { recursive: true });
});

function write(file: string, source: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), source);
}

function order(request: ReloadOrder): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.once("message", (answer: { ok: boolean; value?: unknown; name?: string; message?: string }) => {
      if (answer.ok) resolve(answer.value);
      else reject(Object.assign(new Error(answer.message), { name: answer.name }));
    });
    session.send(request);
  });
}

const call = (name: string, ofFirst = false): Promise<unknown> => order({ do: "call", name, ofFirst });
const reload = (...files: string[]): Promise<unknown> => order({ do: "reload", files });

/** An entry that says a prompt, and counts in a module of its own. */
async function open(extension: "ts" | "js" = "ts", maxLeakedBytes?: number): Promise<void> {
  const type = (text: string): string => (extension === "ts" ? text : "");
  write(`prompt.${extension}`, `export const prompt${type(": string")} = "one";\n`);
  write(`count.${extension}`, `export class Counter { n = 0 }\nexport const counter = new Counter();\n`);
  write(
    `main.${extension}`,
    `import { prompt } from "./prompt.${extension}";
import { Counter, counter } from "./count.${extension}";
export const say = ()${type(": string")} => prompt + " " + ++counter.n + " " + (counter instanceof Counter);
export const later = async () => (await import("./late.${extension}")).late;
`,
  );
  write(`late.${extension}`, `export const late = "late one";\n`);
  await order({
    do: "open",
    root,
    entry: `main.${extension}`,
    ...(maxLeakedBytes !== undefined && { maxLeakedBytes }),
  });
  await order({ do: "load" });
}

describe("a module reloader", () => {
  test.each(["ts", "js"] as const)(
    "gives an edited .%s file and its importers anew, and keeps the others",
    async (ext) => {
      await open(ext);
      expect(await call("say")).toBe("one 1 true");
      write(`prompt.${ext}`, `export const prompt = "two";\n`);
      expect(await reload(`prompt.${ext}`)).toEqual({
        ok: true,
        reloaded: [`prompt.${ext}`, `main.${ext}`].map((file) => join(root, file)),
      });
      expect(await call("say")).toBe("two 2 true");
      expect(await call("say", true)).toBe("one 3 true");
    },
  );

  test("an edit deep down reaches the entry over all that lies between, edit after edit", async () => {
    write("a.ts", `import { b } from "./b.ts";\nimport "./side.ts";\nexport const value = () => b;`);
    write("b.ts", `export { c as b } from "./sub/c.ts";`);
    write("sub/c.ts", `export const c = 1;`);
    write("side.ts", `export {};`);
    await order({ do: "open", root, entry: "a.ts" });
    await order({ do: "load" });
    for (const version of [2, 3, 4]) {
      write("sub/c.ts", `export const c = ${version};`);
      expect(await reload(join(root, "sub/c.ts"))).toMatchObject({ ok: true, reloaded: { length: 3 } });
      expect(await call("value")).toBe(version);
    }
  });

  test("modules that import each other are reloaded together", async () => {
    write("a.ts", `import { b } from "./b.ts";\nexport const a = () => "a1";\nexport const both = () => a() + b();`);
    write("b.ts", `import { a } from "./a.ts";\nexport const b = () => a() + "b1";`);
    await order({ do: "open", root, entry: "a.ts" });
    await order({ do: "load" });
    expect(await call("both")).toBe("a1a1b1");
    write("b.ts", `import { a } from "./a.ts";\nexport const b = () => a() + "b2";`);
    expect(await reload("b.ts")).toMatchObject({ ok: true });
    expect(await call("both")).toBe("a1a1b2");
  });

  test.each([
    ["that does not parse", `export const prompt: = "two";`, "ERR_INVALID_TYPESCRIPT_SYNTAX"],
    ["that throws", `export const prompt = "";\nthrow new RangeError("no");`, "RangeError"],
    ["that imports what is not there", `import "./nowhere.ts";`, "ERR_MODULE_NOT_FOUND"],
  ])("a version %s is rejected, the one before stays, and the next good one is taken", async (_, source, cause) => {
    await open();
    write("prompt.ts", source);
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await reload("prompt.ts")).toMatchObject({ ok: false, code: "load_failed", cause });
      expect(await call("say")).toMatch(/^one/);
    }
    write("prompt.ts", `export const prompt = "two";\n`);
    expect(await reload("prompt.ts")).toMatchObject({ ok: true });
    expect(await call("say")).toBe("two 3 true");
  });

  test("what failed is tried again when another file is mended", async () => {
    await open();
    write("prompt.ts", `export { word as prompt } from "./word.ts";`);
    write("word.ts", `export const word: = 1;`);
    expect(await reload("prompt.ts")).toMatchObject({ ok: false });
    write("word.ts", `export const word = "mended";`);
    expect(await reload("word.ts")).toMatchObject({ ok: true });
    expect(await call("say")).toMatch(/^mended/);
    write("word.ts", `export const word = "again";`);
    expect(await reload("word.ts")).toMatchObject({ ok: true });
    expect(await call("say")).toMatch(/^again/);
  });

  test("a new file that failed is read anew with the file that wants it", async () => {
    await open();
    write("prompt.ts", `export { word as prompt } from "./word.ts";`);
    write("word.ts", `export const word: = 1;`);
    expect(await reload("prompt.ts")).toMatchObject({ ok: false });
    write("word.ts", `export const word = "mended";`);
    expect(await reload("prompt.ts")).toMatchObject({ ok: true });
    expect(await call("say")).toMatch(/^mended/);
  });

  test("what failed for want of a file is tried again when the file is there", async () => {
    await open();
    write("main.ts", `export { say } from "./new.ts";`);
    expect(await reload("main.ts")).toMatchObject({ ok: false, cause: "ERR_MODULE_NOT_FOUND" });
    write("new.ts", `export const say = () => "new";`);
    expect(await reload("new.ts")).toMatchObject({ ok: true });
    expect(await call("say")).toBe("new");
  });

  test("an entry that did not load at first loads when it is mended", async () => {
    write("main.ts", `export const = 1;`);
    await order({ do: "open", root, entry: "main.ts" });
    await expect(order({ do: "load" })).rejects.toThrow("do not load");
    write("main.ts", `export const one = () => 1;`);
    expect(await reload("main.ts")).toMatchObject({ ok: true });
    expect(await call("one")).toBe(1);
  });

  test("a module that is imported later is followed too", async () => {
    await open();
    expect(await call("later")).toBe("late one");
    write("late.ts", `export const late = "late two";\n`);
    expect(await reload("late.ts")).toMatchObject({ ok: true, reloaded: { length: 2 } });
    expect(await call("later")).toBe("late two");
    write("late.ts", `export const late: = "late three";\n`);
    expect(await reload("late.ts")).toMatchObject({ ok: false });
    expect(await reload("prompt.ts")).toMatchObject({ ok: false });
    expect(await call("later")).toBe("late two");
  });

  test("what is no longer imported no longer matters, nor does a file that never was", async () => {
    await open();
    write("main.ts", `export const say = () => "alone";`);
    await reload("main.ts");
    write("prompt.ts", `broken =`);
    expect(await reload("prompt.ts")).toMatchObject({ reloaded: [join(root, "prompt.ts")] });
    expect(await reload("README.md")).toEqual({ ok: true, reloaded: [] });
    expect(await call("say")).toBe("alone");
  });

  test("two reloaders of one folder, one after the other, do not mistake each other's generations", async () => {
    await open();
    write("prompt.ts", `export const prompt = "two";\n`);
    await reload("prompt.ts");
    await order({ do: "open", root, entry: "main.ts" });
    await order({ do: "load" });
    write("prompt.ts", `export const prompt = "three";\n`);
    expect(await reload("prompt.ts")).toMatchObject({ ok: true });
    expect(await call("say")).toMatch(/^three/);
  });

  test("counts nine times the sources that it read anew, and refuses above its limit", async () => {
    await open("ts", 20_000);
    expect(await order({ do: "leakedBytes" })).toBe(0);
    const source = `export const prompt = "${"x".repeat(1000 - 26)}";\n`;
    expect(Buffer.byteLength(source)).toBe(1000);
    write("prompt.ts", source);
    const main = `import { prompt } from "./prompt.ts";\nexport const say = () => prompt;`;
    write("main.ts", main);
    expect(await reload("main.ts", "prompt.ts")).toMatchObject({ ok: true });
    const cost = 9 * (1000 + Buffer.byteLength(main));
    expect(await order({ do: "leakedBytes" })).toBe(cost);
    expect(await reload("prompt.ts")).toMatchObject({ ok: true });
    expect(await reload("prompt.ts")).toMatchObject({
      ok: false,
      code: "leak_limit",
      message: expect.stringContaining("start a new worker or process"),
    });
    expect(await order({ do: "leakedBytes" })).toBe(2 * cost);
    expect(await call("say")).toMatch(/^xxx/);
  });

  test("refuses a CommonJS module instead of giving out the old one", async () => {
    write("old.cjs", `exports.value = 1;`);
    write("main.ts", `import old from "./old.cjs";\nexport const value = () => old.value;`);
    await order({ do: "open", root, entry: "main.ts" });
    await order({ do: "load" });
    expect(await call("value")).toBe(1);
    expect(await reload("old.cjs")).toMatchObject({ ok: false, code: "not_reloadable" });
    expect(await reload("main.ts")).toMatchObject({ ok: true });
  });

  test("does nothing any more when it is disposed of", async () => {
    await open();
    await order({ do: "close" });
    await expect(reload("prompt.ts")).rejects.toMatchObject({ name: "UsageError" });
    expect(await call("say")).toMatch(/^one/);
  });

  test("wants an entry in its folder", async () => {
    await expect(order({ do: "open", root, entry: "../main.ts" })).rejects.toMatchObject({ name: "UsageError" });
  });
});
