import { describe, expect, test } from "vitest";
import { float } from "#variables";
import { RegistryError, VariableRegistry } from "#variables/registry";
import { UsageError } from "#foundation";
import { memoryStore } from "#storage/memory";

const temperature = float("temperature", { min: 0, max: 2, default: 1 });
const agent = "agent:desks/coder";

describe("the caller's mistakes", () => {
  const registry = new VariableRegistry({ store: memoryStore() });
  const bad = <T>(value: unknown): T => value as T;

  test.each<[what: string, call: () => Promise<unknown>, message: string]>([
    ["an unknown scope", () => registry.resolve("x", bad("galaxy")), 'scope: expected "federation"'],
    ["no name", () => registry.resolve("", "global"), "name: expected"],
    ["no variable", () => registry.define("global", bad({ kind: "real" })), "variable.kind: expected one of float"],
    [
      "what is computed",
      () => registry.define("global", bad({ kind: "composite", name: "x", compute: { product: ["a", "b"] } })),
      "variable x: expected one whose value is chosen, got composite",
    ],
    ["a flag that is none", () => registry.define("global", temperature, bad({ orchestration: 1 })), "orchestration:"],
    ["no options", () => registry.set("global", "x", 1, bad(undefined)), "options: expected an object"],
    ["no version", () => registry.set("global", "x", 1, bad({})), 'the version that was seen, or "any"'],
    ["version 0", () => registry.set("global", "x", 1, { version: 0 }), "version: expected a whole number above 0"],
    [
      "a score that is none",
      () => registry.set("global", "x", 1, { version: 1, score: Number.NaN }),
      "score: expected",
    ],
    [
      "an author that is none",
      () => registry.set("global", "x", 1, bad({ version: 1, author: 5 })),
      "author: expected",
    ],
    ["a limit of nothing", () => registry.history("global", "x", { limit: 0 }), "limit: expected"],
    ["no listener", () => registry.subscribe("global", "x", bad(undefined)), "listener: expected a function"],
    ["half a segment", () => registry.subscribe("global", "temp*", () => {}), 'pattern: expected a name in which "*"'],
    ["an empty pattern", () => registry.subscribe("global", "", () => {}), "pattern: expected"],
    ["a pattern that is none", () => registry.subscribe("global", bad(/x/), () => {}), "pattern: expected"],
  ])("%s is refused", async (_, call, message) => {
    await expect(call()).rejects.toThrow(UsageError);
    await expect(call()).rejects.toThrow(message);
  });

  test("a registry needs room for at least one version", () => {
    expect(() => new VariableRegistry({ store: memoryStore(), maxEntries: 0 })).toThrow(UsageError);
  });
});

describe("what the store should not hold", () => {
  const good = { schema: 1, type: "defined", at: 1, value: 1, orchestration: false, variable: temperature };

  test.each<[what: string, entries: readonly unknown[], defect: string]>([
    ["a text", ["x"], 'version 1 of the variable temperature in global cannot be read: expected an object, got "x"'],
    ["no form", [{}], "expected schema 1, got nothing"],
    ["no type", [{ ...good, type: "moved" }], 'type: expected "defined" or "set"'],
    ["no value", [{ ...good, value: undefined }], "value is nothing"],
    ["no date", [{ ...good, at: "noon" }], 'at is "noon"'],
    ["no author", [{ ...good, author: 7 }], "author is 7"],
    ["no flag", [{ ...good, orchestration: "yes" }], 'orchestration is "yes"'],
    ["no variable", [{ ...good, variable: { kind: "float", name: "temperature", min: 2, max: 1 } }], "min 2"],
    [
      "a value outside its definition",
      [{ ...good, value: 9 }],
      "its value does not fit: expected a number from 0 to 2",
    ],
    ["a value without a definition", [{ ...good, type: "set" }], "definition is nothing"],
    [
      "a value before its definition",
      [good, { ...good, type: "set", definition: 4 }],
      "its definition is said to be version 4",
    ],
    [
      "a definition that is none",
      [good, { ...good, type: "set", definition: 1 }, { ...good, type: "set", definition: 2 }],
      "version 2, which is none",
    ],
    ["an endless score", [good, { ...good, type: "set", definition: 1, score: "high" }], 'score is "high"'],
  ])("%s is an error with a code, not a value", async (_, entries, defect) => {
    const store = memoryStore();
    await store.logs.append("variables|global|temperature", JSON.parse(JSON.stringify(entries)));
    await using registry = new VariableRegistry({ store });
    for (const call of [
      () => registry.resolve("temperature", agent),
      () => registry.resolveForCoordination("temperature", agent),
      () => registry.set("global", "temperature", 1, { version: "any" }),
      () => registry.define("global", temperature),
    ]) {
      await expect(call()).rejects.toThrow(RegistryError);
      await expect(call()).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining(defect) });
    }
  });

  test("a newer form is refused", async () => {
    const store = memoryStore();
    await store.logs.append("variables|global|temperature", [{ ...good, schema: 2 } as never]);
    await using registry = new VariableRegistry({ store });
    await expect(registry.resolve("temperature", "global")).rejects.toMatchObject({ code: "newer_schema" });
    await expect(registry.history("global", "temperature")).rejects.toMatchObject({ code: "newer_schema" });
  });

  test("a name whose definition was never finished is no variable, and can be defined", async () => {
    const store = memoryStore();
    await store.documents.put("variables|global", "temperature", {});
    await using registry = new VariableRegistry({ store });
    expect(await registry.resolve("temperature", agent)).toMatchObject({ ok: false, known: [] });
    expect(await registry.configurationOf("global")).toEqual({});
    expect(await registry.define("global", temperature)).toEqual({ ok: true, version: 1 });
    expect(await registry.configurationOf("global")).toEqual({ temperature: 1 });
  });
});
