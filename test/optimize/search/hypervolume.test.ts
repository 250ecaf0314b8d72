import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRng, shuffle, UsageError } from "#foundation";
import { hypervolume, paretoRanks } from "#optimize";
import type { Objectives, ObjectiveValues } from "#optimize";

const names = ["a", "b", "c", "d"];
const size = 5;

/** Some objectives with any goals, and points on a small grid around a reference at its middle. */
const anyPoints = fc.integer({ min: 1, max: 4 }).chain((count) =>
  fc.record({
    objectives: fc
      .tuple(...names.slice(0, count).map(() => fc.constantFrom("maximize" as const, "minimize" as const)))
      .map((goals) => Object.fromEntries(goals.map((goal, at) => [names[at] as string, goal])) as Objectives),
    points: fc.array(
      fc
        .tuple(...names.slice(0, count).map(() => fc.integer({ min: -1, max: size })))
        .map(
          (values) => Object.fromEntries(values.map((value, at) => [names[at] as string, value])) as ObjectiveValues,
        ),
      { maxLength: 12 },
    ),
  }),
);

/** A point signed so that more is better. */
function signed(point: ObjectiveValues, objectives: Objectives): number[] {
  return Object.entries(objectives).map(([name, goal]) => Number(point[name]) * (goal === "maximize" ? 1 : -1));
}

function isDominated(one: readonly number[], by: readonly number[]): boolean {
  return by.every((value, at) => value >= Number(one[at])) && by.some((value, at) => value > Number(one[at]));
}

/** The reference from which points gain at most `size`, and some lose: 0, or close to the far end where less is better. */
function referenceOf(objectives: Objectives): ObjectiveValues {
  return Object.fromEntries(
    Object.entries(objectives).map(([name, goal]) => [name, goal === "maximize" ? 0 : size - 1]),
  );
}

/** How many cells of the grid at least one point covers. */
function cellsCovered(points: readonly ObjectiveValues[], objectives: Objectives): number {
  const reference = signed(referenceOf(objectives), objectives);
  const boxes = points.map((point) => signed(point, objectives).map((value, at) => value - Number(reference[at])));
  let covered = 0;
  for (let cell = 0; cell < size ** reference.length; cell++) {
    const corner = reference.map((_, at) => Math.floor(cell / size ** at) % size);
    if (boxes.some((box) => box.every((side, at) => side > Number(corner[at])))) covered++;
  }
  return covered;
}

describe("hypervolume", () => {
  const both: Objectives = { accuracy: "maximize", usd: "minimize" };

  test("is what a hand computes", () => {
    const points = [
      { accuracy: 0.25, usd: 1 },
      { accuracy: 0.5, usd: 2 },
      { accuracy: 1, usd: 3 },
    ];
    expect(hypervolume(points, { accuracy: 0, usd: 4 }, both)).toBe(0.25 * 3 + 0.25 * 2 + 0.5 * 1);
    expect(hypervolume([{ usd: 1.5 }, { usd: 3 }], { usd: 4 }, { usd: "minimize" })).toBe(2.5);
    const three: Objectives = { x: "maximize", y: "maximize", z: "maximize" };
    const corners = [
      { x: 1, y: 2, z: 3 },
      { x: 2, y: 3, z: 1 },
      { x: 3, y: 1, z: 2 },
    ];
    // Three boxes of 6, of which each two share 2 and all three 1.
    expect(hypervolume(corners, { x: 0, y: 0, z: 0 }, three)).toBe(18 - 6 + 1);
  });

  test("is the number of covered cells on a grid", () => {
    fc.assert(
      fc.property(anyPoints, ({ points, objectives }) => {
        expect(hypervolume(points, referenceOf(objectives), objectives)).toBe(cellsCovered(points, objectives));
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  test("is the same to the last bit in any order, and with any dominated point", () => {
    const anyShares = fc.array(
      fc.record({
        a: fc.double({ min: 0, max: 1, noNaN: true }),
        b: fc.double({ min: 0, max: 1, noNaN: true }),
        c: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 10 },
    );
    const objectives: Objectives = { a: "maximize", b: "minimize", c: "maximize" };
    const reference = { a: 0, b: 1, c: 0 };
    fc.assert(
      fc.property(anyShares, fc.nat(), (points, seed) => {
        const volume = hypervolume(points, reference, objectives);
        const rng = seededRng(seed);
        const worse = points.map(({ a, b, c }) => ({
          a: a * rng.next(),
          b: 1 - (1 - b) * rng.next(),
          c: c * rng.next(),
        }));
        expect(hypervolume(shuffle(rng, points), reference, objectives)).toBe(volume);
        expect(hypervolume(shuffle(rng, [...points, ...worse]), reference, objectives)).toBe(volume);
      }),
      { numRuns: 200, seed: 9 },
    );
  });

  test("grows with every point that is better than the reference and that no other one covers", () => {
    fc.assert(
      fc.property(anyPoints, ({ points, objectives }) => {
        const [added, ...others] = points;
        fc.pre(added !== undefined);
        const reference = referenceOf(objectives);
        const [gains, zero] = [signed(added, objectives), signed(reference, objectives)];
        const isCovered = others
          .map((other) => signed(other, objectives))
          .some((other) => other.every((value, at) => value >= Number(gains[at])));
        const isBetter = gains.every((value, at) => value > Number(zero[at]));
        const [before, after] = [others, points].map((some) => hypervolume(some, reference, objectives));
        if (isBetter && !isCovered) expect(after).toBeGreaterThan(Number(before));
        else expect(after).toBe(before);
      }),
      { numRuns: 300, seed: 10 },
    );
  });

  test("of nothing, and of what is no better than the reference, is 0", () => {
    const reference = { accuracy: 0.5, usd: 2 };
    expect(hypervolume([], reference, both)).toBe(0);
    expect(
      hypervolume(
        [
          { accuracy: 0.5, usd: 1 },
          { accuracy: 1, usd: 3 },
        ],
        reference,
        both,
      ),
    ).toBe(0);
  });

  test.each([
    ["no objectives", [], {}, {}, /hypervolume.objectives/],
    ["a goal that is none", [], { usd: 1 }, { usd: "down" }, /hypervolume.objectives.usd/],
    ["a reference without an objective", [], { usd: 1 }, both, /hypervolume.reference.accuracy/],
    ["a reference that is no number", [], { accuracy: Number.NaN, usd: 1 }, both, /hypervolume.reference.accuracy/],
    ["a point without an objective", [{ usd: 1 }], { accuracy: 0, usd: 1 }, both, /hypervolume.points\[0\].accuracy/],
    [
      "a point with another objective",
      [{ usd: 1, ms: 1 }],
      { usd: 1 },
      { usd: "minimize" },
      /hypervolume.points\[0\].ms/,
    ],
    ["a point at infinity", [{ usd: -Infinity }], { usd: 1 }, { usd: "minimize" }, /finite/],
    ["points that are none", { usd: 1 }, { usd: 1 }, { usd: "minimize" }, /hypervolume.points/],
    ["a volume beyond all numbers", [{ usd: -1e308 }], { usd: 1e308 }, { usd: "minimize" }, /too far apart/],
  ] as const)("of %s is refused", (_, points, reference, objectives, message) => {
    const attempt = (): number =>
      hypervolume(points as readonly ObjectiveValues[], reference, objectives as Objectives);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(UsageError);
  });
});

describe("paretoRanks", () => {
  test("peels one front after the other, as the definition says", () => {
    fc.assert(
      fc.property(anyPoints, ({ points, objectives }) => {
        const gains = points.map((point) => signed(point, objectives));
        const expected = points.map(() => -1);
        for (let rank = 0; expected.includes(-1); rank++) {
          const left = [...points.keys()].filter((place) => expected[place] === -1);
          const best = left.filter((one) => !left.some((by) => isDominated(gains[one] ?? [], gains[by] ?? [])));
          for (const place of best) expected[place] = rank;
        }
        expect(paretoRanks(points, objectives)).toEqual(expected);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test("refuses what hypervolume refuses", () => {
    expect(() => paretoRanks([{ usd: Number.NaN }], { usd: "minimize" })).toThrow(/paretoRanks.points\[0\].usd/);
    expect(() => paretoRanks([], {})).toThrow(UsageError);
    const none = { usd: 1 } as unknown as readonly ObjectiveValues[];
    expect(() => paretoRanks(none, { usd: "minimize" })).toThrow(/paretoRanks.points/);
  });
});
