import { expect, test } from "vitest";
import { cached, metered } from "#models/wrappers";
import { ModelError } from "#programs";
import type { ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";

const ask = (content: string): ModelRequest => ({ messages: [{ role: "user", content }] });

test("a meter counts answers with their usage and latency, failures by code, and what was abandoned", async () => {
  const clock = fakeClock();
  const model = metered(
    talkingModel(async ({ messages }, _, { signal }) => {
      const word = messages[0]?.content ?? "";
      await clock.sleep(Number(word), { signal });
      if (word === "7") throw new ModelError("rate_limited", "slow down");
      if (word === "8") throw new TypeError("oops");
      return "ok";
    }),
    { clock },
  );
  const controller = new AbortController();
  const calls = Promise.allSettled([
    model.generate(ask("100")),
    model.generate(ask("300")),
    model.generate(ask("7")),
    model.generate(ask("7")),
    model.generate(ask("8")),
    model.generate(ask("999"), { signal: controller.signal }),
    model.embed?.(["a"]),
  ]);
  await clock.advance(500);
  controller.abort();
  await calls;
  expect(model.metered()).toEqual({
    asked: 7,
    answered: 3,
    abandoned: 1,
    usage: { calls: 3, inputTokens: 7, outputTokens: 4, usd: 0 },
    cacheHits: 0,
    errors: { rate_limited: 2, other: 1 },
    latencyMs: { mean: 400 / 3, max: 300 },
  });
});

test("streams count when their reply comes, and as abandoned when they are left before", async () => {
  const model = metered(talkingModel());
  for await (const _ of model.stream?.(ask("a")) ?? []);
  for await (const _ of model.stream?.(ask("a")) ?? []) break;
  expect(model.metered()).toMatchObject({ asked: 2, answered: 1, abandoned: 1, usage: { calls: 1 } });
});

test("outside of a cache a meter tells its hits", async () => {
  const model = metered(cached(talkingModel()));
  for (const word of ["a", "b", "a", "a"]) await model.generate(ask(word));
  expect(model.metered()).toMatchObject({ answered: 4, cacheHits: 2, usage: { calls: 2 } });
});

test("before the first call everything is 0", () => {
  expect(metered(talkingModel()).metered().latencyMs).toEqual({ mean: 0, max: 0 });
});
