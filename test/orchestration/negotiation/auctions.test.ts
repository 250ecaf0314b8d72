import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { auction, auctionLog, bidCommitment, replayAuction, runAuction } from "#orchestration";
import { fakeClock } from "tutti/testing";

fc.configureGlobal({ seed: 95 });

type Rules = Parameters<typeof auction>[0];
type MaxBid = Parameters<typeof auction>[1][number];
type Bidder = Parameters<typeof runAuction>[1][string];

const many = { numRuns: 500 };
const three: MaxBid[] = [
  { bidder: "coder", amount: 5 },
  { bidder: "creative", amount: 8 },
  { bidder: "reviewer", amount: 3 },
];
const formats = ["first_price", "second_price", "english", "dutch"] as const;

function rulesOf(format: (typeof formats)[number], more: object = {}): Rules {
  return { id: "one", format, ...(format === "dutch" ? { start: 200 } : {}), ...more } as Rules;
}

const bidsOf = (max: number): fc.Arbitrary<MaxBid[]> =>
  fc
    .array(fc.nat({ max }), { minLength: 1, maxLength: 7 })
    .map((amounts) => amounts.map((amount, index) => ({ bidder: `b${index}`, amount })));

describe("bids of 5, 8 and 3 (A26, A27)", () => {
  test.each([
    ["first_price", 8],
    ["second_price", 5],
    ["english", 6],
    ["dutch", 8],
  ] as const)("%s: creative pays %d, the others nothing", (format, price) => {
    const payments = { coder: 0, creative: price, reviewer: 0 };
    expect(auction(rulesOf(format), three)).toEqual({ ok: true, winner: "creative", price, payments, rejected: [] });
  });

  test.each(formats)("%s: nobody, no sale; one alone, the reserve where rivals set the price", (format) => {
    expect(auction(rulesOf(format), [])).toMatchObject({ ok: false, error: { code: "no_bids" } });
    const price = format === "first_price" || format === "dutch" ? 8 : 2;
    expect(auction(rulesOf(format, { reserve: 2 }), [{ bidder: "a", amount: 8 }])).toMatchObject({
      winner: "a",
      price,
    });
    expect(auction(rulesOf(format, { reserve: 9 }), three).ok).toBe(false);
  });

  test.each(formats)("%s: two equal top bids end by the rule fixed before", (format) => {
    const bids = [
      { bidder: "zoe", amount: 8, at: 1 },
      { bidder: "ann", amount: 8, at: 2 },
    ];
    expect(auction(rulesOf(format), bids)).toMatchObject({ winner: "zoe", price: 8 });
    expect(auction(rulesOf(format, { ties: { by: "order", order: ["ann", "zoe"] } }), bids)).toMatchObject({
      winner: "ann",
    });
    const lots = ["1", "2", "3", "4", "5", "6", "7", "8"].map((seed) => {
      const rules = rulesOf(format, { ties: { by: "seed", seed } });
      expect(auction(rules, bids.toReversed())).toMatchObject(auction(rules, bids));
      const sold = auction(rules, bids);
      return sold.ok && sold.winner;
    });
    expect(new Set(lots).size).toBe(2);
  });
});

describe("every auction", () => {
  test.each(formats)(
    "%s: sells to an accepted bidder, between the reserve and the bid; losers pay nothing",
    (format) => {
      fc.assert(
        fc.property(bidsOf(30), fc.nat({ max: 20 }), fc.integer({ min: 1, max: 4 }), (bids, reserve, step) => {
          const sold = auction(rulesOf(format, { reserve, increment: step, decrement: step }), bids);
          const top = Math.max(...bids.map(({ amount }) => amount));
          if (!sold.ok) {
            expect(top).toBeLessThan(reserve + step);
            return;
          }
          const won = bids.find(({ bidder }) => bidder === sold.winner)?.amount ?? -1;
          expect(sold.price).toBeLessThanOrEqual(won);
          expect(sold.price).toBeGreaterThanOrEqual(reserve);
          expect(won).toBeGreaterThan(top - step);
          for (const [bidder, paid] of Object.entries(sold.payments))
            expect(paid).toBe(bidder === sold.winner ? sold.price : 0);
        }),
        many,
      );
    },
  );

  test.each(formats)(
    "%s: no order matters beyond ties, doubled entries count once, and its log in JSON replays",
    (format) => {
      fc.assert(
        fc.property(bidsOf(12), (bids) => {
          const sold = auction(rulesOf(format), bids);
          const turned = auction(rulesOf(format), bids.toReversed());
          expect(turned).toMatchObject(sold.ok ? { winner: sold.winner, price: sold.price } : { ok: false });
          const log = auctionLog(rulesOf(format), bids);
          const doubled = { ...log, entries: [...log.entries, ...log.entries] };
          expect(replayAuction(JSON.parse(JSON.stringify(log)) as typeof log)).toEqual(sold);
          expect(replayAuction(doubled)).toEqual(sold);
        }),
        many,
      );
    },
  );

  test("second price: no other bid is worth more than the truth", () => {
    fc.assert(
      fc.property(bidsOf(30), fc.nat({ max: 40 }), fc.nat({ max: 10 }), (bids, lie, reserve) => {
        const rules = rulesOf("second_price", { reserve });
        const gain = (told: number): number => {
          const sold = auction(rules, [{ bidder: "b0", amount: told }, ...bids.slice(1)]);
          return sold.ok && sold.winner === "b0" ? (bids[0]?.amount ?? 0) - sold.price : 0;
        };
        expect(gain(bids[0]?.amount ?? 0)).toBeGreaterThanOrEqual(gain(lie));
      }),
      many,
    );
  });

  test("English: the highest value wins, within one increment of the second price", () => {
    fc.assert(
      fc.property(bidsOf(40), (bids) => {
        const [english, vickrey] = [auction(rulesOf("english"), bids), auction(rulesOf("second_price"), bids)];
        if (!english.ok || !vickrey.ok) {
          expect(english.ok).toBe(vickrey.ok);
          return;
        }
        expect(english.winner).toBe(vickrey.winner);
        expect(english.price - vickrey.price).toBeGreaterThanOrEqual(0);
        expect(english.price - vickrey.price).toBeLessThanOrEqual(1);
      }),
      many,
    );
  });

  test("strangers, money that is none and second bids do not count and are named", () => {
    const log = auctionLog(rulesOf("second_price"), three);
    const entries = [
      ...log.entries,
      { type: "bid", bidder: "stranger", amount: 99, at: 0 },
      { type: "bid", bidder: "coder", amount: 9, at: 1 },
      { type: "taken", bidder: "coder", price: 9, at: 1 },
    ] as const;
    const sold = replayAuction({
      ...log,
      entries: [{ type: "bid", bidder: "reviewer", amount: 0.5, at: 0 }, ...entries],
    });
    expect(sold).toMatchObject({ winner: "creative", price: 5 });
    expect(sold.ok && sold.rejected.map(({ bidder }) => bidder)).toEqual(["stranger", "reviewer", "coder", "coder"]);
    expect(() => auction({ id: "x", format: "english", increment: 0 }, three)).toThrow(UsageError);
    expect(() => auction({ id: "x", format: "first_price", reserve: 0.5 }, three)).toThrow(UsageError);
  });
});

const truthful =
  (value: number): Bidder =>
  (question) => {
    if (question.type === "bid") return value;
    return question.type === "stay" || question.type === "take" ? question.price <= value : null;
  };

describe("bidders that really bid", () => {
  test.each(formats)("%s: come to what their max bids come to", async (format) => {
    const rules = rulesOf(format, { maxRounds: 50, start: 20 });
    const run = await runAuction(
      rules,
      { coder: truthful(5), creative: truthful(8), reviewer: truthful(3) },
      { clock: fakeClock() },
    );
    expect(run.result).toEqual(auction(rules, three));
    expect(replayAuction(run.log)).toEqual(run.result);
    expect(run.absent).toEqual([]);
  });

  test("are out of the English auction when they throw, are late or talk rubbish", async () => {
    const clock = fakeClock();
    const running = runAuction(
      { id: "x", format: "english", maxRounds: 50 },
      {
        creative: truthful(8),
        coder: truthful(5),
        broken: () => "yes",
        slow: (question) => (question.type === "stay" && question.price === 2 ? new Promise(() => {}) : true),
      },
      { clock, timeoutMs: 10 },
    );
    for (let turns = 0; turns < 20; turns++) await clock.advance(10);
    const { result, absent } = await running;
    expect(result).toMatchObject({ winner: "creative", price: 6 });
    expect(absent.map(({ agent, reason }) => `${agent} ${reason}`)).toEqual(["broken invalid", "slow late"]);
  });

  test("cannot change the rules, nor what others are asked", async () => {
    const cheat: Bidder = (question) => {
      Object.assign(question.rules, { reserve: 0, format: "first_price" });
      return 3;
    };
    const { result, log } = await runAuction(
      { id: "x", format: "second_price", reserve: 2 },
      { cheat, ann: truthful(1) },
    );
    expect(result).toMatchObject({ winner: "cheat", price: 2 });
    expect(log.rules).toEqual({ id: "x", format: "second_price", reserve: 2 });
  });

  test("that would bid for ever come to an end", async () => {
    const forever: Bidder = () => true;
    const { result } = await runAuction({ id: "x", format: "english", maxRounds: 7 }, { a: forever, b: forever });
    expect(result).toMatchObject({ winner: "a", price: 6 });
    await expect(runAuction({ id: "x", format: "english" }, { a: forever })).rejects.toThrow(UsageError);
  });
});

test("a running auction can be ended", async () => {
  const ending = new AbortController();
  const signals: AbortSignal[] = [];
  const stuck: Bidder = async (_, signal) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const running = runAuction(
    { id: "x", format: "first_price" },
    { a: stuck, b: truthful(3) },
    { signal: ending.signal },
  );
  ending.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

describe("under random delays and losses of answers", () => {
  // How many milliseconds each answer takes, one after another and from the first again; after more than 10 it is late.
  const delays = fc.array(fc.array(fc.nat({ max: 14 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 4,
  });

  test.each(formats)(
    "%s: sold once at most, to one who was in time, at no more than they said; the log tells the same",
    async (format) => {
      const reserve = 2;
      await fc.assert(
        fc.asyncProperty(delays, bidsOf(9), async (waits, bids) => {
          const clock = fakeClock();
          let isOver = false;
          const said: string[] = [];
          const delayed = ({ bidder, amount }: MaxBid, index: number): Bidder => {
            let count = 0;
            return async (question, signal) => {
              const own = waits[index % waits.length] ?? [];
              const wait = own[count++ % own.length] ?? 0;
              await clock.sleep(wait);
              const answer: unknown = truthful(amount)(question, signal);
              const price = "price" in question ? question.price : answer;
              if (wait <= 10 && answer !== false) said.push(`${bidder} ${String(price)}`);
              return answer;
            };
          };
          const bidders = Object.fromEntries(bids.map((bid, index) => [bid.bidder, delayed(bid, index)] as const));
          const rules = {
            ...rulesOf(format, { reserve, maxRounds: 20 }),
            ...(format === "dutch" ? { start: 10 } : {}),
          };
          const running = runAuction(rules, bidders, { clock, timeoutMs: 10 }).finally(() => {
            isOver = true;
          });
          while (!isOver) await clock.advance(1);
          const { result, log, absent } = await running;
          expect(replayAuction(log)).toEqual(result);
          for (const { reason } of absent) expect(reason).toBe("late");
          if (!result.ok) return;
          const paid = Object.entries(result.payments).filter(([, payment]) => payment > 0);
          expect(paid).toEqual([[result.winner, result.price]]);
          expect(result.price).toBeGreaterThanOrEqual(reserve);
          const worth = bids.find(({ bidder }) => bidder === result.winner)?.amount;
          expect(result.price).toBeLessThanOrEqual(worth ?? -1);
          expect(said).toContain(`${result.winner} ${format === "second_price" ? worth : result.price}`);
        }),
        { numRuns: 125 },
      );
    },
  );
});

describe("commitments", () => {
  const rules = { id: "sealed", format: "second_price", isCommitted: true } as const;
  const sealed =
    (bidder: string, amount: number, told: number | null = amount): Bidder =>
    (question) => {
      const nonce = `secret of ${bidder}`;
      if (question.type === "commitment") return bidCommitment({ auction: question.rules.id, bidder, amount, nonce });
      return told === null ? null : { amount: told, nonce };
    };

  test("hide bids until all are there", async () => {
    const run = await runAuction(rules, {
      coder: sealed("coder", 5),
      creative: sealed("creative", 8),
      reviewer: sealed("reviewer", 3),
    });
    expect(run.result).toMatchObject({ winner: "creative", price: 5, rejected: [] });
    const kinds = run.log.entries.map(({ type }) => type);
    expect(kinds).toEqual([...kinds.slice(0, 3).fill("commitment"), ...kinds.slice(3).fill("reveal")]);
    expect(replayAuction(run.log)).toEqual(run.result);
  });

  test("bind: another amount, another's commitment and silence are no bids", async () => {
    const copied = sealed("creative", 8);
    const run = await runAuction(rules, {
      coder: sealed("coder", 5),
      creative: sealed("creative", 8, 9),
      copier: copied,
      mute: sealed("mute", 7, null),
    });
    expect(run.result).toMatchObject({ winner: "coder", price: 0 });
    const void_ = run.result.ok ? run.result.rejected.map(({ bidder }) => bidder) : [];
    expect([...new Set(void_)].sort()).toEqual(["copier", "creative", "mute"]);
  });

  test("made after a bid was revealed do not count", async () => {
    const { log } = await runAuction(rules, { coder: sealed("coder", 5), late: () => null });
    const nonce = "n";
    const commitment = bidCommitment({ auction: "sealed", bidder: "late", amount: 6, nonce });
    const entries = [
      ...log.entries,
      { type: "commitment", bidder: "late", commitment, at: 9 },
      { type: "reveal", bidder: "late", amount: 6, nonce, at: 9 },
    ] as const;
    expect(replayAuction({ ...log, entries })).toMatchObject({ winner: "coder", price: 0 });
  });
});
