import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { iclModel } from "#models/icl";
import { modelServer } from "#models/server";
import { ModelError } from "#programs";
import type { LanguageModel, ModelErrorCode } from "#programs";
import { talkingModel } from "../fixtures/talking-model.ts";
import { answerOf, chatBody, handler, post } from "./serving.ts";

const chat = "/v1/chat/completions";

describe("answers", () => {
  test("a chat has an id, a fingerprint, a choice and its usage", async () => {
    const response = await handler()(post(chat, chatBody({ temperature: 0 })));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-\w+$/),
      object: "chat.completion",
      model: "icl-base-1",
      system_fingerprint: "fp_icl-base-1_pieces-1",
      choices: [{ index: 0, message: { role: "assistant", content: "good" }, logprobs: null, finish_reason: "stop" }],
      usage: { completion_tokens: 1, prompt_tokens: expect.any(Number) },
    });
  });

  test("n answers are drawn independently; with a seed they are the same every time", async () => {
    const server = handler();
    const drawn = async (more: object): Promise<unknown[]> =>
      (await answerOf(server(post(chat, chatBody({ n: 12, temperature: 2, ...more }))))).choices.map(
        (one) => one.message?.content,
      );
    const first = await drawn({ seed: 7 });
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(await drawn({ seed: 7 })).toEqual(first);
    const free = [await drawn({}), await drawn({})];
    expect(free[0]).not.toEqual(free[1]);
  });

  test("log probabilities are those of the labels", async () => {
    const { choices } = await answerOf(handler()(post(chat, chatBody({ logprobs: true, top_logprobs: 2 }))));
    const [first] = choices[0]?.logprobs?.content ?? [];
    expect(first).toMatchObject({ token: "good", logprob: expect.any(Number) });
    expect(first?.top_logprobs).toHaveLength(2);
  });

  test("response_format makes JSON, max_tokens cuts, stop ends", async () => {
    const server = handler();
    const content = async (more: Readonly<Record<string, unknown>>): Promise<unknown> =>
      (await answerOf(server(post(chat, chatBody(more))))).choices[0]?.message?.content;
    expect(JSON.parse(String(await content({ response_format: { type: "json_object" } })))).toEqual({ Label: "good" });
    const schema = { type: "object", properties: { mood: { enum: ["awful", "great"] } }, required: ["mood"] };
    const format = { type: "json_schema", json_schema: { name: "o", schema, strict: true } };
    const messages = [{ role: "user", content: "what a great day" }];
    expect(await content({ response_format: format, messages })).toBe('{"mood": "great"}');
    const cut = await answerOf(server(post(chat, chatBody({ messages, max_completion_tokens: 2 }))));
    expect(cut.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "what a" } });
    expect(await content({ messages, stop: [" day"] })).toBe("what a great");
  });

  test("a schema reaches the model with its name and whether it is strict", async () => {
    const model = talkingModel(async () => "{}");
    const format = { name: "o", schema: { type: "object" } };
    for (const strict of [true, false, undefined])
      await handler({ models: [model] })(
        post(chat, {
          model: "talking",
          messages: [{ role: "user", content: "Hi" }],
          response_format: { type: "json_schema", json_schema: { ...format, strict } },
        }),
      );
    expect(model.asked.map(({ responseFormat }) => responseFormat)).toEqual([
      { type: "json", ...format, strict: true },
      { type: "json", ...format, strict: false },
      { type: "json", ...format },
    ]);
  });

  test("plain completions take several prompts", async () => {
    const prompt = ["Q: 1 and 1\nA: two\n\nQ: 2 and 2\nA:", "Hello there."];
    const { choices } = await answerOf(handler()(post("/v1/completions", { model: "icl-base-1", prompt, n: 2 })));
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, "two"],
      [1, "two"],
      [2, "Hello there."],
      [3, "Hello there."],
    ]);
  });

  test("one body asks for no more answers or vectors than OpenAI would give", async () => {
    const prompt = Array.from({ length: 1025 }, () => "a");
    const model = talkingModel(async () => "x");
    const server = handler({ models: [model] });
    const status = async (path: string, body: object): Promise<number> =>
      (await server(post(path, { model: "talking", ...body }))).status;
    expect(await status("/v1/completions", { prompt, n: 2 })).toBe(400);
    expect(await status("/v1/embeddings", { input: [...prompt, ...prompt] })).toBe(400);
    expect(model.asked).toHaveLength(0);
    expect(await status("/v1/completions", { prompt })).toBe(200);
    expect(await status("/v1/embeddings", { input: prompt })).toBe(200);
  });

  test("embeddings as numbers and in base64 are the same", async () => {
    const server = handler();
    const body = { model: "icl-base-1", input: ["my card", "your card"] };
    const vectors = async (more: object): Promise<{ data: { embedding: number[] | string }[] }> =>
      (await server(post("/v1/embeddings", { ...body, ...more }))).json() as Promise<{
        data: { embedding: number[] | string }[];
      }>;
    const plain = (await vectors({})).data[0]?.embedding as number[];
    const packed = Buffer.from((await vectors({ encoding_format: "base64" })).data[0]?.embedding as string, "base64");
    expect(plain).toHaveLength(256);
    expect([...new Float32Array(new Uint8Array(packed).buffer)]).toEqual(plain.map(Math.fround));
  });

  test("models are listed with their cards; health needs no token", async () => {
    const server = handler({ token: "secret" });
    const get = (path: string, key?: string): Promise<Response> =>
      server(new Request(`http://h${path}`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }));
    expect(await (await get("/healthz")).json()).toEqual({ ok: true });
    expect((await get("/v1/models")).status).toBe(401);
    expect((await get("/v1/models", "wrong")).status).toBe(401);
    expect(await (await get("/v1/models", "secret")).json()).toMatchObject({
      data: [{ id: "icl-base-1", card: { name: "icl-base-1", contextTokens: 8192 } }],
    });
    expect((await get("/v1/models/icl-base-1", "secret")).status).toBe(200);
    expect((await get("/v1/models/gpt", "secret")).status).toBe(404);
    expect((await get("/v1/models/%E0%A4%A", "secret")).status).toBe(404);
    expect((await get("/v1/nothing", "secret")).status).toBe(404);
    expect((await get("/v1/embeddings", "secret")).status).toBe(405);
  });

  test("a web page from elsewhere is refused, unless it has the token", async () => {
    const from = (origin: string, more: Readonly<Record<string, string>> = {}): Request =>
      post(chat, chatBody(), { origin, ...more });
    expect((await handler()(from("https://example.org"))).status).toBe(403);
    expect((await handler()(from("null"))).status).toBe(403);
    expect((await handler()(from("http://localhost:3000"))).status).toBe(200);
    const authorization = "Bearer secret";
    expect((await handler({ token: "secret" })(from("https://example.org", { authorization }))).status).toBe(200);
  });

  test("evidence and ignored parameters are told on demand only", async () => {
    const body = chatBody({ user: "ann", presence_penalty: 1 });
    expect(await answerOf(handler()(post(chat, body)))).not.toHaveProperty("x_icl");
    expect(await answerOf(handler()(post(chat, body, { "x-icl": "1" })))).toMatchObject({
      x_icl: {
        truncated: [0],
        ignored_params: ["user", "presencePenalty was ignored"],
        evidence: [[{ output: "Label" }]],
      },
    });
  });
});

describe("what cannot be served", () => {
  const wrong: readonly (readonly [body: unknown, param: string | null, code: string | null])[] = [
    ["no json", "", "invalid_json"],
    [{ messages: [] }, "messages", "invalid_type"],
    [chatBody({ model: 7 }), "model", "invalid_type"],
    [chatBody({ temprature: 1 }), "temprature", "unknown_parameter"],
    [chatBody({ temperature: "hot" }), "temperature", "invalid_type"],
    [chatBody({ temperature: 3 }), "temperature", "invalid_type"],
    [chatBody({ top_p: 0 }), "top_p", "invalid_type"],
    [chatBody({ n: 0 }), "n", "invalid_type"],
    [chatBody({ seed: 1.5 }), "seed", "invalid_type"],
    [chatBody({ max_tokens: -1 }), "max_tokens", "invalid_type"],
    [chatBody({ stop: [1] }), "stop", "invalid_type"],
    [chatBody({ stream: "yes" }), "stream", "invalid_type"],
    [chatBody({ top_logprobs: 2 }), "top_logprobs", null],
    [chatBody({ presence_penalty: 9 }), "presence_penalty", "invalid_type"],
    [chatBody({ response_format: { type: "yaml" } }), "response_format.type", "invalid_type"],
    [chatBody({ response_format: { type: "json_schema" } }), "response_format.json_schema.schema", "invalid_type"],
    [chatBody({ tools: [{}] }), "tools[0]", "invalid_type"],
    [chatBody({ tool_choice: "required" }), "tool_choice", null],
    [chatBody({ tool_choice: { function: { name: "x" } } }), "tool_choice.function.name", "invalid_type"],
    [chatBody({ messages: [{ role: "king", content: "" }] }), "messages[0].role", "invalid_type"],
    [chatBody({ messages: [{ role: "user", content: 5 }] }), "messages[0].content", "invalid_type"],
    [
      chatBody({ messages: [{ role: "user", content: [{ type: "smell" }] }] }),
      "messages[0].content[0].type",
      "invalid_type",
    ],
  ];

  test.each(wrong)("%j is refused with its field", async (body, param, code) => {
    const response = await handler()(post(chat, body));
    expect(response.status).toBe(400);
    expect((await answerOf(response)).error).toMatchObject({
      type: "invalid_request_error",
      param,
      code,
      message: expect.any(String),
    });
  });

  test("an unknown model is 404, a long body 413, a long prompt 400 with its code", async () => {
    expect((await handler()(post(chat, chatBody({ model: "gpt" })))).status).toBe(404);
    expect((await handler({ limits: { maxBodyBytes: 50 } })(post(chat, chatBody()))).status).toBe(413);
    const long = await handler()(post(chat, chatBody({ messages: [{ role: "user", content: "word ".repeat(9000) }] })));
    expect(long.status).toBe(400);
    expect((await answerOf(long)).error?.code).toBe("context_length_exceeded");
  });

  const codes: readonly (readonly [code: ModelErrorCode, status: number])[] = [
    ["rate_limited", 429],
    ["unavailable", 503],
    ["timeout", 504],
    ["unauthorized", 502],
    ["bad_response", 502],
    ["budget_exhausted", 402],
    ["engine", 500],
  ];

  test.each(codes)("a model that rejects with %s is answered with %i, streamed or not", async (code, status) => {
    const model = failing(new ModelError(code, "no", { retryAfterMs: 2500 }));
    for (const stream of [false, true]) {
      const response = await modelServer({ models: [model] })(post(chat, chatBody({ model: "m", stream })));
      expect(response.status).toBe(status);
      expect(response.headers.get("retry-after")).toBe(code === "rate_limited" ? "3" : null);
    }
  });

  test("what is no model's error tells nothing of its inside", async () => {
    const response = await modelServer({ models: [failing(new Error("key sk-secret"))] })(
      post(chat, chatBody({ model: "m" })),
    );
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  test("no body whatever makes it reject or answer with more than a status", async () => {
    const server = handler();
    const body = fc.oneof(
      fc.json(),
      fc
        .record({
          model: fc.constant("icl-base-1"),
          messages: fc.jsonValue(),
          n: fc.jsonValue(),
          stop: fc.jsonValue(),
          tools: fc.jsonValue(),
        })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const { status } = await server(post(chat, text));
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  test("two models of one name, and none at all, are a mistake", () => {
    expect(() => modelServer({ models: [] })).toThrow(UsageError);
    expect(() => modelServer({ models: [iclModel(), iclModel()] })).toThrow(UsageError);
    expect(() => handler({ faults: { error: 2 } })).toThrow(UsageError);
  });
});

function failing(error: Error): LanguageModel {
  return { id: "m", generate: () => Promise.reject(error) };
}

describe("broken off", () => {
  test("a cut answer has half of its bytes before the connection breaks", async () => {
    const whole = await (await handler()(post(chat, chatBody()))).text();
    const response = await handler({ faults: { cut: 1 } })(post(chat, chatBody()));
    let got = "";
    const read = async (): Promise<void> => {
      for await (const bytes of response.body ?? []) got += new TextDecoder().decode(bytes);
    };
    await expect(read()).rejects.toThrow("simulated fault");
    expect(got.length).toBe(Math.floor(whole.length / 2));
  });

  test("a stream whose reader leaves ends the call at the model", async () => {
    let aborted = false;
    const endless: LanguageModel = {
      id: "m",
      generate: () => Promise.reject(new Error("not streamed")),
      async *stream(_request, { signal } = {}) {
        signal?.addEventListener("abort", () => (aborted = true));
        for (;;) yield { type: "text", text: "again" };
      },
    };
    const { body } = await modelServer({ models: [endless] })(post(chat, chatBody({ model: "m", stream: true })));
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(aborted).toBe(true);
  });

  test("faults hit equal requests equally for equal seeds", async () => {
    const statuses = async (seed: number): Promise<number[]> => {
      const server = handler({ faults: { error: 0.3, rate_limit: 0.2, seed } });
      return Promise.all(Array.from({ length: 30 }, async () => (await server(post(chat, chatBody()))).status));
    };
    const first = await statuses(1);
    expect(new Set(first)).toEqual(new Set([200, 429, 500]));
    expect(await statuses(1)).toEqual(first);
    expect(await statuses(2)).not.toEqual(first);
  });
});
