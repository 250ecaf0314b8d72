import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { retrying, withTimeout } from "#models/wrappers";
import type { ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };
const never = (): Promise<never> => new Promise(() => {});

test("a model that takes too long is given up, told so, and may be tried again", async () => {
  const clock = fakeClock();
  const model = talkingModel(never);
  const answer = withTimeout(model, { ms: 500, clock }).generate(request);
  const failed = expect(answer).rejects.toMatchObject({
    code: "timeout",
    retryable: true,
    message: "talking: no answer within 500 ms",
  });
  await clock.advance(499);
  expect(model.signals[0]?.aborted).toBe(false);
  await clock.advance(1);
  await failed;
  expect(model.signals[0]?.aborted).toBe(true);
});

test("an answer in time leaves no timer behind", async () => {
  const clock = fakeClock();
  const answer = await withTimeout(talkingModel(), { ms: 500, clock }).generate(request);
  expect(answer.text).toBe("you said Hi");
  await clock.advance(0);
  expect(clock.pending()).toBe(0);
});

test("inside of retrying each try has its own time", async () => {
  const clock = fakeClock();
  const model = talkingModel((_, index) => (index < 2 ? never() : "at last"));
  const patient = retrying(withTimeout(model, { ms: 500, clock }), { baseMs: 1, clock });
  const answer = patient.generate(request);
  await clock.advance(1500);
  expect((await answer).text).toBe("at last");
});

test("an abort ends the call with its reason, although the model does not listen", async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const reason = new Error("enough");
  const answer = withTimeout(talkingModel(never), { ms: 500, clock }).generate(request, { signal: controller.signal });
  const failed = expect(answer).rejects.toBe(reason);
  await clock.advance(0);
  controller.abort(reason);
  await failed;
  expect(clock.pending()).toBe(0);
});

test("of a stream each piece has its time: a long one that goes on is not given up, one that stops is", async () => {
  const clock = fakeClock();
  const model = talkingModel(undefined, {
    async *stream() {
      for (let word = 0; word < 5; word++) {
        await clock.sleep(400);
        yield { type: "text", text: `${word}` };
      }
      await never();
    },
  });
  const texts: string[] = [];
  const reading = (async () => {
    for await (const chunk of withTimeout(model, { ms: 500, clock }).stream?.(request) ?? [])
      if (chunk.type === "text") texts.push(chunk.text);
  })();
  const failed = expect(reading).rejects.toMatchObject({ code: "timeout" });
  await clock.advance(3000);
  await failed;
  expect(texts.join("")).toBe("01234");
});

test("a consumer that takes its time is no timeout", async () => {
  const clock = fakeClock();
  let text = "";
  for await (const chunk of withTimeout(talkingModel(), { ms: 500, clock }).stream?.(request) ?? []) {
    await clock.advance(10_000);
    if (chunk.type === "text") text += chunk.text;
  }
  expect(text).toBe("you said Hi");
});

test("a time that is none is refused at once", () => {
  expect(() => withTimeout(talkingModel(), { ms: 0 })).toThrow(UsageError);
  expect(() => withTimeout(talkingModel(), {} as { ms: number })).toThrow(/withTimeout: ms: expected a number above 0/);
});
