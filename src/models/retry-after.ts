import { systemClock } from "#foundation";
import type { Clock } from "#foundation";

/**
 * In how many milliseconds an answer wants to be asked again: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3),
 * or `retry-after-ms`. A date is measured against the answer's own `Date`, where there is one: clocks differ.
 */
export function retryAfterMs(
  header: (name: string) => string | null | undefined,
  clock: Clock = systemClock,
): number | undefined {
  const exact = Number(header("retry-after-ms") ?? "");
  if (exact > 0) return exact;
  const after = header("retry-after") ?? "";
  if (Number(after) > 0) return Number(after) * 1000;
  const wait = dateMs(after) - (dateMs(header("date") ?? "") || clock.now());
  return wait > 0 ? wait : undefined;
}

/** NaN for a text that is no date. */
function dateMs(text: string): number {
  // oxlint-disable-next-line no-restricted-globals -- reads a text, not the time
  return /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
}
