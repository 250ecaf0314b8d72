import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Embeddings, ModelErrorCode, ModelReply, ModelRequest } from "#programs";
import { redacted, redaction } from "../redaction.ts";
import { isUsage, readReply } from "./stored-reply.ts";

/** A failure as it is kept. */
export interface RecordedError {
  readonly code: ModelErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/** What was asked of a model, how often before, and what came of it. */
export interface Recording {
  /** The hash of what was asked. */
  readonly key: string;
  readonly model: string;
  /** 0 for the first time that this was asked. */
  readonly repetition: number;
  readonly asked: { readonly request: ModelRequest } | { readonly texts: readonly string[] };
  readonly answer:
    | { readonly reply: ModelReply; readonly pieces?: readonly string[] }
    | { readonly embeddings: Embeddings }
    | { readonly error: RecordedError };
}

/** Recordings, and who is told of a new one. */
export class Cassette {
  readonly #recordings: Recording[];
  readonly #onChange: (cassette: Cassette) => Promise<void>;

  constructor(recordings: readonly Recording[], onChange: (cassette: Cassette) => Promise<void>) {
    this.#recordings = [...recordings];
    this.#onChange = onChange;
  }

  get recordings(): readonly Recording[] {
    return this.#recordings;
  }

  /** Keeps a recording, without anything that looks like a key or is one of the environment's. */
  async add(recording: Recording): Promise<void> {
    this.#recordings.push({ ...redacted(recording, redaction()), key: recording.key });
    await this.#onChange(this);
  }

  /** What `cassette()` takes: ordered by what was asked, so that a new recording is a small difference. */
  toJSON(): Json {
    const order = ({ model, key, repetition }: Recording): string =>
      `${model}\n${key}\n${String(repetition).padStart(6, "0")}`;
    const recordings = this.#recordings.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
    return { version: 1, recordings } as unknown as Json;
  }
}

/** A cassette in memory: empty, or with what another one gave as JSON. Throws `UsageError` for anything else. */
export function cassette(data?: unknown): Cassette {
  return new Cassette(data === undefined ? [] : readCassette(data), async () => {});
}

/** The recordings in data from outside, checked. */
export function readCassette(data: unknown, where = "cassette"): readonly Recording[] {
  const { version, recordings } = isPlainObject(data) ? data : {};
  if (version !== 1 || !Array.isArray(recordings))
    throw new UsageError(`${where}: expected { version: 1, recordings }, got ${describe(data)}`);
  const faulty = recordings.findIndex((recording) => !isRecording(recording));
  if (faulty >= 0) throw new UsageError(`${where}: recordings[${faulty}] is no recording of a call`);
  return recordings as readonly Recording[];
}

function isRecording(value: unknown): value is Recording {
  if (!isPlainObject(value)) return false;
  const { key, model, repetition, asked, answer } = value;
  if (typeof key !== "string" || typeof model !== "string" || !Number.isInteger(repetition)) return false;
  if (!isPlainObject(asked) || !isPlainObject(answer)) return false;
  if (isPlainObject(answer["error"])) return typeof answer["error"]["message"] === "string";
  if (Array.isArray(asked["texts"])) return isEmbeddings(answer["embeddings"]);
  return isPlainObject(asked["request"]) && readReply(answer["reply"]) !== undefined;
}

function isEmbeddings(value: unknown): boolean {
  return isPlainObject(value) && Array.isArray(value["vectors"]) && isUsage(value["usage"]);
}
