import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { circuitBreaker } from "#models/wrappers";
import type { BreakerModel } from "#models/wrappers";
import { ModelError } from "#programs";
import type { ModelErrorCode, ModelRequest } from "#programs";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";
import type { TalkingModel } from "../fixtures/talking-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

interface Circuit {
  readonly breaker: BreakerModel;
  readonly model: TalkingModel;
  readonly clock: ReturnType<typeof fakeClock>;
  /** What the model does from now on: answer, or fail so. */
  does: ModelErrorCode | "answer" | "wait";
  /** How long it waits. */
  slowness: number;
  /** Calls that reject give their error's code. */
  ask(): Promise<string>;
}

function circuit(): Circuit {
  const clock = fakeClock();
  const model = talkingModel(async (_, __, { signal }) => {
    const { does } = self;
    if (does === "wait") await clock.sleep(self.slowness, { signal });
    if (does !== "answer" && does !== "wait") throw new ModelError(does, "no", { retryable: true });
    return "ok";
  });
  const breaker = circuitBreaker(model, { failures: 3, windowMs: 10_000, coolMs: 5000, clock });
  const self: Circuit = {
    breaker,
    model,
    clock,
    does: "answer",
    slowness: 1000,
    ask: async () => {
      try {
        return (await breaker.generate(request)).text;
      } catch (thrown) {
        return thrown instanceof ModelError ? thrown.code : "?";
      }
    },
  };
  return self;
}

/** A circuit that has just opened. */
async function openCircuit(): Promise<Circuit> {
  const open = circuit();
  open.does = "unavailable";
  for (let call = 0; call < 3; call++) await open.ask();
  expect(open.breaker.state()).toBe("open");
  return open;
}

test("so many outages within the window open it; then calls reject at once and say when to come back", async () => {
  const { breaker, model, clock } = await openCircuit();
  await clock.advance(1200);
  await expect(breaker.generate(request)).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
    retryAfterMs: 3800,
    message: "talking: not asked, for it is down; one call will try it again in 3800 ms",
  });
  expect(model.asked).toHaveLength(3);
});

test("outages that lie further apart than the window do not", async () => {
  const slow = circuit();
  slow.does = "timeout";
  for (let call = 0; call < 6; call++) {
    await slow.ask();
    await slow.clock.advance(5001);
  }
  expect(slow.breaker.state()).toBe("closed");
});

test.each<ModelErrorCode>(["rate_limited", "invalid_request", "unauthorized", "context_length", "unknown_model"])(
  "%s is an answer, no outage",
  async (code) => {
    const lively = circuit();
    lively.does = code;
    for (let call = 0; call < 9; call++) expect(await lively.ask()).toBe(code);
    expect(lively.breaker.state()).toBe("closed");
  },
);

describe("after the time to cool", () => {
  test("one call probes, and its answer closes it", async () => {
    const cooled = await openCircuit();
    await cooled.clock.advance(5000);
    cooled.does = "wait";
    const probe = cooled.ask();
    expect(cooled.breaker.state()).toBe("half_open");
    expect(await cooled.ask()).toBe("unavailable");
    expect(cooled.model.asked).toHaveLength(4);
    await cooled.clock.advance(1000);
    expect(await probe).toBe("ok");
    expect(cooled.breaker.state()).toBe("closed");
    cooled.does = "unavailable";
    await cooled.ask();
    expect(cooled.breaker.state()).toBe("closed");
  });

  test("its failure opens it anew", async () => {
    const cooled = await openCircuit();
    await cooled.clock.advance(5000);
    await cooled.ask();
    expect(cooled.breaker.state()).toBe("open");
    await cooled.clock.advance(4999);
    cooled.does = "answer";
    expect(await cooled.ask()).toBe("unavailable");
    await cooled.clock.advance(1);
    expect(await cooled.ask()).toBe("ok");
  });

  test("a probe that its caller aborts tells nothing: the next call probes", async () => {
    const cooled = await openCircuit();
    await cooled.clock.advance(5000);
    cooled.does = "wait";
    const controller = new AbortController();
    const probe = cooled.breaker.generate(request, { signal: controller.signal });
    const reason = new Error("enough");
    const failed = expect(probe).rejects.toBe(reason);
    await cooled.clock.advance(0);
    controller.abort(reason);
    await failed;
    cooled.does = "answer";
    expect(await cooled.ask()).toBe("ok");
    expect(cooled.breaker.state()).toBe("closed");
  });

  test("a stream probes as well, by how it ends", async () => {
    const cooled = await openCircuit();
    await cooled.clock.advance(5000);
    cooled.does = "answer";
    for await (const _ of cooled.breaker.stream?.(request) ?? []);
    expect(cooled.breaker.state()).toBe("closed");
  });

  test("a stream whose reader has its reply and reads no further has answered", async () => {
    const cooled = await openCircuit();
    await cooled.clock.advance(5000);
    cooled.does = "answer";
    for await (const chunk of cooled.breaker.stream?.(request) ?? []) if (chunk.type === "reply") break;
    expect(cooled.breaker.state()).toBe("closed");
  });
});

test("news of calls from before it opened changes nothing", async () => {
  const late = circuit();
  late.does = "wait";
  const early = late.ask();
  await late.clock.advance(0);
  late.does = "unavailable";
  for (let call = 0; call < 3; call++) await late.ask();
  await late.clock.advance(1000);
  expect(await early).toBe("ok");
  expect(late.breaker.state()).toBe("open");
});

test("news from before it opened does not speak for the probe", async () => {
  const late = circuit();
  late.does = "wait";
  late.slowness = 8000;
  const early = late.ask();
  await late.clock.advance(0);
  late.does = "unavailable";
  for (let call = 0; call < 3; call++) await late.ask();
  // A probe is under way when the early call ends.
  late.slowness = 9000;
  late.does = "wait";
  await late.clock.advance(5000);
  const probe = late.ask();
  await late.clock.advance(3000);
  expect(await early).toBe("ok");
  expect(late.breaker.state()).toBe("half_open");
  await late.clock.advance(9000);
  expect(await probe).toBe("ok");
  expect(late.breaker.state()).toBe("closed");
});

test("an aborted call is no outage", async () => {
  const { breaker } = circuit();
  for (let call = 0; call < 9; call++) await breaker.generate(request, { signal: AbortSignal.abort() }).catch(() => {});
  expect(breaker.state()).toBe("closed");
});

test.each([{ failures: 0 }, { windowMs: 0 }, { coolMs: -5 }])("%j is refused at once", (options) => {
  expect(() => circuitBreaker(talkingModel(), options)).toThrow(UsageError);
});
