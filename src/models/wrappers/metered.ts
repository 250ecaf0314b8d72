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
  const meter = new Meter(clock);
  const inner = wrapped(model, {
    async call(ask, options) {
      const begun = meter.begin();
      try {
        const result = await ask(options);
        meter.answered(begun, result.usage);
        return result;
      } catch (thrown) {
        meter.failed(thrown, options.signal);
        throw thrown;
      }
    },
    async *stream(ask, options) {
      const begun = meter.begin();
      let isOver = false;
      try {
        for await (const chunk of ask(options)) {
          if (chunk.type === "reply") {
            isOver = true;
            meter.answered(begun, chunk.reply.usage);
          }
          yield chunk;
        }
      } catch (thrown) {
        if (!isOver) meter.failed(thrown, options.signal);
        isOver = true;
        throw thrown;
      } finally {
        if (!isOver) meter.abandoned();
      }
    },
  });
  return { ...inner, metered: () => meter.read() };
}

class Meter {
  readonly #clock: Clock;
  readonly #errors: Partial<Record<ModelErrorCode | "other", number>> = {};
  #asked = 0;
  #answered = 0;
  #abandoned = 0;
  #cacheHits = 0;
  #usage = noUsage;
  #totalMs = 0;
  #maxMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call is begun; answers when. */
  begin(): number {
    this.#asked++;
    return this.#clock.now();
  }

  answered(begun: number, used: Usage): void {
    this.#answered++;
    this.#usage = addUsage(this.#usage, used);
    if (used.calls === 0) this.#cacheHits++;
    const latencyMs = this.#clock.now() - begun;
    this.#totalMs += latencyMs;
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
  }

  failed(thrown: unknown, signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) return this.abandoned();
    const code = thrown instanceof ModelError ? thrown.code : "other";
    this.#errors[code] = (this.#errors[code] ?? 0) + 1;
  }

  abandoned(): void {
    this.#abandoned++;
  }

  read(): Metered {
    return {
      asked: this.#asked,
      answered: this.#answered,
      abandoned: this.#abandoned,
      usage: this.#usage,
      cacheHits: this.#cacheHits,
      errors: { ...this.#errors },
      latencyMs: { mean: this.#answered === 0 ? 0 : this.#totalMs / this.#answered, max: this.#maxMs },
    };
  }
}
