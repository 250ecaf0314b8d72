import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choice, float, integer } from "#variables";
import type { Variable } from "#variables";
import type {
  DefineResult,
  ExpectedVersion,
  Resolution,
  ScopeText,
  SetResult,
  VariableRegistry,
} from "#variables/registry";
import { ReferenceRegistry, sight } from "./reference-registry.ts";
import { ear, openRegistry, sharedStores } from "./shared-store.ts";
import type { Ear } from "./shared-store.ts";

fc.configureGlobal({ seed: 20 });

interface Stage {
  /** Two registries on one store, by turns. */
  readonly registry: VariableRegistry;
  readonly reference: ReferenceRegistry;
  readonly ears: (Ear & { readonly expected: readonly string[] })[];
}

interface Step {
  readonly words: string;
  readonly run: (stage: Stage) => Promise<void>;
}

const names = ["x", "team.x", "y"];
const end = "the-end";
const scope = fc.constantFrom(...Object.keys(sight)) as fc.Arbitrary<ScopeText>;
const name = fc.constantFrom(...names);
const variable: fc.Arbitrary<Variable> = fc.tuple(name, fc.nat(4)).map(([of, form]) => {
  if (form === 0) return choice(of, ["low", 1, 2]);
  if (form === 1) return integer(of, { min: 0, max: 9 });
  return float(of, { min: form - 2, max: 3 });
});
const value = fc.constantFrom<unknown>(0, 1, 2, 3, 0.5, "low", null, Number.NaN);
const version: fc.Arbitrary<ExpectedVersion> = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant("any"));
const patterns: readonly (readonly [pattern: string, fits: readonly string[]])[] = [
  ["**", names],
  ["*", ["x", "y"]],
  ["team.*", ["team.x"]],
  ["y", ["y"]],
];

const written = (answer: DefineResult | SetResult): string => (answer.ok ? `ok ${answer.version}` : answer.code);
const found = (answer: Resolution): string =>
  answer.ok ? `${answer.scope} ${answer.version} ${JSON.stringify(answer.value)}` : answer.code;

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc
    .tuple(scope, variable, fc.boolean(), fc.option(version, { nil: undefined }))
    .map(([at, what, flag, seen]): Step => ({
      words: `define ${JSON.stringify(what)} in ${at} over ${seen}`,
      run: async ({ registry, reference }) => {
        const options = { orchestration: flag, ...(seen === undefined ? {} : { version: seen }) };
        expect(written(await registry.define(at, what, options))).toBe(reference.define(at, what, flag, seen));
      },
    })),
  fc.tuple(scope, name, value, version).map(([at, of, what, seen]): Step => ({
    words: `set ${of} in ${at} to ${String(what)} over ${seen}`,
    run: async ({ registry, reference }) => {
      expect(written(await registry.set(at, of, what, { version: seen }))).toBe(reference.set(at, of, what, seen));
    },
  })),
  fc.tuple(scope, name).map(([at, of]): Step => ({
    words: `resolve ${of} in ${at}`,
    run: async ({ registry, reference }) => {
      expect(found(await registry.resolve(of, at))).toBe(reference.resolve(of, at, false));
      expect(found(await registry.resolveForCoordination(of, at))).toBe(reference.resolve(of, at, true));
      expect(await registry.configurationOf(at)).toEqual(reference.configurationOf(at, names));
    },
  })),
  fc.tuple(scope, name, fc.integer({ min: 1, max: 4 })).map(([at, of, limit]): Step => ({
    words: `the last ${limit} versions of ${of} in ${at}`,
    run: async ({ registry, reference }) => {
      const versions = await registry.history(at, of, { limit }).catch(() => []);
      expect(versions.map((each) => each.value)).toEqual(reference.history(at, of, limit));
    },
  })),
  fc.tuple(scope, fc.constantFrom(...patterns)).map(([at, [pattern, fits]]): Step => ({
    words: `subscribe to ${pattern} in ${at}`,
    run: async ({ registry, reference, ears }) => {
      const own = ear();
      const expected = reference.subscribe((where, what) => (sight[at] ?? []).includes(where) && fits.includes(what));
      await registry.subscribe(at, pattern, own.listener);
      ears.push({ ...own, expected });
    },
  })),
);

describe.each(sharedStores)("on %s", (where, make) => {
  test("two registries on one store are the reference, call by call and change by change", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 40 }),
      async (steps) => {
        const shared = make();
        await using first = await openRegistry(shared);
        await using second = await openRegistry(shared);
        const reference = new ReferenceRegistry();
        const ears: Stage["ears"] = [];
        for (const [{ run, words }, isFirst] of steps) {
          const { registry } = isFirst ? first : second;
          await run({ registry, reference, ears }).catch((error: unknown) => {
            throw new Error(words, { cause: error });
          });
        }
        // One change that every registry hears comes last: whatever was told twice or late has come by then.
        const last = [ear(), ear()];
        for (const [index, { registry }] of [first, second].entries())
          await registry.subscribe("federation", end, last[index]?.listener ?? (() => {}));
        await first.registry.define("federation", integer(end, { min: 0, max: 1 }));
        await Promise.all(last.map(({ until }) => until(1)));
        for (const { heard, expected } of ears) expect(heard.filter((told) => !told.includes(end))).toEqual(expected);
      },
    );
    await fc.assert(property, { numRuns: where === "memory" ? 150 : 25 });
  });
});
