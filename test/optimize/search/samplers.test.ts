import fc from "fast-check";
import { describe, test } from "vitest";
import { auto, evolutionSampler, gp, grid, nsga2, qmc, randomSampler, tpe } from "#optimize";
import type { Sampler } from "#optimize";
import { samplerContract } from "#testing";
import { choice, composite, float, integer, module, permutation, space, subset } from "#variables";
import { enumerateConfigurations } from "#variables/search";
import type { Space } from "#variables";
import { anyConditionalSpace, anySpace } from "../../variables/any-space.ts";

const makes: Readonly<Record<string, () => Sampler>> = {
  random: () => randomSampler(),
  qmc: () => qmc({ seed: 3 }),
  grid_search: () => grid(),
  evolution: () => evolutionSampler({ population: 5 }),
  tpe: () => tpe({ startup: 4 }),
  gp: () => gp({ startup: 4 }),
  auto: () => auto({ startup: 4 }),
  nsga2: () => nsga2({ population: 5 }),
};

const plain = space(
  [
    choice("shape", ["round", "square", { sides: 5 }]),
    integer("size", { min: 1, max: 4 }),
    float("radius", { min: 0.5, max: 1, step: 0.25 }),
    integer("budget", { min: 1, max: 6, log: true }),
    subset("tools", ["a", "b", "c"]),
    permutation("order", ["x", "y", "z"], { min: 1 }),
  ],
  { when: { radius: { shape: "round" }, order: { tools: { includes: "a" } } } },
);

/** Modules, a computed value, and shares that may not sum to more than 1. */
const tied = space(
  [
    module("coder", ["plan", "direct", "debate"]),
    float("search", { min: 0, max: 1, step: 0.125 }),
    float("write", { min: 0, max: 1, step: 0.125 }),
    float("heat", { min: 0, max: 1, precision: 1 }),
    composite("total", { compute: { sum: ["search", "write"] } }),
  ],
  { constraints: [{ name: "shares", expect: { atMost: ["total", 1] } }] },
);

describe.each(Object.entries(makes))("%s", (name, make) => {
  for (const [claim, check] of Object.entries(samplerContract)) {
    test(claim, () => check(() => ({ sampler: make(), space: plain })));

    test(`${claim}, under a constraint`, () => check(() => ({ sampler: make(), space: tied })));

    test(`${claim}, over any space`, () =>
      fc.assert(
        fc.asyncProperty(fc.oneof(anySpace, anyConditionalSpace), async (searched) => {
          fc.pre(searched.variables.length > 0 && (name !== "grid_search" || isFinite(searched)));
          await check(() => ({ sampler: make(), space: searched }));
        }),
        { numRuns: 8, seed: 5 },
      ));
  }
});

function isFinite(searched: Space): boolean {
  try {
    enumerateConfigurations(searched);
    return true;
  } catch {
    return false;
  }
}
