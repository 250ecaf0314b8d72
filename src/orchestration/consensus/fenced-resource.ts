import { describe, UsageError } from "#foundation";

/** Who acts, by the token under which it was elected. */
export interface FencingToken {
  readonly leader: string;
  readonly epoch: number;
}

export type FenceResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: "stale_token"; readonly message: string } };

/** Whether a token may act on what has last seen another: no older one, and in one epoch only who came first. */
export function isAdmitted(newest: FencingToken | null, token: FencingToken): boolean {
  if (newest === null || token.epoch > newest.epoch) return true;
  return token.epoch === newest.epoch && token.leader === newest.leader;
}

/**
 * Something that only the newest leader may act on. A leader that does not know yet that it has been replaced shows an
 * older token and is refused, whatever its clock says.
 */
export class FencedResource {
  readonly name: string;
  #newest: FencingToken | null;

  /** `newest`: what it has last seen, where it outlives its process. */
  constructor(name: string, newest: FencingToken | null = null) {
    this.name = name;
    this.#newest = newest;
  }

  get newest(): FencingToken | null {
    return this.#newest;
  }

  /** Acts if the token may. The act is begun at once, before a newer token can come; later steps of it must ask again. */
  act<T>(token: FencingToken, act: () => T): FenceResult<T> {
    const { leader, epoch } = token;
    if (!Number.isSafeInteger(epoch) || epoch < 0) {
      throw new UsageError(`${this.name}: expected an epoch as a whole number of at least 0, got ${describe(epoch)}`);
    }
    if (!isAdmitted(this.#newest, token)) {
      const { leader: holder, epoch: newer } = this.#newest as FencingToken;
      const message = `${this.name}: ${leader}'s token ${epoch} is refused, ${holder} has come with ${newer}`;
      return { ok: false, error: { code: "stale_token", message } };
    }
    this.#newest = { leader, epoch };
    return { ok: true, value: act() };
  }
}
