import type { Rng } from "#foundation";
import type { FinishReason } from "#programs";
import type { StructuredText } from "./dialects/structured-text.ts";
import { tokens } from "./words/tokenizer.ts";

/** Where an answer ends. */
export interface Limits {
  readonly maxTokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
}

/** What was written. */
export interface Written {
  readonly text: string;
  readonly tokenCount: number;
  readonly finishReason: FinishReason;
}

/** Writes an answer down; each structural token goes wrong with the given probability. */
export function write(pieces: StructuredText, slipProbability: number, rng: Rng): string {
  return pieces
    .map(({ text, slipped }) => (slipped !== undefined && rng.next() < slipProbability ? slipped : text))
    .join("");
}

/** Ends a text before the first stop string or at the last token allowed, whichever comes first. */
export function cut(text: string, { maxTokens = Infinity, stop = [] }: Limits): Written {
  const ends = stop
    .filter((mark) => mark !== "")
    .map((mark) => text.indexOf(mark))
    .filter((end) => end >= 0);
  const stopped = text.slice(0, Math.min(text.length, ...ends));
  const all = tokens(stopped);
  if (all.length <= maxTokens) return { text: stopped, tokenCount: all.length, finishReason: "stop" };
  const kept = all.slice(0, Math.max(0, Math.floor(maxTokens)));
  return { text: kept.join(""), tokenCount: kept.length, finishReason: "length" };
}
