import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { ModelReply, ToolCall, Usage } from "#programs";

/** Which of the two endpoints for completions speaks. */
export type CompletionKind = "chat" | "text";

/** What every part of one response says of itself. */
export interface Heading {
  readonly kind: CompletionKind;
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly topLogprobs: number | undefined;
}

/** A whole answer, as OpenAI's API has it. */
export function completionBody(
  heading: Heading,
  replies: readonly ModelReply[],
  usage: Usage,
): Record<string, unknown> {
  const { kind, id, created, model } = heading;
  return {
    id,
    object: kind === "chat" ? "chat.completion" : "text_completion",
    created,
    model,
    system_fingerprint: fingerprint(model, replies[0]),
    choices: replies.map((reply, index) => choiceOf(heading, reply, index)),
    usage: usageBody(usage),
  };
}

function choiceOf({ kind, topLogprobs }: Heading, reply: ModelReply, index: number): Record<string, unknown> {
  const { text, toolCalls = [] } = reply;
  const logprobs = topLogprobs === undefined ? null : logprobsOf(kind, reply, topLogprobs);
  const finish_reason = finishReason(reply);
  if (kind === "text") return { index, text, logprobs, finish_reason };
  const message = {
    role: "assistant",
    content: toolCalls.length > 0 && text === "" ? null : text,
    refusal: null,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(toolCallBody) }),
  };
  return { index, message, logprobs, finish_reason };
}

/** A piece of a streamed answer. */
export function chunkBody(heading: Heading, index: number, piece: Piece): Record<string, unknown> {
  const { kind, id, created, model, topLogprobs } = heading;
  const reply = "reply" in piece ? piece.reply : undefined;
  const finish_reason = reply === undefined ? null : finishReason(reply);
  const logprobs = reply === undefined || topLogprobs === undefined ? null : logprobsOf(kind, reply, topLogprobs);
  const text = "text" in piece ? piece.text : "";
  const choice =
    kind === "text"
      ? { index, text, logprobs, finish_reason }
      : { index, delta: deltaOf(piece), logprobs, finish_reason };
  return {
    id,
    object: kind === "chat" ? "chat.completion.chunk" : "text_completion",
    created,
    model,
    system_fingerprint: fingerprint(model, reply),
    choices: [choice],
  };
}

/** What one chunk tells: that an answer begins, some of its text, its calls, or its end. */
export type Piece =
  | { readonly begin: true }
  | { readonly text: string }
  | { readonly toolCalls: readonly ToolCall[] }
  | { readonly reply: ModelReply };

function deltaOf(piece: Piece): Record<string, unknown> {
  if ("begin" in piece) return { role: "assistant", content: "" };
  if ("text" in piece) return { content: piece.text };
  if ("toolCalls" in piece)
    return { tool_calls: piece.toolCalls.map((call, index) => ({ index, ...toolCallBody(call) })) };
  return {};
}

/** The chunk after the last one, for clients that ask what the stream cost. */
export function usageChunk({ kind, id, created, model }: Heading, usage: Usage): Record<string, unknown> {
  const object = kind === "chat" ? "chat.completion.chunk" : "text_completion";
  return { id, object, created, model, choices: [], usage: usageBody(usage) };
}

function usageBody({ inputTokens, outputTokens }: Usage): Record<string, number> {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

function toolCallBody({ id, name, input }: ToolCall): Record<string, unknown> {
  return { id, type: "function", function: { name, arguments: input } };
}

function finishReason({ finishReason: reason }: ModelReply): string {
  return reason === "error" || reason === "other" ? "stop" : reason;
}

/** Changes whenever equal requests may be answered differently: model and tokeniser. */
function fingerprint(model: string, reply: ModelReply | undefined): string {
  const tokenizer = metadataOf(reply, "tokenizer");
  return `fp_${model}${typeof tokenizer === "string" ? `_${tokenizer}` : ""}`;
}

/** A part of what the model says of its own. */
export function metadataOf(reply: ModelReply | undefined, name: string): Json | undefined {
  const metadata = reply?.metadata;
  return isPlainObject(metadata) ? metadata[name] : undefined;
}

interface LabelChoice {
  readonly token: string;
  readonly logprob: number;
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

/** The labels of an answer with their log probabilities: of every output that chooses among labels one. */
function labelChoices(reply: ModelReply): LabelChoice[] {
  const evidence = metadataOf(reply, "evidence");
  return (Array.isArray(evidence) ? evidence : []).flatMap((one: Json) => {
    const labels = isPlainObject(one) && Array.isArray(one["labels"]) ? (one["labels"] as Json[]) : [];
    const top = labels.flatMap((label) => {
      const probability = isPlainObject(label) ? label["probability"] : undefined;
      const value = isPlainObject(label) ? (label["value"] as Json) : null;
      return typeof probability === "number"
        ? [
            {
              token: typeof value === "string" ? value : JSON.stringify(value),
              logprob: Math.log(Math.max(probability, 1e-12)),
            },
          ]
        : [];
    });
    const chosen = top.find(({ token }) => reply.text.includes(token)) ?? top[0];
    return chosen === undefined ? [] : [{ ...chosen, top }];
  });
}

function logprobsOf(kind: CompletionKind, reply: ModelReply, count: number): Record<string, unknown> {
  const choices = labelChoices(reply);
  const entry = ({ token, logprob }: { token: string; logprob: number }): Record<string, unknown> => ({
    token,
    logprob,
    bytes: [...new TextEncoder().encode(token)],
  });
  if (kind === "chat")
    return {
      content: choices.map(({ top, ...chosen }) => ({
        ...entry(chosen),
        top_logprobs: top.slice(0, count).map(entry),
      })),
      refusal: null,
    };
  return {
    tokens: choices.map(({ token }) => token),
    token_logprobs: choices.map(({ logprob }) => logprob),
    top_logprobs: choices.map(({ top }) =>
      Object.fromEntries(top.slice(0, count).map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: choices.map(({ token }) => reply.text.indexOf(token)),
  };
}
