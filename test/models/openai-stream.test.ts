import { describe, expect, test } from "vitest";
import { openAiCompatible } from "#models";
import type { Endpoint } from "#models";
import type { LanguageModel, ModelChunk, ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { openAiServer } from "./fixtures/openai-server.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

async function chunksOf(model: LanguageModel, asked = request, signal?: AbortSignal): Promise<ModelChunk[]> {
  const chunks: ModelChunk[] = [];
  for await (const chunk of model.stream?.(asked, { signal }) ?? []) chunks.push(chunk);
  return chunks;
}

/** A model whose endpoint answers with these bytes, in these pieces. */
function saying(pieces: readonly (string | Uint8Array)[], changes: Partial<Endpoint> = {}): LanguageModel {
  const encoder = new TextEncoder();
  const body = (): ReadableStream =>
    ReadableStream.from(pieces.map((piece) => (typeof piece === "string" ? encoder.encode(piece) : piece)));
  const fetch = async (): Promise<Response> =>
    new Response(body(), { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  return openAiCompatible({ id: "local", url: "http://127.0.0.1/v1", fetch, ...changes });
}

const delta = (content: string): string => JSON.stringify({ choices: [{ delta: { content } }] });
const finish = JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] });

test("a stream is asked for with its usage, and gives its text as it comes", async () => {
  await using server = await openAiServer(() => ({ does: "answer", text: "all is well" }));
  const model = openAiCompatible({
    id: "local",
    url: server.url,
    usdPerMillionTokens: { input: 1_000_000, output: 0 },
  });
  const chunks = await chunksOf(model);
  expect(chunks).toEqual([
    { type: "text", text: "all " },
    { type: "text", text: "is " },
    { type: "text", text: "well" },
    {
      type: "reply",
      reply: {
        text: "all is well",
        finishReason: "stop",
        usage: { calls: 1, inputTokens: 2, outputTokens: 11, usd: 2 },
      },
    },
  ]);
  expect(server.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
});

describe("events are read however they are cut", () => {
  const text = `: a comment\r\nevent: x\r\ndata: ${delta("grüß ")}\r\n\r\ndata:${delta("dich")}\n\ndata: ${finish}\r\rdata: [DONE]\n\n`;
  const bytes = new TextEncoder().encode(text);

  test.each([1, 2, 3, 7, 1000])("into pieces of %i bytes", async (size) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    );
    expect((await chunksOf(saying(pieces))).at(-1)).toMatchObject({ reply: { text: "grüß dich" } });
  });

  test.each(["\n", "\r", "\r\n"])("and data over several lines that end in %j are one event", async (end) => {
    const event = `data: {"choices":${end}data: [{"delta": {"content": "x"}, "finish_reason": "stop"}]}${end}${end}`;
    expect((await chunksOf(saying([...Array.from(event), "\n"]))).at(-1)).toMatchObject({ reply: { text: "x" } });
  });
});

test("a server that ends without [DONE], but said why it stopped, was not cut", async () => {
  const chunks = await chunksOf(saying([`data: ${delta("x")}\n\ndata: ${finish}\n\n`]));
  expect(chunks.at(-1)).toMatchObject({ reply: { text: "x", finishReason: "stop" } });
});

test("a server that does not stream answers in one piece", async () => {
  const body = JSON.stringify({ choices: [{ message: { content: "whole" }, finish_reason: "stop" }] });
  const fetch = async (): Promise<Response> => new Response(body, { headers: { "content-type": "application/json" } });
  const model = openAiCompatible({ id: "local", url: "http://127.0.0.1/v1", fetch });
  expect(await chunksOf(model)).toMatchObject([{ type: "text", text: "whole" }, { reply: { text: "whole" } }]);
});

test.each([
  ["is cut", [`data: ${delta("half")}\n\n`], "unavailable"],
  ["is cut in the middle of an event", [`data: ${delta("half")}\n\ndata: {"cho`], "unavailable"],
  ["is empty", [""], "unavailable"],
  [
    "has an error in it",
    [`data: ${delta("half")}\n\ndata: {"error":{"message":"overloaded"}}\n\ndata: [DONE]\n\n`],
    "unavailable",
  ],
  ["has an error with a code in it", [`data: {"error":{"message":"slow down","code":429}}\n\n`], "rate_limited"],
  ["has an event that is no JSON", [`data: {"choices": oops}\n\n`], "bad_response"],
])("a stream that %s is a failure that another try may mend", async (_, pieces, code) => {
  await expect(chunksOf(saying(pieces))).rejects.toMatchObject({ name: "ModelError", code, retryable: true });
});

test("wishes for tools come in pieces and are put together by their index", async () => {
  const piece = (call: object): string =>
    `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] })}\n\n`;
  const chunks = await chunksOf(
    saying([
      piece({ index: 0, id: "c1", function: { name: "weather", arguments: "" } }),
      piece({ index: 0, function: { arguments: '{"city":' } }),
      piece({ index: 1, id: "c2", function: { name: "time", arguments: "" } }),
      piece({ index: 0, function: { arguments: '"Bern"}' } }),
      `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "tool_calls" }] })}\n\ndata: [DONE]\n\n`,
    ]),
  );
  expect(chunks).toMatchObject([
    {
      reply: {
        text: "",
        finishReason: "tool_calls",
        toolCalls: [
          { id: "c1", name: "weather", input: '{"city":"Bern"}' },
          { id: "c2", name: "time", input: "{}" },
        ],
      },
    },
  ]);
});

test("each piece has its time: a stream that goes silent is given up", async () => {
  const clock = fakeClock();
  const fetch = async (): Promise<Response> =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(`data: ${delta("x")}\n\n`)),
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  const model = openAiCompatible({ id: "local", url: "http://127.0.0.1/v1", fetch, timeoutMs: 500, clock });
  const iterator = model.stream?.(request)[Symbol.asyncIterator]();
  expect(await iterator?.next()).toMatchObject({ value: { text: "x" } });
  const failed = expect(iterator?.next()).rejects.toMatchObject({ code: "timeout", retryable: true });
  await clock.advance(500);
  await failed;
});

test("an abort ends a stream under way with its reason, and leaving it ends the connection", async () => {
  const signals: (AbortSignal | null | undefined)[] = [];
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    signals.push(init?.signal);
    const start = (controller: ReadableStreamDefaultController): void => {
      controller.enqueue(new TextEncoder().encode(`data: ${delta("x")}\n\n`));
      init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
    };
    return new Response(new ReadableStream({ start }), { headers: { "content-type": "text/event-stream" } });
  };
  const model = openAiCompatible({ id: "local", url: "http://127.0.0.1/v1", fetch });
  const controller = new AbortController();
  const reason = new Error("enough");
  const iterator = model.stream?.(request, { signal: controller.signal })[Symbol.asyncIterator]();
  await iterator?.next();
  const failed = expect(iterator?.next()).rejects.toBe(reason);
  controller.abort(reason);
  await failed;
  for await (const _ of model.stream?.(request) ?? []) break;
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
});

test("a long stream is read in linear time, in many events or in one line that never ends", async () => {
  const events = `data: ${delta("abcd")}\n\n`.repeat(1000);
  const chunks = await chunksOf(saying([...Array.from({ length: 100 }, () => events), `data: ${finish}\n\n`]));
  expect(chunks).toHaveLength(100_001);
  expect(chunks.at(-1)).toMatchObject({ reply: { text: "abcd".repeat(100_000) } });
  const endless = saying(Array.from({ length: 2000 }, () => "x".repeat(8192)));
  await expect(chunksOf(endless)).rejects.toMatchObject({ code: "unavailable" });
});
