import { UsageError } from "#foundation";
import { ModelError } from "#programs";
import type { LanguageModel, ModelChunk } from "#programs";
import { chunksOf } from "../whole-stream.ts";
import type { Cassette, Recording } from "./cassette.ts";
import { jsonDifferences } from "./json-differences.ts";
import { keyOf } from "./recorded.ts";
import type { Asked } from "./wrapped.ts";

export interface ReplayOptions {
  /** Whose recordings; needed where the cassette has those of several models. */
  readonly id?: string;
  /** `false`: what is asked more often than it was recorded gets its last answer again. `true` unless told. */
  readonly strict?: boolean;
}

/**
 * A model that answers from the cassette alone: the n-th time that something is asked, with the n-th recording of it,
 * failures and the pieces of streams included. Rejects with `UsageError` for what was not recorded, or not so often, and
 * names what is different in the nearest recording.
 */
export function replayed(cassette: Cassette, { id: told, strict = true }: ReplayOptions = {}): LanguageModel {
  const id = told ?? onlyModel(cassette);
  const counts = new Map<string, number>();

  const answerTo = (asked: Asked): Recording["answer"] => {
    const key = keyOf(id, asked);
    const repetition = counts.get(key) ?? 0;
    const recordings = cassette.recordings
      .filter((recording) => recording.key === key)
      .toSorted((a, b) => a.repetition - b.repetition);
    const found = recordings[repetition] ?? (strict ? undefined : recordings.at(-1));
    if (found === undefined)
      throw recordings.length > 0
        ? new UsageError(`cassette of ${id}: recorded ${recordings.length} times, asked once more: ${wordsOf(asked)}`)
        : notRecorded(cassette, id, asked);
    counts.set(key, repetition + 1);
    const { answer } = found;
    if (!("error" in answer)) return answer;
    const { code, message, ...rest } = answer.error;
    throw new ModelError(code, message, rest);
  };

  return {
    id,
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      const answer = answerTo({ request });
      if ("reply" in answer) return answer.reply;
      throw notRecorded(cassette, id, { request });
    },
    async *stream(request, { signal } = {}) {
      signal?.throwIfAborted();
      const answer = answerTo({ request });
      if (!("reply" in answer)) throw notRecorded(cassette, id, { request });
      for (const chunk of piecesOf(answer)) {
        signal?.throwIfAborted();
        yield chunk;
      }
    },
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      const answer = answerTo({ texts });
      if ("embeddings" in answer) return answer.embeddings;
      throw notRecorded(cassette, id, { texts });
    },
  };
}

function piecesOf({ reply, pieces }: Extract<Recording["answer"], { readonly reply: unknown }>): readonly ModelChunk[] {
  if (pieces === undefined) return chunksOf(reply);
  return [...pieces.map((text) => ({ type: "text", text }) as const), { type: "reply", reply }];
}

function onlyModel({ recordings }: Cassette): string {
  const models = [...new Set(recordings.map(({ model }) => model))];
  const [only] = models;
  if (only !== undefined && models.length === 1) return only;
  throw new UsageError(`replayed: expected the id of the model, for the cassette has ${models.join(", ") || "none"}`);
}

function notRecorded({ recordings }: Cassette, id: string, asked: Asked): UsageError {
  const compared = recordings
    .filter(({ model }) => model === id)
    .map((recording) => jsonDifferences(comparable(recording.asked), comparable(asked)));
  const [nearest] = compared.toSorted((a, b) => a.length - b.length);
  if (nearest === undefined)
    return new UsageError(`cassette of ${id}: nothing is recorded; asked was ${wordsOf(asked)}`);
  const more = nearest.length > maxDifferences ? [`and ${nearest.length - maxDifferences} more`] : [];
  return new UsageError(`cassette of ${id}: not recorded: ${wordsOf(asked)}. The nearest recording differs:`, [
    ...nearest.slice(0, maxDifferences),
    ...more,
  ]);
}

const maxDifferences = 8;

/** Equal values for equal keys. */
function comparable(asked: Asked): unknown {
  const plain: unknown = JSON.parse(JSON.stringify("request" in asked ? asked.request : { texts: asked.texts }));
  return "request" in asked ? { rollout: 0, ...(plain as object) } : plain;
}

function wordsOf(asked: Asked): string {
  const text = "request" in asked ? (asked.request.messages.at(-1)?.content ?? "") : asked.texts.join(", ");
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
