import fc from "fast-check";
import { expect, test } from "vitest";
import { choice, prefixedSpace, sampleConfiguration, space, validateConfiguration } from "#variables";
import { enumerateConfigurations, spaceSize } from "#variables/search";
import type { Configuration } from "#variables";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import { anySmallSpace, anyWholeSpace } from "./any-space.ts";

fc.configureGlobal({ seed: 20 });

const prefixed = (configuration: Configuration): Configuration =>
  Object.fromEntries(Object.entries(configuration).map(([path, value]) => [`coder/${path}`, value as string]));

test("a prefixed space has the configurations of the space under prefixed paths", () => {
  fc.assert(
    fc.property(anyWholeSpace, fc.nat(), (any, seed) => {
      const sample = prefixed(sampleConfiguration(any, seededRng(seed)));
      expect(validateConfiguration(prefixedSpace(any, "coder/"), sample)).toEqual({ ok: true, configuration: sample });
    }),
    { numRuns: 100 },
  );
});

test("and no others, since conditions, constraints and what is computed ask for prefixed paths too", () => {
  fc.assert(
    fc.property(anySmallSpace, (any) => {
      const texts = (all: Iterable<Configuration>): string[] => [...all].map((each) => canonicalJson(each)).sort();
      expect(texts(enumerateConfigurations(prefixedSpace(any, "coder/")))).toEqual(
        texts(enumerateConfigurations(any).map(prefixed)),
      );
    }),
    { numRuns: 60 },
  );
});

test("two of them stand beside each other", () => {
  fc.assert(
    fc.property(anySmallSpace, (any) => {
      const [one, other] = [prefixedSpace(any, "a/"), prefixedSpace(any, "b/")];
      const both = space([...one.variables, ...other.variables], {
        when: { ...one.when, ...other.when },
        constraints: [...(one.constraints ?? []), ...(other.constraints ?? [])],
      });
      expect(spaceSize(both)).toBe(spaceSize(any) ** 2);
    }),
    { numRuns: 60 },
  );
});

test("a prefix that makes no name is refused", () => {
  expect(() => prefixedSpace(space([choice("x", [1])]), "a b/")).toThrow(
    new UsageError(
      'variable name: expected a letter or underscore, then letters, digits, "_", ".", "-" or "/", got "a b/x"',
    ),
  );
});
