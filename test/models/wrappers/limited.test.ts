import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { limited } from "#models/wrappers";
import { ModelError } from "#programs";
import type { ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";
import type { TalkingModel } from "../fixtures/talking-model.ts";

const ask = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: "user", content }],
  ...more,
});

interface Slow {
  readonly model: TalkingModel;
  readonly clock: ReturnType<typeof fakeClock>;
  /** Who was asked when. */
  readonly starts: { readonly content: string; readonly at: number }[];
  /** The most calls at once. */
  readonly most: () => number;
}

/** A model that takes its time. */
function slowModel(ms: number): Slow {
  const clock = fakeClock();
  const starts: { content: string; at: number }[] = [];
  let [running, most] = [0, 0];
  const model = talkingModel(async ({ messages }, _, { signal }) => {
    starts.push({ content: messages[0]?.content ?? "", at: clock.now() });
    most = Math.max(most, ++running);
    try {
      await clock.sleep(ms, { signal });
    } finally {
      running--;
    }
    return "ok";
  });
  return { model, clock, starts, most: () => most };
}

describe("calls at once", () => {
  test("are never more than the limit, and start in the order in which they came", async () => {
    const { model, clock, starts, most } = slowModel(100);
    const gate = limited(model, { concurrency: 3, clock });
    const words = Array.from({ length: 10 }, (_, index) => `${index}`);
    const answers = Promise.all(words.map((word) => gate.generate(ask(word))));
    expect(gate.waiting()).toBe(7);
    await clock.advance(400);
    await answers;
    expect(most()).toBe(3);
    expect(starts.map(({ content }) => content)).toEqual(words);
  });

  test("count a stream until it ends or is left", async () => {
    const gate = limited(talkingModel(), { concurrency: 1 });
    for await (const _ of gate.stream?.(ask("a")) ?? []) break;
    for await (const _ of gate.stream?.(ask("b")) ?? []);
    expect((await gate.generate(ask("c"))).text).toBe("you said c");
    const streaming = gate.stream?.(ask("d"))[Symbol.asyncIterator]();
    await streaming?.next();
    const blocked = gate.generate(ask("e"));
    expect(gate.waiting()).toBe(1);
    await streaming?.return?.();
    expect((await blocked).text).toBe("you said e");
  });

  test("are let go by a call that failed", async () => {
    const gate = limited(
      talkingModel((_, index) => {
        if (index === 0) throw new ModelError("unavailable", "down");
        return "up";
      }),
      { concurrency: 1 },
    );
    await expect(gate.generate(ask("a"))).rejects.toThrow("down");
    expect((await gate.generate(ask("b"))).text).toBe("up");
  });
});

test("no minute, wherever it begins, sees more calls than the limit", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 20 }),
      async (callsPerMinute, pauses) => {
        const { model, clock, starts } = slowModel(10);
        const gate = limited(model, { callsPerMinute, clock });
        const answers: Promise<unknown>[] = [];
        for (const pause of pauses) {
          answers.push(gate.generate(ask("x")));
          await clock.advance(pause);
        }
        await clock.advance(60_000 * pauses.length);
        await Promise.all(answers);
        const times = starts.map(({ at }) => at);
        expect(times).toHaveLength(pauses.length);
        for (const [index, at] of times.entries()) {
          const before = times[index - callsPerMinute];
          if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(60_000);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("a call starts as soon as the limit allows, not later", async () => {
  const { model, clock, starts } = slowModel(10);
  const gate = limited(model, { callsPerMinute: 2, clock });
  const answers = Promise.all(["a", "b", "c", "d"].map((word) => gate.generate(ask(word))));
  await clock.advance(30_000);
  const late = gate.generate(ask("e"));
  await clock.advance(200_000);
  await Promise.all([answers, late]);
  expect(starts.map(({ at }) => at)).toEqual([0, 0, 60_000, 60_000, 120_000]);
});

describe("tokens in a minute", () => {
  test("are estimated before a call and settled after it", async () => {
    const { model, clock, starts } = slowModel(0);
    // Estimated 100 each, in truth 3 (the word and the answer): the third fits as soon as the first two are settled.
    const gate = limited(model, { tokensPerMinute: 250, estimateTokens: () => 100, clock });
    const answers = Promise.all(["a", "b", "c"].map((word) => gate.generate(ask(word))));
    expect(gate.waiting()).toBe(1);
    await clock.advance(1);
    await answers;
    expect(starts.map(({ at }) => at)).toEqual([0, 0, 0]);
  });

  test("that were spent hold the queue until the minute is over", async () => {
    const { model, clock, starts } = slowModel(0);
    const gate = limited(model, {
      tokensPerMinute: 20,
      estimateTokens: ({ messages }) => messages[0]?.content.length ?? 0,
      clock,
    });
    const answers = Promise.all(["x".repeat(16), "y".repeat(10), "z"].map((word) => gate.generate(ask(word))));
    await clock.advance(59_999);
    // The little one does not overtake: whoever came first goes first.
    expect(starts).toHaveLength(1);
    await clock.advance(100_000);
    await answers;
    expect(starts.map(({ at }) => at)).toEqual([0, 60_000, 60_000]);
  });

  test("are given back as the calls of a minute ago leave, one by one", async () => {
    const { model, clock, starts } = slowModel(0);
    const gate = limited(model, { tokensPerMinute: 20, estimateTokens: () => 10, clock });
    // Ten tokens each, eight of the word and two of the answer.
    const answers = ["1", "2", "3", "4"].map((word) => () => gate.generate(ask(word.repeat(8))));
    const all: Promise<unknown>[] = [];
    for (const answer of answers) {
      all.push(answer());
      await clock.advance(30_000);
    }
    await clock.advance(60_000);
    await Promise.all(all);
    expect(starts.map(({ at }) => at)).toEqual([0, 30_000, 60_000, 90_000]);
  });

  test("that one call alone exceeds let it through in an empty minute: it would never start otherwise", async () => {
    const { model, clock, starts } = slowModel(0);
    const gate = limited(model, { tokensPerMinute: 10, estimateTokens: () => 1000, clock });
    const answers = Promise.all([gate.generate(ask("x".repeat(30))), gate.generate(ask("y".repeat(30)))]);
    await clock.advance(60_000);
    await answers;
    expect(starts.map(({ at }) => at)).toEqual([0, 60_000]);
  });

  test("count the answer, tools and attachments in the estimate", async () => {
    const clock = fakeClock();
    const gate = limited(
      talkingModel(() => new Promise<string>(() => {})),
      { tokensPerMinute: 1200, clock },
    );
    const started = (request: ModelRequest): number => {
      gate.generate(request).catch(() => {});
      return gate.waiting();
    };
    expect(started(ask("a", { maxTokens: 1000 }))).toBe(0);
    expect(started(ask("b", { maxTokens: 1000 }))).toBe(1);
    await clock.advance(0);
  });
});

test("an abort leaves the queue at once, and those behind move up", async () => {
  const { model, clock, starts } = slowModel(100);
  const gate = limited(model, { concurrency: 1, clock });
  const controller = new AbortController();
  const reason = new Error("enough");
  const first = gate.generate(ask("a"));
  const aborted = gate.generate(ask("b"), { signal: controller.signal });
  const last = gate.generate(ask("c"));
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  expect(gate.waiting()).toBe(1);
  await clock.advance(200);
  await Promise.all([first, last]);
  expect(starts.map(({ content }) => content)).toEqual(["a", "c"]);
  expect(clock.pending()).toBe(0);
});

test("a refusal with Retry-After holds the whole queue for that long, at most a minute", async () => {
  const clock = fakeClock();
  const starts: number[] = [];
  const model = talkingModel((_, index) => {
    starts.push(clock.now());
    if (index === 0) throw new ModelError("rate_limited", "slow down", { retryable: true, retryAfterMs: 3_600_000 });
    return "ok";
  });
  const gate = limited(model, { concurrency: 1, clock });
  await expect(gate.generate(ask("a"))).rejects.toMatchObject({ code: "rate_limited" });
  const next = gate.generate(ask("b"));
  await clock.advance(60_000);
  await next;
  expect(starts).toEqual([0, 60_000]);
});

test.each([{ concurrency: 0 }, { callsPerMinute: 0.5 }, { tokensPerMinute: -1 }])(
  "%j is refused at once",
  (options) => {
    expect(() => limited(talkingModel(), options)).toThrow(UsageError);
  },
);
