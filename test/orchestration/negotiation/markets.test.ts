import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError, seededRng } from "#foundation";
import { callMarket, doubleAuction, nextPrices, tatonnement } from "#orchestration";

fc.configureGlobal({ seed: 97 });

type Order = Parameters<typeof callMarket>[0][number];

const many = { numRuns: 500 };

function order(id: string, side: Order["side"], quantity: number, price: number): Order {
  return { id, trader: `trader of ${id}`, side, resource: "tokens", price, quantity };
}

const batch: fc.Arbitrary<Order[]> = fc
  .array(
    fc.record({
      side: fc.constantFrom<Order["side"]>("buy", "sell"),
      price: fc.nat({ max: 15 }),
      quantity: fc.integer({ min: 1, max: 9 }),
      resource: fc.constantFrom("tokens", "slots"),
      at: fc.nat({ max: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) => list.map((each, index) => ({ id: `o${index}`, trader: `t${index % 4}`, ...each })));
const margin = fc.constantFrom<"time" | "pro_rata">("time", "pro_rata");

describe("the double auction of pairs (A34, in hundredths)", () => {
  test("10@5 and 6@4 meet 8@3 and 6@4.5: 8@4 and 2@4.75, with 6@4 and 4@4.5 left", () => {
    const orders = [
      order("b1", "buy", 10, 500),
      order("b2", "buy", 6, 400),
      order("s1", "sell", 8, 300),
      order("s2", "sell", 6, 450),
    ];
    const { trades, remaining } = doubleAuction(orders);
    expect(trades).toEqual([
      { buy: "b1", sell: "s1", resource: "tokens", quantity: 8, price: 400 },
      { buy: "b1", sell: "s2", resource: "tokens", quantity: 2, price: 475 },
    ]);
    expect(remaining).toEqual([order("b2", "buy", 6, 400), order("s2", "sell", 4, 450)]);
  });

  test("goods are conserved, prices between the limits, and nobody is left who could trade", () => {
    fc.assert(
      fc.property(batch, (orders) => {
        const { trades, remaining } = doubleAuction(orders);
        const known = new Map(orders.map((each) => [each.id, each]));
        const traded = new Map<string, number>();
        for (const { buy, sell, quantity, price, resource } of trades) {
          for (const id of [buy, sell]) traded.set(id, (traded.get(id) ?? 0) + quantity);
          const [bid, ask] = [known.get(buy), known.get(sell)];
          expect([bid?.resource, ask?.resource]).toEqual([resource, resource]);
          expect(price).toBeLessThanOrEqual(bid?.price ?? -1);
          expect(price).toBeGreaterThanOrEqual(ask?.price ?? Infinity);
        }
        for (const { id, quantity } of orders) {
          const left = remaining.find((each) => each.id === id)?.quantity ?? 0;
          expect(left + (traded.get(id) ?? 0)).toBe(quantity);
        }
        for (const bid of remaining.filter(({ side }) => side === "buy"))
          for (const ask of remaining.filter(({ side, resource }) => side === "sell" && resource === bid.resource))
            expect(bid.price).toBeLessThan(ask.price);
      }),
      many,
    );
  });
});

/** Demand, supply and what of them can be traded at a price. */
function at(orders: readonly Order[], price: number): { readonly volume: number; readonly left: number } {
  const total = (side: Order["side"]): number =>
    orders
      .filter((each) => each.side === side && (side === "buy" ? each.price >= price : each.price <= price))
      .reduce((sum, { quantity }) => sum + quantity, 0);
  return { volume: Math.min(total("buy"), total("sell")), left: Math.abs(total("buy") - total("sell")) };
}

describe("the call market", () => {
  test("has one price, the middle of those with the largest volume and the least left over", () => {
    const orders = [
      order("b1", "buy", 10, 10),
      order("b2", "buy", 5, 7),
      order("s1", "sell", 8, 4),
      order("s2", "sell", 4, 8),
    ];
    // At 7: 15 wanted, 8 offered. At 8: 10 and 12. Only 8 to 10 trade ten.
    expect(callMarket(orders).markets).toMatchObject([{ price: 9, volume: 10, fills: { b1: 10, s1: 8, s2: 2 } }]);
  });

  test("volume, what is left over and the price are those of trying every price", () => {
    fc.assert(
      fc.property(batch, margin, (orders, how) => {
        for (const { resource, price, volume } of callMarket(orders, { margin: how }).markets) {
          const own = orders.filter((each) => each.resource === resource);
          const calls = Array.from({ length: 17 }, (_, each) => ({ price: each, ...at(own, each) }));
          const largest = Math.max(...calls.map((call) => call.volume));
          expect(volume).toBe(largest);
          if (price === null) {
            expect(largest).toBe(0);
            return;
          }
          const best = calls.filter((call) => call.volume === largest);
          const least = Math.min(...best.map(({ left }) => left));
          const prices = best.filter(({ left }) => left === least).map((call) => call.price);
          expect(price).toBe(Math.floor((Math.min(...prices) + Math.max(...prices)) / 2));
        }
      }),
      many,
    );
  });

  test("bought is sold, limits are kept, better prices go first, and nobody is left who could trade", () => {
    fc.assert(
      fc.property(batch, margin, (orders, how) => {
        for (const { resource, price, volume, fills, trades } of callMarket(orders, { margin: how }).markets) {
          const own = orders.filter((each) => each.resource === resource);
          const filled = (side: Order["side"]): number =>
            own.filter((each) => each.side === side).reduce((sum, { id }) => sum + (fills[id] ?? 0), 0);
          expect([filled("buy"), filled("sell")]).toEqual([volume, volume]);
          expect(trades.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(volume);
          for (const each of own) {
            const fill = fills[each.id] ?? 0;
            expect(fill).toBeLessThanOrEqual(each.quantity);
            const better = own.filter(
              ({ side, price: limit }) =>
                side === each.side && (side === "buy" ? limit > each.price : limit < each.price),
            );
            if (fill > 0) for (const { id, quantity } of better) expect(fills[id]).toBe(quantity);
            if (fill > 0 && price !== null)
              expect(each.side === "buy" ? each.price >= price : each.price <= price).toBe(true);
          }
          const open = own.filter(({ id, quantity }) => (fills[id] ?? 0) < quantity);
          for (const bid of open.filter(({ side }) => side === "buy"))
            for (const ask of open.filter(({ side }) => side === "sell")) expect(bid.price).toBeLessThan(ask.price);
        }
      }),
      many,
    );
  });

  test("no order of arrival matters, doubled orders count once, cancelled ones not at all", () => {
    fc.assert(
      fc.property(batch, margin, (orders, how) => {
        const called = callMarket(orders, { margin: how });
        expect(callMarket(orders.toReversed(), { margin: how })).toEqual(called);
        expect(callMarket([...orders, ...orders], { margin: how })).toEqual(called);
        const gone = orders.slice(0, 3).map(({ id }) => id);
        expect(callMarket(orders, { margin: how, cancelled: [...gone, ...gone] })).toEqual(
          callMarket(orders.slice(3), { margin: how }),
        );
      }),
      many,
    );
  });

  test("at the last price the earlier go first, or all in proportion", () => {
    const orders = [
      { ...order("b1", "buy", 6, 5), at: 2 },
      { ...order("b2", "buy", 3, 5), at: 1 },
      order("s", "sell", 6, 5),
    ];
    expect(callMarket(orders).markets[0]?.fills).toEqual({ b2: 3, b1: 3, s: 6 });
    expect(callMarket(orders, { margin: "pro_rata" }).markets[0]?.fills).toEqual({ b2: 2, b1: 4, s: 6 });
  });

  test("what is no order is named", () => {
    const bad = [
      order("half", "buy", 1.5, 5),
      order("negative", "sell", 1, -1),
      order("nan", "sell", 1, Number.NaN),
      order("twin", "buy", 1, 1),
      order("twin", "buy", 2, 1),
    ];
    expect(callMarket(bad).rejected.map(({ id }) => id)).toEqual(["half", "negative", "nan", "twin"]);
    expect(callMarket([])).toEqual({ markets: [], rejected: [] });
  });
});

/** Spends a share of what one has on each good. */
const cobbDouglas =
  (shares: Record<string, number>, owned: Record<string, number>) =>
  (prices: Readonly<Record<string, number>>): Record<string, number> => {
    const wealth = Object.entries(owned).reduce((sum, [good, amount]) => sum + amount * (prices[good] ?? 0), 0);
    return Object.fromEntries(
      Object.entries(shares).map(([good, share]) => [
        good,
        (share * wealth) / (prices[good] ?? 0) - (owned[good] ?? 0),
      ]),
    );
  };

/** Wants two goods in equal amounts and owns one of the first (Scarf 1960). */
const scarf =
  (own: string, other: string) =>
  (prices: Readonly<Record<string, number>>): Record<string, number> => {
    const amount = (prices[own] ?? 0) / ((prices[own] ?? 0) + (prices[other] ?? 0));
    return { x: 0, y: 0, z: 0, [own]: amount - 1, [other]: amount };
  };

describe("tâtonnement", () => {
  test("finds the prices of random Cobb–Douglas economies", async () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = seededRng(seed);
      const people = Object.fromEntries(
        Array.from({ length: 3 }, (_, index) => {
          const share = 0.2 + 0.6 * rng.next();
          const owned = { x: 0.5 + rng.next(), y: 0.5 + rng.next() };
          return [`p${index}`, { share, owned }] as const;
        }),
      );
      const agents = Object.fromEntries(
        Object.entries(people).map(
          ([name, { share, owned }]) => [name, cobbDouglas({ x: share, y: 1 - share }, owned)] as const,
        ),
      );
      const found = await tatonnement({ x: 1, y: 1 }, agents, { step: 0.1, tolerance: 1e-8 });
      expect(found.converged).toBe(true);
      expect(found.walrasGap).toBeLessThan(1e-9);
      // Money spent on x is what x is worth: Σ a·(px·ex + py·ey) = px·Σ ex.
      const all = Object.values(people);
      const sum = (part: (each: (typeof all)[number]) => number): number =>
        all.reduce((total, each) => total + part(each), 0);
      const ratio = sum(({ share, owned }) => share * owned.y) / sum(({ share, owned }) => (1 - share) * owned.x);
      expect((found.prices["x"] ?? 0) / (found.prices["y"] ?? 1)).toBeCloseTo(ratio, 5);
    }
  });

  test("says that Scarf's economy does not converge", async () => {
    const agents = { a: scarf("x", "y"), b: scarf("y", "z"), c: scarf("z", "x") };
    const found = await tatonnement({ x: 1, y: 1.2, z: 0.9 }, agents, { maxRounds: 3_000 });
    expect(found).toMatchObject({ converged: false, rounds: 3_000 });
    expect(found.residual).toBeGreaterThan(0.01);
    expect(found.walrasGap).toBeLessThan(1e-9);
    expect((await tatonnement({ x: 1, y: 1, z: 1 }, agents)).converged).toBe(true);
  });

  test("stands still while somebody's demand is missing, and gives up in the end", async () => {
    const asked: number[] = [];
    let isSilent = true;
    const buyer = cobbDouglas({ x: 0.5, y: 0.5 }, { x: 1, y: 0 });
    const agents = {
      a: (prices: Readonly<Record<string, number>>) => {
        asked.push(prices["x"] ?? 0);
        return buyer(prices);
      },
      b: (prices: Readonly<Record<string, number>>) => {
        if (isSilent && asked.length > 1) throw new Error("away");
        return cobbDouglas({ x: 0.7, y: 0.3 }, { x: 0, y: 1 })(prices);
      },
    };
    const lost = await tatonnement({ x: 1, y: 1 }, agents, { maxStalls: 4 });
    expect(lost).toMatchObject({ converged: false, rounds: 5 });
    expect(lost.absent).toHaveLength(4);
    expect(new Set(asked.slice(1)).size).toBe(1);
    // Whoever is there wants nothing more: not the same as everyone.
    const half = await tatonnement({ x: 1 }, { a: () => ({ x: 0 }), b: () => ({ x: Number.NaN }) });
    expect(half).toMatchObject({ converged: false, rounds: 3 });
    isSilent = false;
    expect((await tatonnement({ x: 1, y: 1 }, agents)).converged).toBe(true);
  });

  test("prices never fall below 0; an unwanted good is free", async () => {
    expect(nextPrices({ x: 0.1, y: 1 }, { x: -9, y: 1 }, 0.5)).toEqual({ x: 0, y: 1.5 });
    const agents = { a: () => ({ x: 0, rubbish: -1 }) };
    expect(await tatonnement({ x: 1, rubbish: 0.2 }, agents)).toMatchObject({
      converged: true,
      prices: { x: 1, rubbish: 0 },
    });
    await expect(tatonnement({}, agents)).rejects.toThrow(UsageError);
    await expect(tatonnement({ x: 1 }, agents, { step: -1 })).rejects.toThrow(UsageError);
  });
});
