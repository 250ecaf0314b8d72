import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "#foundation";

const reason = new Error("no longer needed");

afterEach(() => {
  vi.useRealTimers();
});

describe("the system clock", () => {
  test("tells milliseconds since the epoch", () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test("a sleep with a signal that has aborted rejects with its reason and sets no timer", async () => {
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const sleep = systemClock.sleep(3_600_000, { signal: AbortSignal.abort(reason) });
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout")).toHaveLength(timers);
    await expect(sleep).rejects.toBe(reason);
  });

  test("an abort during a sleep rejects with its reason at once and clears the timer", async () => {
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const controller = new AbortController();
    const sleep = systemClock.sleep(3_600_000, { signal: controller.signal });
    controller.abort(reason);
    await expect(sleep).rejects.toBe(reason);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout")).toHaveLength(timers);
  });

  test("a sleep of no time ends, and an abort after it changes nothing", async () => {
    const controller = new AbortController();
    await systemClock.sleep(0, { signal: controller.signal });
    controller.abort(reason);
  });

  test("a sleep of more than 2^31 ms does not end at once", async () => {
    vi.useFakeTimers();
    let awake = false;
    void systemClock.sleep(2 ** 31 + 1000).then(() => (awake = true));
    await vi.advanceTimersByTimeAsync(2 ** 31 + 999);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });
});
