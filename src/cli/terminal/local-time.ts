const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });

/** A time (ms since the epoch) on this machine's clock: 2026-02-03 14:05. */
export function localTime(ms: number): string {
  return format.format(ms);
}
