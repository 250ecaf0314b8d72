import { describe, expect, test } from "vitest";
import type { Json } from "#foundation";
import { UsageError } from "#foundation";
import { cached } from "#models/wrappers";
import type { CachedModel, CacheOptions } from "#models/wrappers";
import { ModelError, noUsage } from "#programs";
import type { ModelChunk, ModelReply, ModelRequest } from "#programs";
import { memoryStore } from "#storage/memory";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";
import type { Talk, TalkingModel } from "../fixtures/talking-model.ts";
import { temporaryStore } from "../fixtures/temporary-store.ts";

const ask = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: "user", content }],
  ...more,
});

const shelves: Readonly<Record<string, () => Promise<CacheOptions>>> = {
  memory: async () => ({}),
  "a memory store": async () => ({ store: memoryStore() }),
  "a SQLite store": async () => ({ store: await temporaryStore() }),
};

async function open(options: CacheOptions = {}, talk?: Talk): Promise<{ model: TalkingModel; cache: CachedModel }> {
  const model = talkingModel(talk);
  return { model, cache: cached(model, options) };
}

describe.each(Object.entries(shelves))("a cache in %s", (_, shelf) => {
  test("asks once, and gives what it keeps for nothing and says so", async () => {
    const { model, cache } = await open(await shelf());
    const first = await cache.generate(ask("a"));
    expect(first).toEqual({
      text: "you said a",
      finishReason: "stop",
      usage: { calls: 1, inputTokens: 1, outputTokens: 10, usd: 0 },
    });
    expect(await cache.generate(ask("a"))).toEqual({ ...first, usage: noUsage, metadata: { cached: true } });
    expect(model.asked).toHaveLength(1);
    expect(cache.stats()).toEqual({ hits: 1, misses: 1, hitRate: 0.5 });
  });

  test("keeps all of a reply: calls of tools, warnings and metadata", async () => {
    const reply: ModelReply = {
      text: "",
      finishReason: "tool_calls",
      usage: { ...noUsage, calls: 1 },
      toolCalls: [{ id: "1", name: "look", input: "{}" }],
      warnings: ["seed was ignored"],
      metadata: { model: "m" },
    };
    const model = cached(talkingModel(undefined, { generate: async () => reply }), await shelf());
    await model.generate(ask("a"));
    expect(await model.generate(ask("a"))).toEqual({
      ...reply,
      usage: noUsage,
      metadata: { model: "m", cached: true },
    });
  });

  test("forgets after its time", async () => {
    const clock = fakeClock(1000);
    const { model, cache } = await open({ ...(await shelf()), ttlMs: 500, clock });
    await cache.generate(ask("a"));
    await clock.advance(499);
    await cache.generate(ask("a"));
    expect(model.asked).toHaveLength(1);
    await clock.advance(1);
    await cache.generate(ask("a"));
    expect(model.asked).toHaveLength(2);
  });
});

test.each<[what: string, request: ModelRequest]>([
  ["another word", ask("b")],
  ["another temperature", ask("a", { temperature: 0.1 })],
  ["another rollout", ask("a", { rollout: 1 })],
  ["a schema", ask("a", { responseFormat: { type: "json", name: "x", schema: {} } })],
  ["a tool", ask("a", { tools: [{ name: "x", inputSchema: {} }] })],
  [
    "an attachment",
    { messages: [{ role: "user", content: "a", attachments: [{ kind: "image", mediaType: "image/png", url: "x" }] }] },
  ],
])("%s is another request", async (_, request) => {
  const { model, cache } = await open();
  await cache.generate(ask("a"));
  await cache.generate(request);
  expect(model.asked).toHaveLength(2);
});

test("the order of fields and a rollout of 0 make no other request", async () => {
  const { model, cache } = await open();
  await cache.generate({ messages: [{ role: "user", content: "a" }], temperature: 0, seed: 1 });
  await cache.generate({ seed: 1, rollout: 0, temperature: 0, messages: [{ content: "a", role: "user" }] });
  expect(model.asked).toHaveLength(1);
});

test("two models share a store without mixing up their replies", async () => {
  const store = memoryStore();
  const a = cached(
    talkingModel(() => "from a", { id: "a" }),
    { store },
  );
  const b = cached(
    talkingModel(() => "from b", { id: "b" }),
    { store },
  );
  expect([(await a.generate(ask("x"))).text, (await b.generate(ask("x"))).text]).toEqual(["from a", "from b"]);
});

test("a store outlives the wrapper", async () => {
  const store = await temporaryStore();
  await cached(talkingModel(), { store }).generate(ask("a"));
  const { model, cache } = await open({ store });
  expect((await cache.generate(ask("a"))).text).toBe("you said a");
  expect(model.asked).toEqual([]);
});

test("the least recently used goes first", async () => {
  const { model, cache } = await open({ maxEntries: 2 });
  for (const word of ["a", "b", "a", "c", "a", "b"]) await cache.generate(ask(word));
  expect(model.asked.map(({ messages }) => messages[0]?.content)).toEqual(["a", "b", "c", "b"]);
});

test("failures are not kept, nor answers that ended in an error", async () => {
  const { cache } = await open({}, (_, index) => {
    if (index === 0) throw new ModelError("unavailable", "down");
    return "up";
  });
  await expect(cache.generate(ask("a"))).rejects.toThrow("down");
  expect((await cache.generate(ask("a"))).text).toBe("up");

  let calls = 0;
  const broken = cached(
    talkingModel(undefined, {
      generate: async () => ({ text: `${++calls}`, finishReason: "error", usage: { ...noUsage, calls: 1 } }),
    }),
  );
  await broken.generate(ask("a"));
  expect((await broken.generate(ask("a"))).text).toBe("2");
});

test("a call that wants no cache neither gets nor leaves anything there", async () => {
  const { model, cache } = await open({}, (_, index) => `answer ${index}`);
  await cache.generate(ask("a"));
  expect((await cache.generate(ask("a"), { cache: false })).text).toBe("answer 1");
  expect((await cache.generate(ask("a"))).text).toBe("answer 0");
  for await (const _ of cache.stream?.(ask("a"), { cache: false }) ?? []);
  expect(model.asked).toHaveLength(3);
});

test.each<[what: string, stored: (entry: Record<string, Json>) => Json]>([
  ["a text", () => "garbage"],
  ["nothing of a reply", (entry) => ({ ...entry, reply: {} })],
  ["a usage of text", (entry) => ({ ...entry, reply: { ...(entry["reply"] as object), usage: "much" } })],
  [
    "a finish reason that there is not",
    (entry) => ({ ...entry, reply: { ...(entry["reply"] as object), finishReason: "fine" } }),
  ],
  [
    "a tool call without a name",
    (entry) => ({ ...entry, reply: { ...(entry["reply"] as object), toolCalls: [{ id: "1" }] } }),
  ],
  ["another request's reply", (entry) => ({ ...entry, key: "0000" })],
  ["no time", (entry) => ({ ...entry, at: "yesterday" })],
])("an entry with %s counts as none", async (_, stored) => {
  const entries = new Map<string, Json>();
  const cache = {
    get: async (key: string): Promise<Json | undefined> => entries.get(key),
    set: async (key: string, value: Json): Promise<void> => void entries.set(key, value),
  };
  const { model, cache: around } = await open({ store: { cache } });
  await around.generate(ask("a"));
  for (const [key, entry] of entries) entries.set(key, stored(entry as Record<string, Json>));
  expect((await around.generate(ask("a"))).text).toBe("you said a");
  expect(model.asked).toHaveLength(2);
});

test("a store that fails is no failure of the call", async () => {
  const failing = async (): Promise<never> => {
    throw new Error("disk full");
  };
  const { cache } = await open({ store: { cache: { get: failing, set: failing } } });
  expect((await cache.generate(ask("a"))).text).toBe("you said a");
});

describe("identical calls in flight", () => {
  const slow = async (): Promise<{ model: TalkingModel; cache: CachedModel; finish: () => void }> => {
    const gate = Promise.withResolvers<string>();
    const { model, cache } = await open({}, (_, __, { signal }) =>
      Promise.race([
        gate.promise,
        new Promise<string>((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
      ]),
    );
    return { model, cache, finish: () => gate.resolve("at last") };
  };

  test("are one call, and one of them pays", async () => {
    const { model, cache, finish } = await slow();
    const answers = [1, 2, 3].map(() => cache.generate(ask("a")));
    await Promise.resolve();
    finish();
    const replies = await Promise.all(answers);
    expect(model.asked).toHaveLength(1);
    expect(replies.map(({ text }) => text)).toEqual(["at last", "at last", "at last"]);
    expect(replies.map(({ usage }) => usage.calls).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
    expect(cache.stats()).toEqual({ hits: 2, misses: 1, hitRate: 2 / 3 });
  });

  test("go on when the one that began it aborts, and another one pays", async () => {
    const { model, cache, finish } = await slow();
    const controller = new AbortController();
    const reason = new Error("enough");
    const first = cache.generate(ask("a"), { signal: controller.signal });
    const second = cache.generate(ask("a"));
    await new Promise(setImmediate);
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(model.signals[0]?.aborted).toBe(false);
    finish();
    expect(await second).toMatchObject({ text: "at last", usage: { calls: 1 } });
    expect(model.asked).toHaveLength(1);
  });

  test("end when the last of them aborts, and the next call asks anew", async () => {
    const { model, cache, finish } = await slow();
    const controllers = [new AbortController(), new AbortController()];
    const answers = controllers.map(({ signal }) => cache.generate(ask("a"), { signal }));
    const failed = Promise.allSettled(answers);
    await new Promise(setImmediate);
    for (const controller of controllers) controller.abort();
    await failed;
    expect(model.signals[0]?.aborted).toBe(true);
    const next = cache.generate(ask("a"));
    finish();
    expect((await next).text).toBe("at last");
    expect(model.asked).toHaveLength(2);
  });

  test("fail together, and the next call asks anew", async () => {
    const { cache } = await open({}, async (_, index) => {
      await new Promise(setImmediate);
      if (index === 0) throw new ModelError("unavailable", "down");
      return "up";
    });
    const failed = await Promise.allSettled([cache.generate(ask("a")), cache.generate(ask("a"))]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect((await cache.generate(ask("a"))).text).toBe("up");
  });
});

describe("streams", () => {
  const read = async (cache: CachedModel, word: string): Promise<ModelChunk[]> => {
    const chunks: ModelChunk[] = [];
    for await (const chunk of cache.stream?.(ask(word)) ?? []) chunks.push(chunk);
    return chunks;
  };

  test("come in pieces the first time, and in one piece from the cache, which calls and streams share", async () => {
    const { model, cache } = await open();
    expect((await read(cache, "a")).map(({ type }) => type)).toEqual(["text", "text", "text", "reply"]);
    expect(await read(cache, "a")).toMatchObject([
      { type: "text", text: "you said a" },
      { type: "reply", reply: { text: "you said a", usage: noUsage, metadata: { cached: true } } },
    ]);
    expect(await cache.generate(ask("a"))).toMatchObject({ text: "you said a", usage: noUsage });
    await cache.generate(ask("b"));
    await read(cache, "b");
    expect(model.asked).toHaveLength(2);
  });

  test("that are one call come in pieces to everybody, from the first piece on", async () => {
    const { model, cache } = await open();
    const [one, other, whole] = await Promise.all([read(cache, "a"), read(cache, "a"), cache.generate(ask("a"))]);
    expect(model.asked).toHaveLength(1);
    const texts = (chunks: readonly ModelChunk[]): string[] =>
      chunks.flatMap((c) => (c.type === "text" ? [c.text] : []));
    expect(texts(one)).toEqual(["you ", "said ", "a"]);
    expect(texts(other)).toEqual(["you ", "said ", "a"]);
    expect(whole.text).toBe("you said a");
  });

  test("that are left early are not kept", async () => {
    const { model, cache } = await open();
    for await (const _ of cache.stream?.(ask("a")) ?? []) break;
    await new Promise(setImmediate);
    expect(model.signals[0]?.aborted).toBe(true);
    await cache.generate(ask("a"));
    expect(model.asked).toHaveLength(2);
  });

  test("that are cut are not kept", async () => {
    let streams = 0;
    const cache = cached(
      talkingModel(undefined, {
        async *stream() {
          streams++;
          yield { type: "text", text: "half" };
          throw new ModelError("unavailable", "cut");
        },
      }),
    );
    await expect(read(cache, "a")).rejects.toThrow("cut");
    await expect(read(cache, "a")).rejects.toThrow("cut");
    expect(streams).toBe(2);
  });
});

test("options that contradict each other or make no sense are refused at once", () => {
  expect(() => cached(talkingModel(), { store: memoryStore(), maxEntries: 5 })).toThrow(UsageError);
  expect(() => cached(talkingModel(), { maxEntries: 0 })).toThrow(/maxEntries: expected a whole number above 0/);
  expect(() => cached(talkingModel(), { ttlMs: -1 })).toThrow(UsageError);
});
