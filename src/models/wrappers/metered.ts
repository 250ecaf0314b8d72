import { systemClock } from "#foundation";
import type { Clock } from "#foundation";
import { addUsage, ModelError, noUsage } from "#programs";
import type { LanguageModel, ModelErrorCode, Usage } from "#programs";
import { wrapped } from "./wrapped.ts";

export interface MeterOptions {
  readonly clock?: Clock;
}

/** What passed a meter. */
export interface Metered {
  /** Calls that were begun; each ends as an answer, an error, or abandoned. */
  readonly asked: number;
  readonly answered: number;
  /** Calls that their caller aborted, and streams that were left early. */
  readonly abandoned: number;
  /** The sum of what the answers told. */
  readonly usage: Usage;
  /** Answers that cost no call: they came from a cache further in. */
  readonly cacheHits: number;
  /** By code; what is no `ModelError` counts as `other`. */
  readonly errors: Readonly<Partial<Record<ModelErrorCode | "other", number>>>;
  /** Of the answers; 0 before the first one. */
  readonly latencyMs: { readonly mean: number; readonly max: number };
}

export interface MeteredModel extends LanguageModel {
  /** What has passed so far. */
  metered(): Metered;
}

/** The model with a meter: put it next to the model to see every try, or outermost to see what callers see. */
export function metered(model: LanguageModel, { clock = systemClock }: MeterOptions = {}): MeteredModel {
  const errors: Partial<Record<ModelErrorCode | "other", number>> = {};
  let [asked, answered, abandoned, cacheHits, totalMs, max] = [0, 0, 0, 0, 0, 0];
  let usage = noUsage;

  const started = (): { answer(used: Usage): void; fail(thrown: unknown, signal: AbortSignal | undefined): void } => {
    const start = clock.now();
    asked++;
    return {
      answer: (used) => {
        answered++;
        usage = addUsage(usage, used);
        if (used.calls === 0) cacheHits++;
        const latencyMs = clock.now() - start;
        totalMs += latencyMs;
        max = Math.max(max, latencyMs);
      },
      fail: (thrown, signal) => {
        if (signal?.aborted === true) return void abandoned++;
        const code = thrown instanceof ModelError ? thrown.code : "other";
        errors[code] = (errors[code] ?? 0) + 1;
      },
    };
  };

  const inner = wrapped(model, {
    async call(ask, options) {
      const call = started();
      try {
        const result = await ask(options);
        call.answer(result.usage);
        return result;
      } catch (thrown) {
        call.fail(thrown, options.signal);
        throw thrown;
      }
    },
    async *stream(ask, options) {
      const call = started();
      let isOver = false;
      try {
        for await (const chunk of ask(options)) {
          if (chunk.type === "reply") {
            isOver = true;
            call.answer(chunk.reply.usage);
          }
          yield chunk;
        }
      } catch (thrown) {
        if (!isOver) call.fail(thrown, options.signal);
        isOver = true;
        throw thrown;
      } finally {
        if (!isOver) abandoned++;
      }
    },
  });
  const latencyMs = (): Metered["latencyMs"] => ({ mean: answered === 0 ? 0 : totalMs / answered, max });
  return {
    ...inner,
    metered: () => ({ asked, answered, abandoned, usage, cacheHits, errors: { ...errors }, latencyMs: latencyMs() }),
  };
}
