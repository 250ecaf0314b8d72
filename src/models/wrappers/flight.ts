import type { ModelChunk } from "#programs";

/** A chunk and whether it cost nothing. */
export interface Piece {
  readonly chunk: ModelChunk;
  readonly isFree: boolean;
}

/** What a flight does on its own: it asks, and it says when it can no longer be boarded. */
export interface FlightPlan {
  take(signal: AbortSignal): AsyncIterable<Piece>;
  /** It is over, or everybody has left. May be called twice. */
  ended(): void;
}

/** One asking that several callers wait for. It ends early only when the last of them has left. */
export class Flight {
  readonly #plan: FlightPlan;
  readonly #pieces: Piece[] = [];
  readonly #leaving = new AbortController();
  #passengers = 0;
  #isPaid = false;
  #hasLanded = false;
  #failure: { readonly error: unknown } | undefined;
  #news: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  constructor(plan: FlightPlan) {
    this.#plan = plan;
  }

  /** The pieces from the first one on, as they come; exactly one passenger pays. The first to board starts it. */
  async *board(signal: AbortSignal | undefined): AsyncGenerator<Piece, void, undefined> {
    if (this.#passengers++ === 0) void this.#fly();
    try {
      for (let next = 0; ; next++) {
        while (next >= this.#pieces.length && !this.#hasLanded) await untilAborted(this.#news.promise, signal);
        signal?.throwIfAborted();
        const piece = this.#pieces[next];
        if (piece === undefined && this.#failure !== undefined) throw this.#failure.error;
        if (piece === undefined) return;
        const isFree = piece.isFree || this.#isPaid;
        this.#isPaid ||= piece.chunk.type === "reply";
        yield { chunk: piece.chunk, isFree };
      }
    } finally {
      if (--this.#passengers === 0 && !this.#hasLanded) {
        this.#plan.ended();
        this.#leaving.abort();
      }
    }
  }

  async #fly(): Promise<void> {
    try {
      for await (const piece of this.#plan.take(this.#leaving.signal)) {
        this.#pieces.push(piece);
        this.#tell();
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#hasLanded = true;
    this.#plan.ended();
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
