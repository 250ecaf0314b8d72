import { describe, expect, test } from "vitest";
import { EventStream } from "#foundation";
import type { Event } from "#foundation";

interface Tick extends Event {
  readonly type: "tick";
}

const tick = (at: number): Tick => ({ type: "tick", at });

function recorder(): { seen: number[]; listen: (event: Event) => void } {
  const seen: number[] = [];
  return { seen, listen: ({ at }) => void seen.push(at) };
}

describe("an event stream", () => {
  test("delivers every event to every subscriber, in order", () => {
    const stream = new EventStream<Tick>();
    const [one, other] = [recorder(), recorder()];
    stream.subscribe(one.listen);
    stream.publish(tick(1));
    stream.subscribe(other.listen);
    stream.publish(tick(2));
    stream.publish(tick(3));
    expect([one.seen, other.seen]).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
  });

  test("a listener that throws keeps no event from the others, and its error is handed on", () => {
    const errors: unknown[] = [];
    const stream = new EventStream<Tick>((error) => errors.push(error));
    const error = new Error("listener");
    const last = recorder();
    stream.subscribe(() => {
      throw error;
    });
    stream.subscribe(last.listen);
    stream.publish(tick(1));
    stream.publish(tick(2));
    expect(last.seen).toEqual([1, 2]);
    expect(errors).toEqual([error, error]);
  });

  test("by default a listener's error surfaces outside the publisher's stack", async () => {
    const stream = new EventStream<Tick>();
    const error = new Error("listener");
    stream.subscribe(() => {
      throw error;
    });
    const uncaught = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    try {
      const surfaced = new Promise((resolve) => process.once("uncaughtException", resolve));
      expect(() => stream.publish(tick(1))).not.toThrow();
      expect(await surfaced).toBe(error);
    } finally {
      for (const listener of uncaught) process.on("uncaughtException", listener);
    }
  });

  test("a subscription ends by its function or by its signal, once is enough", () => {
    const stream = new EventStream<Tick>();
    const [byFunction, bySignal, never] = [recorder(), recorder(), recorder()];
    const controller = new AbortController();
    const end = stream.subscribe(byFunction.listen);
    stream.subscribe(bySignal.listen, { signal: controller.signal });
    stream.subscribe(never.listen, { signal: AbortSignal.abort() });
    stream.publish(tick(1));
    end();
    end();
    controller.abort();
    stream.publish(tick(2));
    expect([byFunction.seen, bySignal.seen, never.seen]).toEqual([[1], [1], []]);
  });

  test("one listener subscribed twice is told twice, and each subscription ends alone", () => {
    const stream = new EventStream<Tick>();
    const { seen, listen } = recorder();
    const end = stream.subscribe(listen);
    stream.subscribe(listen);
    stream.publish(tick(1));
    end();
    stream.publish(tick(2));
    expect(seen).toEqual([1, 1, 2]);
  });

  test("an event published by a listener comes after the one it answers, for everyone", () => {
    const stream = new EventStream<Tick>();
    const [before, after] = [recorder(), recorder()];
    stream.subscribe(before.listen);
    stream.subscribe(({ at }) => {
      if (at === 1) stream.publish(tick(2));
    });
    stream.subscribe(after.listen);
    stream.publish(tick(1));
    stream.publish(tick(3));
    expect([before.seen, after.seen]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test("whoever subscribes or leaves during an event does so from the next event on", () => {
    const stream = new EventStream<Tick>();
    const late = recorder();
    const leaver = recorder();
    let leave = (): void => {};
    stream.subscribe(({ at }) => {
      if (at !== 1) return;
      stream.subscribe(late.listen);
      leave();
    });
    leave = stream.subscribe(leaver.listen);
    stream.publish(tick(1));
    stream.publish(tick(2));
    expect(late.seen).toEqual([2]);
    expect(leaver.seen).toEqual([]);
  });

  test("an error handler that throws does not silence the stream", () => {
    const stream = new EventStream<Tick>((error) => {
      throw error;
    });
    const { seen, listen } = recorder();
    stream.subscribe(listen);
    stream.subscribe(() => {
      throw new Error("listener");
    });
    expect(() => stream.publish(tick(1))).toThrow("listener");
    expect(() => stream.publish(tick(2))).toThrow("listener");
    expect(seen).toEqual([1, 2]);
  });
});
