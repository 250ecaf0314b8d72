import { describe, present, UsageError } from "#foundation";
import { ModelError } from "#programs";
import type {
  LanguageModel,
  ModelCallOptions,
  ModelChunk,
  ModelErrorCode,
  ModelReply,
  ModelRequest,
  ModelSupport,
  TokenPrice,
} from "#programs";
import { streamOf } from "../whole-stream.ts";
import { withMetadata } from "./reply-metadata.ts";
import { checkModel } from "./wrapped.ts";

export interface FallbackOptions {
  /**
   * The failures after which the next model is asked. Unless told, those that are about the endpoint: all but
   * `invalid_request` and `context_length`, with which another model would most likely fail too, and
   * `budget_exhausted`.
   */
  readonly on?: readonly ModelErrorCode[];
}

const endpointFailures: readonly ModelErrorCode[] = [
  "rate_limited",
  "unavailable",
  "timeout",
  "unauthorized",
  "unknown_model",
  "bad_response",
  "engine",
];

function checkModels(models: unknown): void {
  if (!Array.isArray(models)) throw new UsageError(`fallback: expected a list of models, got ${describe(models)}`);
  for (const [index, model] of models.entries()) checkModel(model, `fallback[${index}]`);
}

/**
 * The first model that answers, asked in order. The reply's `metadata.answeredBy` is the id of the one that did. It goes
 * by the id of the first model, costs what the dearest costs and can what all of them can; vectors come from the first
 * alone, for those of different models cannot be compared. When all fail, the error has the last one's code and tells
 * of all. A stream goes over to the next model only while nothing of it was handed on.
 */
export function fallback(
  models: readonly LanguageModel[],
  { on = endpointFailures }: FallbackOptions = {},
): LanguageModel {
  checkModels(models);
  const [first] = models;
  if (first === undefined) throw new UsageError("fallback: expected at least one model, got none");

  /** Notes a failure after which the next model may be asked; throws any other, and the last. */
  const noted = (failures: ModelError[], thrown: unknown, signal: AbortSignal | undefined): void => {
    if (signal?.aborted === true) throw signal.reason;
    if (!(thrown instanceof ModelError) || !on.includes(thrown.code)) throw thrown;
    failures.push(thrown);
    if (failures.length === models.length) throw models.length === 1 ? thrown : allFailed(failures);
  };

  async function generate(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelReply> {
    const failures: ModelError[] = [];
    for (const model of models) {
      try {
        return answered(await model.generate(request, options), model);
      } catch (thrown) {
        noted(failures, thrown, options.signal);
      }
    }
    throw allFailed(failures);
  }

  async function* stream(
    request: ModelRequest,
    options: ModelCallOptions = {},
  ): AsyncGenerator<ModelChunk, void, undefined> {
    const failures: ModelError[] = [];
    for (const model of models) {
      let isHandedOn = false;
      try {
        for await (const chunk of streamOf(model, request, options)) {
          isHandedOn = true;
          yield answeredChunk(chunk, model);
        }
        return;
      } catch (thrown) {
        if (isHandedOn) throw thrown;
        noted(failures, thrown, options.signal);
      }
    }
  }

  return present({
    id: first.id,
    usdPerMillionTokens: dearest(models),
    supports: sharedSupport(models),
    generate,
    stream: models.some((model) => model.stream !== undefined) ? stream : undefined,
    embed: first.embed?.bind(first),
  });
}

function answered(reply: ModelReply, { id }: LanguageModel): ModelReply {
  return withMetadata(reply, { answeredBy: id });
}

function answeredChunk(chunk: ModelChunk, model: LanguageModel): ModelChunk {
  return chunk.type === "reply" ? { type: "reply", reply: answered(chunk.reply, model) } : chunk;
}

function allFailed(failures: readonly ModelError[]): ModelError {
  const last = failures.at(-1);
  const waits = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  const message = `none of ${failures.length} models answered: ${failures.map((failure) => failure.message).join("; ")}`;
  return new ModelError(last?.code ?? "unavailable", message, {
    retryable: failures.some(({ retryable }) => retryable),
    retryAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
    cause: last,
  });
}

/** Only where every model tells its price is the worst case known. */
function dearest(models: readonly LanguageModel[]): TokenPrice | undefined {
  const prices = models.flatMap(({ usdPerMillionTokens }) => usdPerMillionTokens ?? []);
  if (prices.length < models.length) return undefined;
  return {
    input: Math.max(...prices.map(({ input }) => input)),
    output: Math.max(...prices.map(({ output }) => output)),
  };
}

function sharedSupport(models: readonly LanguageModel[]): ModelSupport {
  const shared = (name: keyof ModelSupport): boolean | undefined => {
    const told = models.map(({ supports }) => supports?.[name]);
    if (told.includes(false)) return false;
    return told.includes(undefined) ? undefined : true;
  };
  return present({
    structuredOutput: shared("structuredOutput"),
    tools: shared("tools"),
    images: shared("images"),
    files: shared("files"),
  });
}
