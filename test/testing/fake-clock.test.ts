import { describe, expect, test } from "vitest";
import { fakeClock } from "#testing";
import { UsageError } from "#foundation";

const reason = new Error("no longer needed");

describe("the fake clock", () => {
  test("wakes sleepers in the order of their times, each at its own", async () => {
    const clock = fakeClock(1000);
    const log: string[] = [];
    void clock.sleep(30).then(() => log.push(`late ${clock.now()}`));
    void clock.sleep(10).then(() => log.push(`early ${clock.now()}`));
    await clock.advance(29);
    expect(log).toEqual(["early 1010"]);
    expect([clock.now(), clock.pending()]).toEqual([1029, 1]);
    await clock.advance(1);
    expect(log).toEqual(["early 1010", "late 1030"]);
  });

  test("wakes whoever falls due in one advance by time, and by turn at one time", async () => {
    const clock = fakeClock();
    const log: string[] = [];
    for (const [name, ms] of [
      ["c", 20],
      ["a", 10],
      ["b", 10],
    ] as const)
      void clock.sleep(ms).then(() => log.push(`${name} ${clock.now()}`));
    await clock.advance(50);
    expect(log).toEqual(["a 10", "b 10", "c 20"]);
  });

  test("counts the sleeps that a sleeper begins on the way", async () => {
    const clock = fakeClock();
    const ticks: number[] = [];
    const tick = async (): Promise<void> => {
      for (let count = 0; count < 5; count++) {
        await clock.sleep(10);
        ticks.push(clock.now());
      }
    };
    const done = tick();
    await clock.advance(100);
    await done;
    expect(ticks).toEqual([10, 20, 30, 40, 50]);
    expect(clock.now()).toBe(100);
  });

  test("aborts like the system clock", async () => {
    const clock = fakeClock();
    await expect(clock.sleep(10, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const sleep = clock.sleep(10, { signal: controller.signal });
    controller.abort(reason);
    await expect(sleep).rejects.toBe(reason);
    expect(clock.pending()).toBe(0);
  });

  test("goes on, never back", async () => {
    await expect(fakeClock().advance(-1)).rejects.toThrow(UsageError);
    await expect(fakeClock().advance(Number.NaN)).rejects.toThrow(UsageError);
  });
});
