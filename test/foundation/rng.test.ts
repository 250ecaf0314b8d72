import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { integerBelow, pick, sampleItems, seededRng, shuffle, systemRng } from "#foundation";
import type { Rng } from "#foundation";

fc.configureGlobal({ seed: 20 });

const draw = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.next());
const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const label = fc.string({ maxLength: 8 });

describe("a seeded stream", () => {
  test("is the same on every machine", () => {
    expect(draw(seededRng(1), 3)).toMatchInlineSnapshot(`
      [
        0.3983756600539925,
        0.7702224596973701,
        0.9376261972158993,
      ]
    `);
    expect(draw(seededRng("tutti").fork("a"), 2)).toMatchInlineSnapshot(`
      [
        0.5920769640991617,
        0.2772039617706169,
      ]
    `);
  });

  test("is told apart by its seed, a number's from the same text's too", () => {
    const seeds = [1, "1", 2, "", " ", -1, 1.5, "a", "b", "ab", "ba"];
    expect(new Set(seeds.map((seed) => draw(seededRng(seed), 4).join())).size).toBe(seeds.length);
  });

  test("is uniform in [0, 1): the counts of 100 boxes pass a χ² test", () => {
    const rng = seededRng("uniform");
    const boxes = Array.from({ length: 100 }, () => 0);
    let sum = 0;
    for (let count = 0; count < 100_000; count++) {
      const value = rng.next();
      sum += value;
      const box = Math.floor(value * 100);
      boxes[box] = (boxes[box] ?? Number.NaN) + 1;
    }
    const chiSquare = boxes.reduce((total, seen) => total + (seen - 1000) ** 2 / 1000, 0);
    expect(boxes).toHaveLength(100);
    expect(chiSquare).toBeGreaterThan(60);
    expect(chiSquare).toBeLessThan(150);
    expect(sum / 100_000).toBeCloseTo(0.5, 2);
  });

  test("the first numbers of neighbouring seeds are uniform and unrelated", () => {
    const firsts = Array.from({ length: 5000 }, (_, seed) => seededRng(seed).next());
    const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
    const products = firsts.slice(1).map((value, index) => (value - 0.5) * ((firsts[index] ?? Number.NaN) - 0.5));
    const lag = products.reduce((sum, product) => sum + product, 0) / products.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.abs(lag * 12)).toBeLessThan(0.05);
  });
});

describe("forks", () => {
  test("a fork's stream does not shift when numbers are drawn or other forks are added before it", () => {
    fc.assert(
      fc.property(label, fc.array(fc.oneof(label, fc.nat(20)), { maxLength: 8 }), (name, before) => {
        const alone = draw(seededRng("s").fork(name), 5);
        const crowded = seededRng("s");
        for (const step of before) draw(typeof step === "number" ? crowded : crowded.fork(step), Number(step) || 3);
        expect(draw(crowded.fork(name), 5)).toEqual(alone);
      }),
    );
  });

  test("forking leaves the stream that was forked where it was", () => {
    const [plain, forked] = [seededRng(7), seededRng(7)];
    forked.fork("a").next();
    expect(draw(forked, 3)).toEqual(draw(plain, 3));
  });

  test("different paths of labels are different streams, however the labels are cut", () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 4 }), fc.array(label, { maxLength: 4 }), (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const at = (path: string[]): number[] =>
          draw(
            path.reduce((rng, name) => rng.fork(name), seededRng(0)),
            3,
          );
        expect(at(one)).not.toEqual(at(other));
      }),
    );
    const nested = seededRng(0).fork("a").fork("b");
    expect(draw(seededRng(0).fork("a/1:b"), 3)).not.toEqual(draw(nested, 3));
  });

  test("a seed that looks like a path of forks is a stream of its own", () => {
    expect(draw(seededRng("x/1:a"), 3)).not.toEqual(draw(seededRng("x").fork("a"), 3));
  });

  test("system streams differ from each other", () => {
    expect(draw(systemRng(), 3)).not.toEqual(draw(systemRng(), 3));
  });
});

describe("what is drawn from a stream", () => {
  const items = fc.uniqueArray(fc.integer(), { maxLength: 30 });

  test("an integer below a limit reaches every value and no other", () => {
    const rng = seededRng("dice");
    const seen = new Set(Array.from({ length: 500 }, () => integerBelow(rng, 6)));
    expect(ascending([...seen])).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a pick is one of the items", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(), (list, seed) => {
        expect(list).toContain(pick(seededRng(seed), list));
      }),
    );
  });

  test("a shuffle is a permutation and leaves the list alone", () => {
    fc.assert(
      fc.property(items, fc.nat(), (list, seed) => {
        const before = [...list];
        const shuffled = shuffle(seededRng(seed), list);
        expect(ascending(shuffled)).toEqual(ascending(list));
        expect(list).toEqual(before);
      }),
    );
  });

  test("every order of three items is as frequent as any other", () => {
    const rng = seededRng("orders");
    const counts = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const order = shuffle(rng, ["a", "b", "c"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("a sample has distinct items, as many as asked for or as there are", () => {
    fc.assert(
      fc.property(items, fc.nat(40), fc.nat(), (list, count, seed) => {
        const sample = sampleItems(seededRng(seed), list, count);
        expect(sample).toHaveLength(Math.min(count, list.length));
        expect(new Set(sample).size).toBe(sample.length);
        expect(sample.every((item) => list.includes(item))).toBe(true);
      }),
    );
  });

  test("a sample of less than nothing is nothing", () => {
    expect(sampleItems(seededRng(1), [1, 2, 3], -1)).toEqual([]);
  });
});
