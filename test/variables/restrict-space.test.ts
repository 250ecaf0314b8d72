import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  choice,
  float,
  sampleConfiguration,
  settleConfiguration,
  space,
  subset,
  text,
  validateConfiguration,
} from "#variables";
import { restrictSpace } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { anyConditionalSpace, anyWholeSpace } from "./any-space.ts";

fc.configureGlobal({ seed: 20 });

/** The values that somebody chose: without the computed ones. */
const chosen = ({ variables }: Space, configuration: Configuration): Configuration =>
  Object.fromEntries(
    variables
      .filter(({ kind, name }) => kind !== "composite" && Object.hasOwn(configuration, name))
      .map(({ name }) => [name, configuration[name] as Json]),
  );

describe("any restricted space", () => {
  test("has samples that the whole accepts over the fixed values, keeping every one of both that it can", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), fc.nat(), (any, mask, seed) => {
        const names = any.variables.map(({ name }) => name).filter((_, index) => ((mask >> index) & 1) === 1);
        const fixed = sampleConfiguration(any, seededRng(seed));
        const restricted = restrictSpace(any, names, fixed);
        const sample = sampleConfiguration(restricted, seededRng(seed).fork("sample"));
        const merged = settleConfiguration(any, { ...fixed, ...sample });
        expect(validateConfiguration(any, merged).ok).toBe(true);
        expect(Object.fromEntries(Object.entries(merged).filter(([path]) => names.includes(path)))).toEqual(sample);
        for (const [path, value] of Object.entries(fixed))
          if (!names.includes(path) && Object.hasOwn(merged, path)) expect(merged[path]).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("with what is computed and constraints has such samples too", () => {
    fc.assert(
      fc.property(anyWholeSpace, fc.nat(), fc.nat(), (any, mask, seed) => {
        const names = any.variables.map(({ name }) => name).filter((_, index) => ((mask >> index) & 1) === 1);
        const fixed = sampleConfiguration(any, seededRng(seed));
        const restricted = restrictSpace(any, names, fixed);
        const sample = sampleConfiguration(restricted, seededRng(seed).fork("sample"));
        const merged = settleConfiguration(any, { ...fixed, ...sample });
        expect(validateConfiguration(any, merged).ok).toBe(true);
        for (const [path, value] of Object.entries(sample)) expect(merged[path]).toEqual(value);
        for (const path of names) expect(Object.hasOwn(merged, path)).toBe(Object.hasOwn(sample, path));
        for (const [path, value] of Object.entries(chosen(any, fixed)))
          if (!names.includes(path) && Object.hasOwn(merged, path)) expect(merged[path]).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  test("to all its variables is the whole, to none is empty", () => {
    fc.assert(
      fc.property(anyConditionalSpace, fc.nat(), (any, seed) => {
        const fixed = sampleConfiguration(any, seededRng(seed));
        expect(
          restrictSpace(
            any,
            any.variables.map(({ name }) => name),
            fixed,
          ),
        ).toEqual(any);
        expect(restrictSpace(any, [], fixed)).toEqual({ variables: [] });
      }),
    );
  });
});

describe("a restricted space", () => {
  const pattern = choice("pattern", ["ring", "star"]);
  const hub = choice("hub", ["a", "b"]);
  const weight = float("weight", { min: 0, max: 1 });
  const net = space([pattern, hub, weight], { when: { hub: { pattern: "star" }, weight: { hub: "b" } } });

  test("has no conditions on fixed variables that hold, and no variables whose conditions do not", () => {
    expect(restrictSpace(net, ["hub"], { pattern: "star", hub: "a" })).toEqual({ variables: [hub] });
    expect(restrictSpace(net, ["hub", "weight"], { pattern: "ring" })).toEqual({ variables: [] });
  });

  test("keeps conditions on varying variables", () => {
    expect(restrictSpace(net, ["weight", "hub"], { pattern: "star", hub: "a" })).toEqual({
      variables: [hub, weight],
      when: { weight: { hub: "b" } },
    });
  });

  test("asks for what the fixed variable between two varying ones asks for", () => {
    expect(restrictSpace(net, ["pattern", "weight"], { pattern: "star", hub: "b", weight: 0 })).toEqual({
      variables: [pattern, weight],
      when: { weight: { pattern: "star" } },
    });
    expect(restrictSpace(net, ["pattern", "weight"], { pattern: "ring" })).toEqual({ variables: [pattern] });
  });

  test("asks for both where a variable and a fixed one that it needs ask for the same", () => {
    const agents = subset("agents", ["coder", "tester"]);
    const [review, edge] = [choice("review", [true, false]), text("edge")];
    const team = space([agents, review, edge], {
      when: {
        review: { agents: { includes: "tester" } },
        edge: { review: true, agents: { includes: "coder" } },
      },
    });
    const restricted = restrictSpace(team, ["agents", "edge"], { agents: ["tester"], review: true });
    expect(validateConfiguration(restricted, { agents: ["tester"] }).ok).toBe(true);
    expect(validateConfiguration(restricted, { agents: ["coder"] }).ok).toBe(true);
    expect(validateConfiguration(restricted, { agents: ["coder", "tester"], edge: "" }).ok).toBe(true);
  });

  test("refuses names that the whole does not have", () => {
    expect(() => restrictSpace(net, ["hub", "hubb"], {})).toThrow(
      new UsageError("restrictSpace: expected names of pattern, hub, weight, got hubb"),
    );
  });
});
