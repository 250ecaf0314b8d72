import { describe, expect, test } from "vitest";
import type { Json } from "#foundation";
import { openAiCompatible } from "#models";
import type { Endpoint } from "#models";
import type { Attachment, LanguageModel, ModelReply, ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { openAiServer } from "./fixtures/openai-server.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

interface Exchange {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly reply: ModelReply;
}

const completion = (message: object, more: object = {}): Json =>
  ({ choices: [{ message, finish_reason: "stop", ...more }] }) as unknown as Json;

function endpointThat(
  answer: () => Response,
  changes: Partial<Endpoint> = {},
): { model: LanguageModel; seen: Omit<Exchange, "reply">[] } {
  const seen: Omit<Exchange, "reply">[] = [];
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = init.headers as Record<string, string>;
    seen.push({ url: String(url), headers, body: JSON.parse(String(init.body)) as Record<string, unknown> });
    return answer();
  };
  return {
    model: openAiCompatible({
      id: "m",
      url: "http://127.0.0.1/v1",
      fetch,
      ...changes,
    }),
    seen,
  };
}

async function exchange(
  asked: ModelRequest,
  changes: Partial<Endpoint> = {},
  said: Json = completion({ content: "ok" }),
): Promise<Exchange> {
  const { model, seen } = endpointThat(() => Response.json(said), changes);
  const reply = await model.generate(asked);
  return { ...(seen[0] ?? { url: "", headers: {}, body: {} }), reply };
}

describe("tools", () => {
  const tools = [{ name: "weather", description: "tells it", inputSchema: { type: "object" } }];

  test("are offered, with the choice among them", async () => {
    const { body } = await exchange({ ...request, tools, toolChoice: { name: "weather" } });
    expect(body["tools"]).toEqual([
      { type: "function", function: { name: "weather", description: "tells it", parameters: { type: "object" } } },
    ]);
    expect(body["tool_choice"]).toEqual({ type: "function", function: { name: "weather" } });
    expect((await exchange({ ...request, tools, toolChoice: "required" })).body["tool_choice"]).toBe("required");
    expect((await exchange({ ...request, tools: [], toolChoice: "auto" })).body).not.toHaveProperty("tool_choice");
  });

  test.each([
    ["as text", '{"city":"Bern"}', '{"city":"Bern"}'],
    ["as an object", { city: "Bern" }, '{"city":"Bern"}'],
    ["not at all", undefined, "{}"],
  ])("that the model wants called come back, their arguments given %s", async (_, input, expected) => {
    const call = { id: "c1", type: "function", function: { name: "weather", arguments: input } };
    const { reply } = await exchange(request, {}, completion({ content: null, tool_calls: [call] }));
    expect(reply).toMatchObject({
      text: "",
      finishReason: "tool_calls",
      toolCalls: [{ id: "c1", name: "weather", input: expected }],
    });
  });

  test("that were called go back with their results", async () => {
    const { body } = await exchange({
      messages: [
        { role: "user", content: "Weather?" },
        { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "weather", input: "{}" }] },
        { role: "tool", content: "sunny", toolCallId: "c1" },
      ],
    });
    expect(body["messages"]).toEqual([
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "sunny" },
    ]);
  });
});

describe("attachments", () => {
  const withFile = (attachment: Attachment): ModelRequest => ({
    messages: [{ role: "user", content: "Look", attachments: [attachment] }],
  });

  test.each<[what: string, attachment: Attachment, part: unknown]>([
    [
      "an image by its address",
      { kind: "image", mediaType: "image/png", url: "https://x.test/a.png" },
      { type: "image_url", image_url: { url: "https://x.test/a.png" } },
    ],
    [
      "an image by its bytes",
      { kind: "image", mediaType: "image/png", data: "QUJD" },
      { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } },
    ],
    [
      "a file",
      { kind: "file", mediaType: "application/pdf", data: "QUJD", filename: "a.pdf" },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,QUJD" } },
    ],
  ])("%s is sent beside the text", async (_, attachment, part) => {
    const { body, reply } = await exchange(withFile(attachment));
    expect(body["messages"]).toEqual([{ role: "user", content: [{ type: "text", text: "Look" }, part] }]);
    expect(reply.warnings).toBeUndefined();
  });

  test("that the protocol or the endpoint does not take are left out with a warning", async () => {
    const byAddress = await exchange(
      withFile({ kind: "file", mediaType: "application/pdf", url: "https://x.test/a.pdf" }),
    );
    expect(byAddress.body["messages"]).toEqual([{ role: "user", content: [{ type: "text", text: "Look" }] }]);
    expect(byAddress.reply.warnings).toEqual([expect.stringContaining("a file was ignored")]);
    const blind = await exchange(withFile({ kind: "image", mediaType: "image/png", data: "QUJD" }), {
      supports: { images: false },
    });
    expect(blind.reply.warnings).toEqual(["an image was ignored: the endpoint reads none"]);
  });
});

test("what the endpoint is told not to support is not asked of it, and the reply says so", async () => {
  const { body, reply } = await exchange(
    {
      ...request,
      tools: [{ name: "x", inputSchema: {} }],
      responseFormat: { type: "json", name: "x", schema: {} },
    },
    { supports: { tools: false, structuredOutput: false } },
  );
  expect(Object.keys(body)).toEqual(["model", "messages"]);
  expect(reply.warnings).toEqual([
    "tools were ignored: the endpoint has none",
    "responseFormat was ignored: the endpoint has no structured output",
  ]);
});

test("an endpoint that was asked for JSON and answers with none is told of; what it supports is passed on", async () => {
  const asked: ModelRequest = { ...request, responseFormat: { type: "json", name: "x", schema: {} } };
  expect((await exchange(asked)).reply.warnings).toEqual(["responseFormat was not honoured: the answer is no JSON"]);
  expect((await exchange(asked, {}, completion({ content: '{"a":1}' }))).reply.warnings).toBeUndefined();
  const supports = { structuredOutput: true };
  expect(openAiCompatible({ id: "m", url: "http://127.0.0.1/v1", supports }).supports).toEqual(supports);
});

test("OpenAI is told the limit of tokens under the name that its newer models want", async () => {
  const asked = { ...request, maxTokens: 9 };
  expect((await exchange(asked, { url: "https://api.openai.com/v1" })).body).toMatchObject({
    max_completion_tokens: 9,
  });
  expect((await exchange(asked)).body).toMatchObject({ max_tokens: 9 });
});

test("a reply keeps the provider's name for it and its reasoning; an answer in parts is their text", async () => {
  const parts = [
    { type: "text", text: "o" },
    { type: "text", text: "k" },
  ];
  const said = { ...(completion({ content: parts, reasoning_content: "hm" }) as object), id: "r1", model: "m-2026" };
  const { reply } = await exchange(request, {}, said);
  expect(reply).toMatchObject({ text: "ok", metadata: { responseId: "r1", model: "m-2026", reasoning: "hm" } });
});

describe("an address", () => {
  test("keeps its query, and its user and password become a header", async () => {
    const { url, headers } = await exchange(request, { url: "https://me:pass%20word@api.test/base/?api-version=2026" });
    expect(url).toBe("https://api.test/base/chat/completions?api-version=2026");
    expect(headers["authorization"]).toBe(`Basic ${btoa("me:pass word")}`);
  });

  test.each(["localhost:8080/v1", "ftp://x.test", "x"])("%s is refused at once", (url) => {
    expect(() => openAiCompatible({ id: "m", url })).toThrow(/expected a URL like/);
  });

  test("that redirects is not followed: it would take the key elsewhere", async () => {
    await using server = await openAiServer(({ url }) =>
      url.startsWith("/v1")
        ? { does: "refuse", status: 307, headers: { location: "/elsewhere/chat/completions" } }
        : { does: "answer", text: "here" },
    );
    const model = openAiCompatible({ id: "m", url: server.url });
    await expect(model.generate(request)).rejects.toMatchObject({ code: "unavailable", retryable: false });
    await expect(model.generate(request)).rejects.toThrow("a redirect to /elsewhere/chat/completions");
    expect(server.requests).toHaveLength(2);
  });
});

test.each<[headers: Record<string, string>, waitMs: number | undefined]>([
  [{ "retry-after": "3" }, 3000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after-ms": "250", "retry-after": "3" }, 250],
  // The answer's own date counts, not the clock of this machine.
  [{ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT", date: "Fri, 20 Nov 2026 12:00:00 GMT" }, 30_000],
  [{ "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" }, 59_000],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-5" }, undefined],
  [{}, undefined],
])("429 with %j wants to be asked again in %s ms", async (headers, waitMs) => {
  const { model } = endpointThat(() => new Response("{}", { status: 429, headers }), { clock: fakeClock(1000) });
  await expect(model.generate(request)).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: waitMs });
});

test("an error with status 200, as gateways send it, is that error", async () => {
  const said = { error: { message: "upstream is busy", code: 429 } };
  await expect(exchange(request, {}, said)).rejects.toMatchObject({ code: "rate_limited", retryable: true });
  await expect(exchange(request, {}, { error: "boom" })).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
  });
});

describe("vectors", () => {
  test("come in the order of the texts, whatever the order of the answer", async () => {
    await using server = await openAiServer(() => ({ does: "answer", text: "" }));
    const model = openAiCompatible({ id: "m", url: server.url, usdPerMillionTokens: { input: 1_000_000, output: 9 } });
    expect(await model.embed?.(["a", "bb"])).toEqual({
      vectors: [
        [1, 0],
        [2, 1],
      ],
      usage: { calls: 1, inputTokens: 2, outputTokens: 0, usd: 2 },
    });
    expect(server.requests[0]).toMatchObject({ url: "/v1/embeddings", body: { model: "m", input: ["a", "bb"] } });
  });

  test("of no texts are none, and nothing is asked", async () => {
    const { model, seen } = endpointThat(() => Response.json({}));
    expect((await model.embed?.([]))?.vectors).toEqual([]);
    expect(seen).toEqual([]);
  });

  test.each<[what: string, data: unknown]>([
    ["one too few", [{ index: 0, embedding: [1] }]],
    [
      "one twice",
      [
        { index: 0, embedding: [1] },
        { index: 0, embedding: [1] },
      ],
    ],
    [
      "text",
      [
        { index: 0, embedding: "AAAA" },
        { index: 1, embedding: "AAAA" },
      ],
    ],
    ["none", undefined],
  ])("that are %s are a bad response", async (_, data) => {
    const { model } = endpointThat(() => Response.json({ data }));
    await expect(model.embed?.(["a", "b"])).rejects.toMatchObject({ code: "bad_response", retryable: true });
  });
});

test("an answer that never ends is given up before it fills the memory", async () => {
  const chunk = new Uint8Array(1024 * 1024);
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const { model } = endpointThat(() => new Response(body));
  await expect(model.generate(request)).rejects.toMatchObject({ code: "bad_response" });
  expect(sent).toBeLessThan(70 * 1024 * 1024);
});
