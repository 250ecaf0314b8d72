import type { LanguageModel } from "#programs";
import { aroundCalls } from "./around-calls.ts";
import { isKeyRefusal } from "./key-hint.ts";

/** A model whose calls are watched while a run asks it. */
export interface WatchedModel {
  readonly model: LanguageModel;
  /** How many calls have no answer yet. */
  underWay(): number;
  /** Aborts when the provider refuses the key, with what it said: every further call would be refused too. */
  readonly keyRefused: AbortSignal;
}

export function watchedModel(model: LanguageModel): WatchedModel {
  const refusal = new AbortController();
  let underWay = 0;
  const watched = aroundCalls(model, async function* (call) {
    underWay++;
    try {
      yield* call;
    } catch (error) {
      if (isKeyRefusal(error)) refusal.abort(error);
      throw error;
    } finally {
      underWay--;
    }
  });
  return { model: watched, underWay: () => underWay, keyRefused: refusal.signal };
}
