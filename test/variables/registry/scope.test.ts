import { describe, expect, expectTypeOf, test } from "vitest";
import { parseScope, scopeText } from "#variables/registry";
import type { RegistryScope, ScopeText } from "#variables/registry";
import { UsageError } from "#foundation";

describe("a scope", () => {
  const scopes: readonly [ScopeText, RegistryScope][] = [
    ["federation", { scope: "federation" }],
    ["cluster", { scope: "cluster" }],
    ["global", { scope: "global" }],
    ["team:desks", { scope: "team", team: "desks" }],
    ["agent:desks/coder-2", { scope: "agent", team: "desks", agent: "coder-2" }],
  ];

  test.each(scopes)("%s and its parts are the same thing", (text, parts) => {
    expect(parseScope(text)).toEqual(parts);
    expect(scopeText(parts)).toBe(text);
    expect(scopeText(text)).toBe(text);
  });

  test.each([
    "",
    "galaxy",
    "Global",
    "global:x",
    "team",
    "team:",
    "team:a/b",
    "team:a b",
    "agent:desks",
    "agent:desks/",
    "agent:/coder",
    "agent:a/b/c",
    "agent:a/b|x",
    5,
    null,
    undefined,
  ])("is not %j", (text) => {
    expect(() => parseScope(text)).toThrow(UsageError);
    expect(() => parseScope(text)).toThrow('expected "federation", "cluster", "global", "team:TEAM"');
    expect(() => scopeText(text as ScopeText)).toThrow(UsageError);
  });

  test.each([
    {},
    { scope: "galaxy" },
    { scope: "team" },
    { scope: "team", team: "a/b" },
    { scope: "agent", team: "a" },
  ])("is not the object %j", (parts) => {
    expect(() => scopeText(parts as RegistryScope)).toThrow(UsageError);
  });

  test("is checked by the compiler as far as it can", () => {
    expectTypeOf<"team:desks">().toExtend<ScopeText>();
    expectTypeOf<"desks">().not.toExtend<ScopeText>();
    expectTypeOf<{ scope: "agent"; agent: string }>().not.toExtend<RegistryScope>();
  });
});
