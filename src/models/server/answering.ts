import type { Clock } from "#foundation";
import { addUsage, noUsage } from "#programs";
import type { LanguageModel, ModelReply, ModelRequest, Usage } from "#programs";
import type { CompletionRequest } from "./completion-request.ts";
import { chunkBody, metadataOf, usageChunk } from "./completion-response.ts";
import type { Heading, Piece } from "./completion-response.ts";
import { refusalBody, refusalOf } from "./openai-error.ts";

/** What answering took. */
export interface Answered {
  readonly replies: readonly ModelReply[];
  readonly usage: Usage;
  readonly units: number;
}

/** Every answer that a body asks for: `n` for each prompt, independently drawn. The first failure ends the others. */
export async function answerAll(
  model: LanguageModel,
  wanted: CompletionRequest,
  outer: AbortSignal,
): Promise<Answered> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([outer, giveUp.signal]);
  try {
    const replies = await Promise.all(
      draws(wanted).map(({ request, isFirst }) =>
        model.generate(request, { signal, ...(isFirst ? {} : { cache: false }) }),
      ),
    );
    return total(replies);
  } finally {
    giveUp.abort();
  }
}

function total(replies: readonly ModelReply[]): Answered {
  const units = replies.reduce((sum, reply) => sum + Number(metadataOf(reply, "units") ?? 0), 0);
  return { replies, usage: replies.reduce((sum, { usage }) => addUsage(sum, usage), noUsage), units };
}

interface Draw {
  readonly request: ModelRequest;
  readonly isFirst: boolean;
}

/** With a seed the answers are told apart by their rollout; without one every call is a draw of its own. */
function draws({ requests, count }: CompletionRequest): Draw[] {
  return requests.flatMap((request) =>
    Array.from({ length: count }, (_, index): Draw => {
      const isPinned = request.seed !== undefined && index > 0;
      return { request: isPinned ? { ...request, rollout: index } : request, isFirst: index === 0 };
    }),
  );
}

interface StreamOptions {
  readonly heading: Heading;
  readonly signal: AbortSignal;
  /** Called once, when the stream is over. One that broke or was left early costs the call and what was told until then. */
  readonly onEnd: (answered: Answered) => void;
}

/**
 * The answers as server-sent events, one after the other. The first piece is awaited before there is a response, so
 * that a model which refuses is answered with a status of its own.
 */
export async function answerStream(
  model: LanguageModel,
  wanted: CompletionRequest,
  options: StreamOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { onEnd, signal } = options;
  const abort = new AbortController();
  const replies: ModelReply[] = [];
  const pieces = events(model, wanted, { ...options, replies, signal: AbortSignal.any([signal, abort.signal]) });
  const first = await pieces.next();
  const encoder = new TextEncoder();
  let waiting: IteratorResult<string, void> | undefined = first;
  let isOver = false;
  const end = (): void => {
    if (!isOver) onEnd(total(replies));
    isOver = true;
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = waiting ?? (await pieces.next());
        waiting = undefined;
        if (done === true) {
          end();
          controller.enqueue(encoder.encode("data: [DONE]\n\n"));
          controller.close();
        } else controller.enqueue(encoder.encode(`data: ${value}\n\n`));
      } catch (thrown) {
        end();
        controller.enqueue(encoder.encode(`data: ${refusalBody(refusalOf(thrown))}\n\n`));
        controller.close();
      }
    },
    cancel(reason) {
      abort.abort(reason);
      end();
    },
  });
}

async function* events(
  model: LanguageModel,
  wanted: CompletionRequest,
  { heading, signal, replies }: Pick<StreamOptions, "heading" | "signal"> & { readonly replies: ModelReply[] },
): AsyncGenerator<string, void> {
  for (const [index, draw] of draws(wanted).entries()) {
    const line = (piece: Piece): string => JSON.stringify(chunkBody(heading, index, piece));
    let isBegun = heading.kind === "text";
    for await (const chunk of chunksOf(model, draw, signal)) {
      if (!isBegun) yield line({ begin: true });
      isBegun = true;
      if (chunk.type === "text") {
        if (chunk.text !== "") yield line({ text: chunk.text });
        continue;
      }
      const { reply } = chunk;
      replies.push(reply);
      if (reply.toolCalls !== undefined && reply.toolCalls.length > 0) yield line({ toolCalls: reply.toolCalls });
      yield line({ reply });
    }
  }
  if (wanted.includeUsage) yield JSON.stringify(usageChunk(heading, total(replies).usage));
}

async function* chunksOf(
  model: LanguageModel,
  { request, isFirst }: Draw,
  signal: AbortSignal,
): ReturnType<NonNullable<LanguageModel["stream"]>> {
  const options = { signal, ...(isFirst ? {} : { cache: false }) };
  if (model.stream !== undefined) return yield* model.stream(request, options);
  const reply = await model.generate(request, options);
  yield { type: "text", text: reply.text };
  yield { type: "reply", reply };
}

/** How long something took, and when it began. */
export function stopwatch(clock: Clock): { readonly at: number; readonly elapsedMs: () => number } {
  const at = clock.now();
  return { at, elapsedMs: () => clock.now() - at };
}
