import { ModelError, noUsage } from "#programs";
import type { Embeddings, ModelChunk, ModelReply, ModelRequest } from "#programs";
import type { Endpoint } from "./endpoint.ts";
import { chunksOf } from "../whole-stream.ts";
import { chatBody } from "./chat-body.ts";
import { readCompletion, readUsage } from "./completion.ts";
import type { ReadingContext } from "./completion.ts";
import { noPieces, wholeReply, withPiece } from "./completion-in-pieces.ts";
import { connection } from "./connection.ts";
import type { OpenAnswer } from "./connection.ts";
import { eventData } from "./event-data.ts";
import { excerpt } from "./failure.ts";
import { at, items, parsed } from "../json-value.ts";

/** The verbs of the port, in OpenAI's protocol. */
export interface EndpointCalls {
  generate(request: ModelRequest, signal: AbortSignal | undefined): Promise<ModelReply>;
  stream(request: ModelRequest, signal: AbortSignal | undefined): AsyncGenerator<ModelChunk, void, undefined>;
  embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<Embeddings>;
}

export function endpointCalls(endpoint: Endpoint): EndpointCalls {
  const line = connection(endpoint);
  const context: ReadingContext = { endpoint, redact: line.redact };
  return {
    async generate(request, signal) {
      const { body, warnings } = chatBody(endpoint, request);
      return warned(readCompletion(await line.whole("chat/completions", body, signal), context), request, warnings);
    },
    async *stream(request, signal) {
      const { body, warnings } = chatBody(endpoint, request);
      const streamed = { ...body, stream: true, stream_options: { include_usage: true } };
      for await (const chunk of readAnswer(line.open("chat/completions", streamed, signal), context)) {
        signal?.throwIfAborted();
        yield chunk.type === "text" ? chunk : { type: "reply", reply: warned(chunk.reply, request, warnings) };
      }
    },
    async embed(texts, signal) {
      if (texts.length === 0) return { vectors: [], usage: noUsage };
      const text = await line.whole(
        "embeddings",
        { model: endpoint.id, input: texts, encoding_format: "float" },
        signal,
      );
      return readEmbeddings(text, texts.length, context);
    },
  };
}

/** With what was not asked for, and a wish for JSON that nothing came of. */
function warned(reply: ModelReply, { responseFormat }: ModelRequest, told: readonly string[]): ModelReply {
  const isUnheeded =
    responseFormat !== undefined &&
    reply.finishReason === "stop" &&
    parsed(reply.text) === undefined &&
    !told.some((warning) => warning.startsWith("responseFormat"));
  const warnings = isUnheeded ? [...told, "responseFormat was not honoured: the answer is no JSON"] : told;
  return warnings.length === 0 ? reply : { ...reply, warnings };
}

async function* readAnswer(
  answer: AsyncGenerator<OpenAnswer, void, undefined>,
  context: ReadingContext,
): AsyncGenerator<ModelChunk, void, undefined> {
  let mediaType = "";
  const texts = async function* (): AsyncGenerator<string, void, undefined> {
    for await (const part of answer) if ("text" in part) yield part.text;
  };
  const head = await answer.next();
  if (head.done !== true && "mediaType" in head.value) ({ mediaType } = head.value);
  // A server that does not stream answers with the whole.
  if (mediaType.includes("application/json")) {
    let whole = "";
    for await (const text of texts()) whole += text;
    return yield* chunksOf(readCompletion(whole, context));
  }
  let pieces = noPieces;
  let isDone = false;
  for await (const data of eventData(texts())) {
    isDone = data.trim() === "[DONE]";
    if (isDone) break;
    pieces = withPiece(pieces, data, context);
    const text = pieces.newText;
    if (text !== "") yield { type: "text", text };
  }
  yield { type: "reply", reply: wholeReply(pieces, isDone, context) };
}

function readEmbeddings(text: string, count: number, { endpoint, redact }: ReadingContext): Embeddings {
  const body = parsed(text);
  const data = items(at(body, "data"));
  const vectors: (readonly number[])[] = [];
  for (const [place, item] of data.entries()) {
    const vector = at(item, "embedding");
    const index = at(item, "index") ?? place;
    if (Array.isArray(vector) && vector.every((value) => Number.isFinite(value)) && typeof index === "number")
      vectors[index] = vector as number[];
  }
  if (data.length !== count || vectors.length !== count || Object.keys(vectors).length !== count)
    throw new ModelError(
      "bad_response",
      `${endpoint.id}: expected ${count} vectors of numbers, got ${excerpt(text, redact)}`,
      { retryable: true },
    );
  return { vectors, usage: readUsage(endpoint, at(body, "usage")) };
}
