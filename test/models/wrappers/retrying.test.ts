import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { retrying } from "#models/wrappers";
import { ModelError } from "#programs";
import type { ModelErrorOptions, ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";
import type { Talk, TalkingModel } from "../fixtures/talking-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };
const down = (options: ModelErrorOptions = { retryable: true }): ModelError =>
  new ModelError("unavailable", "down", options);

/** Chance that always says the same. */
const always = (value: number): Rng => ({ next: () => value, fork: () => always(value) });

/** Fails so many times, then answers. */
const failing =
  (times: number, error: () => Error = down): Talk =>
  (_, index) => {
    if (index < times) throw error();
    return "well done";
  };

/** When each try was made. */
function timedModel(talk: Talk): {
  readonly model: TalkingModel;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly tries: number[];
} {
  const clock = fakeClock();
  const tries: number[] = [];
  const model = talkingModel((asked, index, options) => {
    tries.push(clock.now());
    return talk(asked, index, options);
  });
  return { model, clock, tries };
}

test("a failure that may mend is tried again, with pauses whose bound doubles", async () => {
  const { model, clock, tries } = timedModel(failing(3));
  const answer = retrying(model, { baseMs: 100, clock, rng: always(0.5) }).generate(request);
  await clock.advance(10_000);
  expect((await answer).text).toBe("well done");
  expect(tries).toEqual([0, 50, 150, 350]);
});

test("pauses are uniform below their bound, and never above the longest", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 4000 }),
      async (seed, baseMs, maxMs) => {
        const { model, clock, tries } = timedModel(failing(5));
        const answer = retrying(model, { maxAttempts: 6, baseMs, maxMs, clock, rng: seededRng(seed) }).generate(
          request,
        );
        await clock.advance(40_000);
        await answer;
        for (const [index, at] of tries.slice(1).entries()) {
          const pause = at - (tries[index] ?? 0);
          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(Math.min(maxMs, baseMs * 2 ** index) + 1e-6);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("the last failure is the caller's, after as many tries as were allowed", async () => {
  const { model, clock, tries } = timedModel(failing(9));
  const answer = retrying(model, { maxAttempts: 3, clock }).generate(request);
  const failed = expect(answer).rejects.toMatchObject({ code: "unavailable", message: "down" });
  await clock.advance(100_000);
  await failed;
  expect(tries).toHaveLength(3);
});

test.each([
  [2000, 2000],
  [90_000, 30_000],
])("a Retry-After of %i ms is waited for, but no longer than the longest pause: %i", async (retryAfterMs, waited) => {
  const { model, clock, tries } = timedModel(failing(1, () => down({ retryable: true, retryAfterMs })));
  const answer = retrying(model, { clock, rng: always(0) }).generate(request);
  await clock.advance(100_000);
  await answer;
  expect(tries).toEqual([0, waited]);
});

test.each([
  ["a model's error that no other try mends", down({ retryable: false })],
  ["an error that is no model's", new TypeError("x is not a function")],
])("%s is not tried again", async (_, error) => {
  const { model, tries } = timedModel(failing(1, () => error));
  await expect(retrying(model).generate(request)).rejects.toBe(error);
  expect(tries).toHaveLength(1);
});

test("an abort ends a pause with its reason, and no further try is made", async () => {
  const { model, clock, tries } = timedModel(failing(9));
  const controller = new AbortController();
  const reason = new Error("enough");
  const answer = retrying(model, { clock, rng: always(1) }).generate(request, { signal: controller.signal });
  const failed = expect(answer).rejects.toBe(reason);
  await clock.advance(0);
  controller.abort(reason);
  await failed;
  await clock.advance(100_000);
  expect(tries).toHaveLength(1);
  expect(clock.pending()).toBe(0);
});

test.each([true, false])("a failure that comes with the abort (retryable: %s) is the abort", async (retryable) => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const { model, tries } = timedModel(() => {
    controller.abort(reason);
    throw down({ retryable });
  });
  await expect(retrying(model).generate(request, { signal: controller.signal })).rejects.toBe(reason);
  expect(tries).toHaveLength(1);
});

test("a stream is tried again while nothing of it was handed on", async () => {
  const { model, clock } = timedModel(failing(2));
  const texts: string[] = [];
  const reading = (async () => {
    for await (const chunk of retrying(model, { clock }).stream?.(request) ?? [])
      if (chunk.type === "text") texts.push(chunk.text);
  })();
  await clock.advance(10_000);
  await reading;
  expect(texts.join("")).toBe("well done");
  expect(model.asked).toHaveLength(3);
});

test("a stream that breaks after its first piece is the caller's, for the piece cannot be taken back", async () => {
  let streams = 0;
  const model = retrying(
    talkingModel(undefined, {
      async *stream() {
        streams++;
        yield { type: "text", text: "well " };
        throw down();
      },
    }),
  );
  const reading = async (): Promise<void> => {
    for await (const _ of model.stream?.(request) ?? []);
  };
  await expect(reading()).rejects.toMatchObject({ code: "unavailable" });
  expect(streams).toBe(1);
});

test("vectors are tried again as well", async () => {
  const clock = fakeClock();
  let calls = 0;
  const model = talkingModel(undefined, {
    embed: async () => {
      if (calls++ === 0) throw down();
      return { vectors: [[1]], usage: { calls: 1, inputTokens: 1, outputTokens: 0, usd: 0 } };
    },
  });
  const answer = retrying(model, { clock }).embed?.(["a"]);
  await clock.advance(10_000);
  expect((await answer)?.vectors).toEqual([[1]]);
});

test.each([{ maxAttempts: 0 }, { maxAttempts: 1.5 }, { baseMs: -1 }, { maxMs: Number.NaN }])(
  "%j is refused at once",
  (options) => {
    expect(() => retrying(talkingModel(), options)).toThrow(UsageError);
  },
);
