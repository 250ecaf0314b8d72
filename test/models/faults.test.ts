import { describe, expect, onTestFinished, test } from "vitest";
import { integerBelow, seededRng } from "#foundation";
import { openAiCompatible } from "#models";
import {
  cached,
  cassette,
  circuitBreaker,
  fallback,
  limited,
  metered,
  priced,
  recorded,
  replayed,
  retrying,
  withTimeout,
} from "#models/wrappers";
import { evaluate, program, signature } from "#programs";
import type { LanguageModel, ModelErrorCode, ModelReply, ModelRequest, Module } from "#programs";
import { memoryStore } from "#storage/memory";
import { fakeClock } from "#testing";
import { openAiServer } from "./fixtures/openai-server.ts";
import type { OpenAiServer, Reaction } from "./fixtures/openai-server.ts";
import { skippingClock } from "./fixtures/skipping-clock.ts";
import { talkingModel } from "./fixtures/talking-model.ts";

const ask = (content: string): ModelRequest => ({ messages: [{ role: "user", content }] });
const good: Reaction = { does: "answer", text: "all is well" };
const busy = JSON.stringify({ error: { message: "slow down" } });

interface Fault {
  readonly reaction: Reaction;
  readonly code: ModelErrorCode;
  /** Pieces of a stream come before it: too late for another try. */
  readonly isLate?: boolean;
}

const faults: Readonly<Record<string, Fault>> = {
  "429 with Retry-After": {
    reaction: { does: "refuse", status: 429, headers: { "retry-after": "2" }, body: busy },
    code: "rate_limited",
  },
  "429 without": { reaction: { does: "refuse", status: 429, body: busy }, code: "rate_limited" },
  "500": { reaction: { does: "refuse", status: 500, body: "<html>oops</html>" }, code: "unavailable" },
  "a reset": { reaction: { does: "reset" }, code: "unavailable" },
  "a broken answer": {
    reaction: { does: "cut", text: "one two three", how: "reset" },
    code: "unavailable",
    isLate: true,
  },
  "no answer in time": { reaction: { does: "hang" }, code: "timeout" },
  "malformed JSON": {
    reaction: { does: "say", body: '{"choices": [', events: ['{"choices": ['] },
    code: "bad_response",
  },
  "JSON of another kind": {
    reaction: { does: "say", body: '{"object": "list", "data": []}', events: ['"hello"'] },
    code: "bad_response",
  },
};

interface Bench {
  readonly server: OpenAiServer;
  /** The model behind the server, whose clock goes on when the server hangs. */
  readonly model: LanguageModel;
}

/** A server that has this fault with its first request, and is well afterwards. */
async function benchWith({ reaction }: Fault): Promise<Bench> {
  const clock = fakeClock();
  const server = await openAiServer(({ index }) => {
    if (index > 0) return good;
    if (reaction.does === "hang") void clock.advance(500);
    return reaction;
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { server, model: openAiCompatible({ id: "local", url: server.url, timeoutMs: 500, clock }) };
}

async function streamed(model: LanguageModel, request: ModelRequest): Promise<ModelReply> {
  for await (const chunk of model.stream?.(request) ?? []) if (chunk.type === "reply") return chunk.reply;
  throw new Error("no reply");
}

const verbs: Readonly<Record<string, (model: LanguageModel, request: ModelRequest) => Promise<ModelReply>>> = {
  generate: (model, request) => model.generate(request),
  stream: streamed,
};

const passing: Readonly<Record<string, (model: LanguageModel) => LanguageModel>> = {
  "no wrapper": (model) => model,
  withTimeout: (model) => withTimeout(model, { ms: 60_000, clock: fakeClock() }),
  limited: (model) =>
    limited(model, { concurrency: 1, callsPerMinute: 60, tokensPerMinute: 9999, clock: skippingClock() }),
  circuitBreaker: (model) => circuitBreaker(model, { clock: fakeClock() }),
  cached: (model) => cached(model),
  "cached in a store": (model) => cached(model, { store: memoryStore() }),
  priced: (model) => priced(model, { input: 1, output: 1 }),
  metered: (model) => metered(model, { clock: fakeClock() }),
  recorded: (model) => recorded(model, cassette()),
  "fallback of one": (model) => fallback([model]),
};

const mending: Readonly<Record<string, (model: LanguageModel) => LanguageModel>> = {
  retrying: (model) => retrying(model, { clock: skippingClock(), rng: seededRng(1) }),
  fallback: (model) => fallback([model, talkingModel(() => "all is well")]),
  "all of them": (model) => {
    const clock = skippingClock();
    const inner = limited(withTimeout(priced(model, { input: 1, output: 1 }), { ms: 60_000, clock: fakeClock() }), {
      concurrency: 1,
      callsPerMinute: 60,
      clock,
    });
    return metered(cached(retrying(circuitBreaker(inner, { clock }), { clock, rng: seededRng(1) })), { clock });
  },
};

describe.each(Object.entries(faults))("%s", (_, fault) => {
  describe.each(Object.entries(verbs))("to %s", (verb, call) => {
    test.each(Object.entries(passing))(
      "passes %s as what it is, and the next call is answered",
      async (_name, wrap) => {
        const { server, model } = await benchWith(fault);
        const wrapped = wrap(model);
        await expect(call(wrapped, ask("Hi"))).rejects.toMatchObject({
          name: "ModelError",
          code: fault.code,
          retryable: true,
        });
        expect(await call(wrapped, ask("Hi"))).toMatchObject({ text: "all is well", usage: { calls: 1 } });
        expect(server.requests).toHaveLength(2);
      },
    );

    test.each(Object.entries(mending))("is mended by %s", async (_name, wrap) => {
      const { model } = await benchWith(fault);
      const answer = call(wrap(model), ask("Hi"));
      if (verb === "stream" && fault.isLate === true) return expect(answer).rejects.toMatchObject({ code: fault.code });
      expect(await answer).toMatchObject({ text: "all is well", usage: { calls: 1 } });
    });

    test("is replayed as it was recorded", async () => {
      const { model } = await benchWith(fault);
      const tape = cassette();
      const live = recorded(model, tape);
      await call(live, ask("Hi")).catch(() => {});
      await call(live, ask("Hi"));
      const replay = replayed(cassette(JSON.parse(JSON.stringify(tape))));
      await expect(call(replay, ask("Hi"))).rejects.toMatchObject({ code: fault.code, retryable: true });
      expect((await call(replay, ask("Hi"))).text).toBe("all is well");
    });
  });
});

test("a Retry-After of the server is what a retry waits for", async () => {
  const { model } = await benchWith(faults["429 with Retry-After"] as Fault);
  const clock = skippingClock();
  await retrying(model, { baseMs: 1, clock, rng: seededRng(1) }).generate(ask("Hi"));
  expect(clock.sleeps).toEqual([2000]);
});

test("a server that is down opens the breaker: it is not asked any more, and asked once when it has cooled", async () => {
  let isDown = true;
  await using server = await openAiServer(() => (isDown ? { does: "refuse", status: 503 } : good));
  const clock = fakeClock();
  const model = circuitBreaker(openAiCompatible({ id: "local", url: server.url }), {
    failures: 3,
    coolMs: 1000,
    clock,
  });
  for (let call = 0; call < 10; call++)
    await expect(model.generate(ask("Hi"))).rejects.toMatchObject({ code: "unavailable" });
  expect(server.requests).toHaveLength(3);
  isDown = false;
  await clock.advance(1000);
  expect((await model.generate(ask("Hi"))).text).toBe("all is well");
});

describe("an evaluation of 500 examples with faults in 10 % of all requests", () => {
  /** The model is asked for the word in capitals. */
  const shout: Module = {
    name: "shout",
    async run({ inputs }, stage) {
      const { text, usage } = await stage.model().generate(ask(String(inputs["word"])), { signal: stage.signal });
      return { outputs: { loud: text }, usage };
    },
  };
  const shouter = program({ name: "shouter", signature: signature("word -> loud"), pipeline: ["shout"] });
  // Every fifth example asks what another one asks.
  const examples = Array.from({ length: 500 }, (_, index) => `word ${index % 400}`).map((word) => ({
    inputs: { word },
    expected: { loud: word.toUpperCase() },
  }));
  const kinds = Object.values(faults).filter(({ reaction }) => reaction.does !== "hang");

  test.each([1, 2, 3])("loses none and counts none twice (seed %i)", async (seed) => {
    const rng = seededRng(seed);
    let injected = 0;
    await using server = await openAiServer(({ asked }) => {
      if (rng.next() >= 0.1) return { does: "answer", text: asked.toUpperCase() };
      injected++;
      return (kinds[integerBelow(rng, kinds.length)] as Fault).reaction;
    });
    const clock = skippingClock();
    const wire = metered(openAiCompatible({ id: "local", url: server.url, clock: fakeClock() }), { clock });
    const inner = retrying(limited(wire, { concurrency: 8, callsPerMinute: 200, clock }), {
      maxAttempts: 8,
      clock,
      rng: rng.fork("jitter"),
    });
    const model = cached(inner, { clock });
    const evaluation = evaluate(shouter, examples, (outputs, { expected }) => Number(outputs.loud === expected?.loud), {
      model,
      modules: [shout],
      concurrency: 16,
      retries: 0,
      clock,
    });
    const seen: number[] = [];
    for await (const outcome of evaluation) {
      expect(outcome).toMatchObject({ ok: true, score: 1 });
      seen.push(outcome.index);
    }
    const summary = await evaluation.summary();
    expect(seen.toSorted((a, b) => a - b)).toEqual(examples.map((_, index) => index));
    expect(summary).toMatchObject({ score: 1, counted: 500, infrastructureFailures: 0, candidateFailures: 0 });

    // What the server saw is what was counted: every request on the wire, every answer in the sum, none twice.
    expect(injected).toBeGreaterThan(20);
    expect(server.requests).toHaveLength(400 + injected);
    expect(wire.metered().asked).toBe(server.requests.length);
    expect(wire.metered().answered).toBe(server.answers());
    expect(server.answers()).toBe(400);
    const words = examples.slice(0, 400).reduce((sum, { inputs }) => sum + inputs.word.length, 0);
    expect(summary.usage).toEqual({ calls: 400, inputTokens: words, outputTokens: words, usd: 0 });
    expect(model.stats()).toMatchObject({ hits: 100, misses: 400 });
    // And the limit held, although time went in leaps.
    expect(Math.ceil(clock.now() / 60_000) * 200 + 200).toBeGreaterThanOrEqual(server.requests.length);
  });
});
