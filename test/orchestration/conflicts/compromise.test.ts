import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bordaPoints,
  bordaWinner,
  monotonicConcession,
  nashBargain,
  weightedMean,
  weightedMedian,
} from "#orchestration";

fc.configureGlobal({ seed: 53 });

const many = { numRuns: 500 };
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const wishes = fc.array(fc.record({ value: number, weight: fc.integer({ min: 1, max: 9 }) }), {
  minLength: 1,
  maxLength: 9,
});

describe("the mean and the median of numbers", () => {
  test("are the common value if all agree, and never beyond the wishes", () => {
    fc.assert(
      fc.property(wishes, number, (all, common) => {
        const same = all.map((wish) => ({ ...wish, value: common }));
        const values = all.map(({ value }) => value);
        for (const middle of [weightedMean, weightedMedian]) {
          expect(middle(same)).toBe(common);
          expect(middle(all)).toBeGreaterThanOrEqual(Math.min(...values));
          expect(middle(all)).toBeLessThanOrEqual(Math.max(...values));
          expect(middle(all.toReversed())).toBeCloseTo(middle(all) ?? 0, 6);
        }
      }),
      many,
    );
  });

  test("do not overflow, and are nothing without weight", () => {
    const huge = [Number.MAX_VALUE, Number.MAX_VALUE].map((value) => ({ value, weight: Number.MAX_VALUE }));
    expect(weightedMean(huge)).toBe(Number.MAX_VALUE);
    expect(weightedMedian(huge)).toBe(Number.MAX_VALUE);
    expect([weightedMean([]), weightedMedian([])]).toEqual([undefined, undefined]);
    expect(weightedMean([{ value: 1, weight: 0 }])).toBeUndefined();
    expect(weightedMedian([{ value: 1, weight: 0 }])).toBeUndefined();
  });

  test("leave the median among the honest when less than half of the weight lies", () => {
    const honest = fc.array(number, { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(honest, fc.array(number, { maxLength: 8 }), (truths, lies) => {
        const liars = lies.slice(0, truths.length - 1);
        const median = weightedMedian([...truths, ...liars].map((value) => ({ value, weight: 1 })));
        expect(median).toBeGreaterThanOrEqual(Math.min(...truths));
        expect(median).toBeLessThanOrEqual(Math.max(...truths));
      }),
      many,
    );
  });

  test("let half of the weight move the median past the others, and one liar the mean to the end of what it may say", () => {
    const all = (lie: number): { value: number; weight: number }[] =>
      [0, 1, lie, lie].map((value) => ({ value, weight: 1 }));
    expect(weightedMedian(all(1e6))).toBeGreaterThan(1);
    expect(weightedMean([0, 1, 3e6].map((value) => ({ value, weight: 1 })))).toBeGreaterThan(1e6);
  });

  test("give nobody a median nearer to its peak for a lie, where the number of agents is odd", () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 2, maxLength: 8 }), number, number, (others, peak, lie) => {
        const rest = others.slice(0, others.length - (others.length % 2));
        const medianWith = (own: number): number =>
          weightedMedian([...rest, own].map((value) => ({ value, weight: 1 }))) ?? 0;
        expect(Math.abs(medianWith(lie) - peak)).toBeGreaterThanOrEqual(Math.abs(medianWith(peak) - peak));
      }),
      many,
    );
  });
});

const candidates = 5;
const utilities = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: candidates, maxLength: candidates });
const bargainers = fc.array(fc.record({ utilities, disagreement: fc.integer({ min: -8, max: 4 }) }), {
  minLength: 1,
  maxLength: 4,
});

describe("a Nash bargain", () => {
  test("gives everyone at least the disagreement value, and leaves nothing that is better for one and worse for none", () => {
    fc.assert(
      fc.property(bargainers, (all) => {
        const chosen = nashBargain(all, candidates);
        const gains = (place: number): number[] => all.map((one) => (one.utilities[place] ?? 0) - one.disagreement);
        const places = Array.from({ length: candidates }, (_, place) => place);
        const acceptable = places.filter((place) => gains(place).every((gain) => gain >= 0));
        expect(chosen === undefined).toBe(acceptable.length === 0);
        if (chosen === undefined) return;
        const own = gains(chosen);
        expect(acceptable).toContain(chosen);
        const product = (place: number): number => gains(place).reduce((all_, gain) => all_ * gain, 1);
        for (const other of acceptable) {
          expect(product(other)).toBeLessThanOrEqual(product(chosen));
          const theirs = gains(other);
          const isBetter =
            theirs.every((gain, index) => gain >= (own[index] ?? 0)) &&
            theirs.some((gain, index) => gain > (own[index] ?? 0));
          expect(isBetter).toBe(false);
        }
      }),
      many,
    );
  });

  test("does not change with the scale of a utility, nor with the order of the agents, nor without what was not chosen", () => {
    fc.assert(
      fc.property(
        bargainers,
        fc.constantFrom(2, 8, 0.5),
        fc.integer({ min: -64, max: 64 }),
        fc.nat({ max: 4 }),
        (all, scale, shift, dropped) => {
          const chosen = nashBargain(all, candidates);
          const [first, ...rest] = all;
          if (first === undefined) return;
          const scaled = {
            utilities: first.utilities.map((u) => u * scale + shift),
            disagreement: first.disagreement * scale + shift,
          };
          const product = (place: number | undefined): number =>
            place === undefined
              ? -1
              : all.reduce((total, one) => total * ((one.utilities[place] ?? 0) - one.disagreement), 1);
          expect(product(nashBargain([scaled, ...rest], candidates))).toBe(product(chosen));
          expect(product(nashBargain(all.toReversed(), candidates))).toBe(product(chosen));
          if (chosen === undefined || chosen === dropped) return;
          const without = all.map((one) => ({ ...one, utilities: one.utilities.toSpliced(dropped, 1) }));
          expect(nashBargain(without, candidates - 1)).toBe(dropped < chosen ? chosen - 1 : chosen);
        },
      ),
      many,
    );
  });
});

describe("a monotonic concession", () => {
  test("comes to what was offered earlier by all together, when two are agreed in one round", () => {
    const [first, second] = [
      [0, 1],
      [1, 0],
    ];
    const all = [first, first, second].map((own, index) => ({ agent: `${index}`, utilities: own, reservation: 0 }));
    const { agreed, rounds } = monotonicConcession(all, 2);
    expect([agreed, rounds.length]).toEqual([1, 2]);
  });

  const negotiators = fc.array(
    fc.record({ agent: fc.string({ maxLength: 3 }), utilities, reservation: fc.integer({ min: -8, max: 8 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );

  test("never offers an agent's own better again, nor below its reservation, and ends within the candidates", () => {
    fc.assert(
      fc.property(negotiators, (all) => {
        const { agreed, rounds } = monotonicConcession(all, candidates);
        expect(rounds.length).toBeLessThanOrEqual(candidates);
        for (const [index, one] of all.entries()) {
          const worth = rounds.map((offers) => one.utilities[offers[index]?.candidate ?? 0] ?? 0);
          expect(worth).toEqual(worth.toSorted((a, b) => b - a));
          for (const offered of worth) expect(offered).toBeGreaterThanOrEqual(one.reservation);
          if (agreed !== undefined) expect(one.utilities[agreed]).toBeGreaterThanOrEqual(one.reservation);
        }
        const places = Array.from({ length: candidates }, (_, place) => place);
        const acceptable = places.some((place) => all.every((one) => (one.utilities[place] ?? 0) >= one.reservation));
        expect(agreed !== undefined).toBe(acceptable);
      }),
      many,
    );
  });
});

describe("Borda's count", () => {
  test("hands out the same points for every ranking, shared by those that are not named", () => {
    expect(bordaPoints(["a", "b", "c", "d"], [{ order: ["c"], weight: 2 }])).toEqual([2, 2, 6, 2]);
    expect(bordaPoints(["a", "b"], [{ order: ["z", "b"], weight: 1 }])).toEqual([0, 1]);
    expect(
      bordaWinner(
        ["a", "b"],
        [
          { order: ["a"], weight: 1 },
          { order: ["b"], weight: 1 },
        ],
      ),
    ).toBe(0);
    expect([bordaWinner([], []), bordaWinner(["a"], [])]).toEqual([undefined, undefined]);
    const items = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
    fc.assert(
      fc.property(items, fc.array(items, { maxLength: 6 }), (named, orders) => {
        const points = bordaPoints(
          named,
          orders.map((order) => ({ order, weight: 1 })),
        );
        const each = (named.length * (named.length - 1)) / 2;
        expect(points.reduce((total, one) => total + one, 0)).toBeCloseTo(each * orders.length, 9);
      }),
      many,
    );
  });
});
