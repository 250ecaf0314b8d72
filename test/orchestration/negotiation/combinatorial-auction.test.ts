import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { auction, combinatorialAuction } from "#orchestration";

fc.configureGlobal({ seed: 96 });

type Bundle = Parameters<typeof combinatorialAuction>[0][number];
type Language = "xor" | "or";

const bundles = (maxLength: number): fc.Arbitrary<Bundle[]> =>
  fc.array(
    fc.record({
      bidder: fc.constantFrom("a", "b", "c", "d"),
      items: fc.subarray(["w", "x", "y", "z"], { minLength: 1 }),
      amount: fc.nat({ max: 20 }),
    }),
    { minLength: 1, maxLength },
  );
const language = fc.constantFrom<Language>("xor", "or");

function isFeasible(chosen: readonly Bundle[], how: Language): boolean {
  const items = chosen.flatMap((each) => each.items);
  if (new Set(items).size < items.length) return false;
  return how === "or" || new Set(chosen.map(({ bidder }) => bidder)).size === chosen.length;
}

/** The first bid of everyone for the same items. */
function distinct(bids: readonly Bundle[]): Bundle[] {
  return [...new Map(bids.toReversed().map((bid) => [`${bid.bidder} ${[...bid.items].sort().join()}`, bid])).values()];
}

/** Of all subsets, the best. */
function bruteForce(bids: readonly Bundle[], how: Language): number {
  let best = 0;
  for (let set = 0; set < 2 ** bids.length; set++) {
    const chosen = bids.filter((_, index) => (set >> index) & 1);
    if (isFeasible(chosen, how))
      best = Math.max(
        best,
        chosen.reduce((sum, { amount }) => sum + amount, 0),
      );
  }
  return best;
}

test("everything to the best packing, at what the others lose by it", () => {
  const sold = combinatorialAuction([
    { bidder: "ann", items: ["x", "y"], amount: 10 },
    { bidder: "bob", items: ["x"], amount: 7 },
    { bidder: "cy", items: ["y"], amount: 6 },
  ]);
  expect(sold).toMatchObject({
    welfare: 13,
    payments: { ann: 0, bob: 4, cy: 3 },
    pricing: "vcg",
    isExact: true,
    gap: 0,
  });
});

describe("up to twelve bids", () => {
  test("welfare and payments are those of brute force; 0 ≤ payment ≤ bid", () => {
    fc.assert(
      fc.property(bundles(12), language, (bids, how) => {
        const sold = combinatorialAuction(bids, { language: how });
        if (!sold.ok) throw new Error("sold");
        const accepted = distinct(bids);
        expect(isFeasible(sold.winners, how)).toBe(true);
        expect(sold.welfare).toBe(bruteForce(accepted, how));
        for (const [bidder, payment] of Object.entries(sold.payments)) {
          const own = sold.winners.filter((each) => each.bidder === bidder).reduce((sum, each) => sum + each.amount, 0);
          const without = bruteForce(
            accepted.filter((each) => each.bidder !== bidder),
            how,
          );
          expect(payment).toBe(own === 0 && payment === 0 ? 0 : without - (sold.welfare - own));
          expect(payment).toBeGreaterThanOrEqual(0);
          expect(payment).toBeLessThanOrEqual(own);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("no other bid is worth more than the truth", () => {
    fc.assert(
      fc.property(bundles(8), fc.nat({ max: 30 }), fc.record({ x: fc.nat({ max: 5 }) }), (bids, lie, reserve) => {
        const [first, ...others] = distinct(bids);
        if (first === undefined) return;
        const rivals = others.filter(({ bidder }) => bidder !== first.bidder);
        const gain = (amount: number): number => {
          const sold = combinatorialAuction([{ ...first, amount }, ...rivals], { reserve });
          if (!sold.ok || !sold.winners.some(({ bidder }) => bidder === first.bidder)) return 0;
          return first.amount - (sold.payments[first.bidder] ?? 0);
        };
        expect(gain(first.amount)).toBeGreaterThanOrEqual(gain(lie));
      }),
      { numRuns: 500 },
    );
  });

  test("no order matters", () => {
    fc.assert(
      fc.property(bundles(9).map(distinct), language, (bids, how) => {
        const [sold, turned] = [bids, bids.toReversed()].map((each) => combinatorialAuction(each, { language: how }));
        expect(turned).toMatchObject({ welfare: sold?.ok && sold.welfare, winners: sold?.ok && sold.winners });
        expect(sold?.ok && sold.payments).toEqual(turned?.ok && turned.payments);
      }),
      { numRuns: 300 },
    );
  });

  test("one item is Vickrey's auction, with its reserve", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 }),
        fc.nat({ max: 20 }),
        (amounts, reserve) => {
          const bids = amounts.map((amount, index) => ({ bidder: `b${index}`, amount }));
          const vickrey = auction({ id: "one", format: "second_price", reserve }, bids);
          const sold = combinatorialAuction(
            bids.map((bid) => ({ ...bid, items: ["it"] })),
            { reserve: { it: reserve } },
          );
          if (!vickrey.ok || !sold.ok) {
            expect(sold.ok).toBe(vickrey.ok);
            return;
          }
          expect(sold.winners.map(({ bidder }) => bidder)).toEqual([vickrey.winner]);
          expect(sold.payments[vickrey.winner]).toBe(vickrey.price);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("with more bids than are exact it says so, with how much it may have missed, and winners pay their bids", () => {
  fc.assert(
    fc.property(bundles(12), language, (bids, how) => {
      const sold = combinatorialAuction(bids, { language: how, maxExactBids: 0 });
      if (!sold.ok) throw new Error("sold");
      expect(sold).toMatchObject({ isExact: false, pricing: "pay_as_bid" });
      expect(isFeasible(sold.winners, how)).toBe(true);
      expect(sold.welfare + sold.gap).toBeGreaterThanOrEqual(bruteForce(distinct(bids), how));
      expect(Object.values(sold.payments).reduce((sum, paid) => sum + paid, 0)).toBe(sold.welfare);
    }),
    { numRuns: 150 },
  );
  const sixteen = Array.from({ length: 16 }, (_, index) => ({
    bidder: `b${index}`,
    items: [`i${index % 5}`],
    amount: index,
  }));
  expect(combinatorialAuction(sixteen)).toMatchObject({ isExact: false, welfare: 65, gap: 0 });
  expect(combinatorialAuction(sixteen.slice(1))).toMatchObject({ isExact: true, welfare: 65 });
});

test("bids that are none do not count and are named", () => {
  const good = { bidder: "a", items: ["x"], amount: 3 };
  const bad = [
    { bidder: "b", items: [], amount: 3 },
    { bidder: "c", items: ["x", "x"], amount: 3 },
    { bidder: "d", items: ["x"], amount: Number.NaN },
    { bidder: "a", items: ["x"], amount: 9 },
  ];
  const sold = combinatorialAuction([good, good, ...bad]);
  expect(sold).toMatchObject({ winners: [good], welfare: 3, payments: { a: 0 } });
  expect(sold.ok && sold.rejected.map(({ bidder }) => bidder)).toEqual(["b", "c", "d", "a"]);
  expect(combinatorialAuction([])).toMatchObject({ ok: false, error: { code: "no_bids" } });
  expect(combinatorialAuction([good], { reserve: { x: 4 } })).toMatchObject({
    ok: false,
    error: { code: "below_reserve" },
  });
  expect(() => combinatorialAuction([good], { maxExactBids: 99 })).toThrow(UsageError);
});
