import { describe, UsageError } from "#foundation";
import { quantity } from "./units.ts";

/** How fast something may be taken: at most `capacity` at once, refilled evenly. */
export interface BucketOptions {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** A bucket as it was at a time. An immutable value; plain JSON. */
export interface TokenBucket extends BucketOptions {
  readonly tokens: number;
  /** Milliseconds of the caller's clock. */
  readonly at: number;
}

export type TakeResult =
  | { readonly ok: true; readonly bucket: TokenBucket }
  /** `retryAfterMs`: when there will be enough if nobody else takes any; infinite when there never will be. */
  | { readonly ok: false; readonly bucket: TokenBucket; readonly retryAfterMs: number };

/** A full bucket. Throws a `UsageError` for a capacity or a rate that is negative or not finite. */
export function tokenBucket({ capacity, refillPerSecond }: BucketOptions, at: number): TokenBucket {
  const most = quantity(capacity, "tokenBucket: capacity");
  const rate = quantity(refillPerSecond, "tokenBucket: refillPerSecond");
  if (!Number.isFinite(at)) throw new UsageError(`tokenBucket: expected a finite time, got ${describe(at)}`);
  return { capacity: most, refillPerSecond: rate, tokens: most, at };
}

/**
 * Takes an amount, or nothing. In any stretch of time no more is taken than the capacity and what was refilled in it. A
 * clock that goes back refills nothing. Throws a `UsageError` for an amount that is negative or not finite.
 */
export function takeTokens(bucket: TokenBucket, amount: number, at: number): TakeResult {
  const asked = quantity(amount, "takeTokens: amount");
  const now = refilled(bucket, at);
  if (asked <= now.tokens) return { ok: true, bucket: { ...now, tokens: now.tokens - asked } };
  const { capacity, refillPerSecond, tokens } = now;
  if (asked > capacity || refillPerSecond === 0) return { ok: false, bucket: now, retryAfterMs: Infinity };
  const waitMs = Math.ceil(((asked - tokens) / refillPerSecond) * 1000);
  // The division may round down to a time at which a little is still missing.
  const isEnough = refilled(now, now.at + waitMs).tokens >= asked;
  return { ok: false, bucket: now, retryAfterMs: isEnough ? waitMs : waitMs + 1 };
}

function refilled(bucket: TokenBucket, at: number): TokenBucket {
  if (!(at > bucket.at)) return bucket;
  const { tokens, capacity, refillPerSecond } = bucket;
  return { ...bucket, at, tokens: Math.min(capacity, tokens + ((at - bucket.at) / 1000) * refillPerSecond) };
}
