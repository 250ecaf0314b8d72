/** What goes around a model: each takes a LanguageModel and is one, and they compose by value. */

export { retrying } from "./retrying.ts";
export type { RetryOptions } from "./retrying.ts";
export { withTimeout } from "./with-timeout.ts";
export type { TimeoutOptions } from "./with-timeout.ts";
export { fallback } from "./fallback.ts";
export type { FallbackOptions } from "./fallback.ts";
export { limited } from "./limited.ts";
export type { LimitedModel, LimitOptions } from "./limited.ts";
export type { RateLimits } from "./rate-decision.ts";
export { circuitBreaker } from "./circuit-breaker.ts";
export type { BreakerModel, BreakerOptions } from "./circuit-breaker.ts";
export type { BreakerRules } from "./breaker-decision.ts";
export { cached } from "./cached.ts";
export type { CachedModel, CacheOptions, CacheStats } from "./cached.ts";
export { priced, priceTable } from "./priced.ts";
export type { PriceTable } from "./priced.ts";
export { metered } from "./metered.ts";
export type { Metered, MeteredModel, MeterOptions } from "./metered.ts";
export { cassette } from "./cassette.ts";
export type { Cassette, RecordedError, Recording } from "./cassette.ts";
export { cassetteFile } from "./cassette-file.ts";
export { recorded } from "./recorded.ts";
export { replayed } from "./replayed.ts";
export type { ReplayOptions } from "./replayed.ts";
