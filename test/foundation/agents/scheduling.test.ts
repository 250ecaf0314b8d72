import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { agent, AgentRuntime, child, DynamicSupervisor } from "#foundation/agents";
import type { Ref } from "#foundation/agents";

async function started<S, M>(runtime: AgentRuntime, definition: ReturnType<typeof agent<S, M>>): Promise<Ref<M>> {
  const ref = await runtime.start(definition, undefined);
  if (ref === undefined) throw new Error("it did not start");
  return ref;
}

test("two agents that feed each other leave every turn of the event loop its room", async () => {
  using runtime = new AgentRuntime();
  let handled = 0;
  const feeding = agent<Ref<Ref<never>> | undefined, Ref<never>>({
    name: "feeding",
    init: () => undefined,
    handle(peer, state, { self }) {
      handled++;
      (peer as Ref<unknown>).send(self);
      return state;
    },
  });
  const [a, b] = [await started(runtime, feeding), await started(runtime, feeding)];
  a.send(b);
  const seen: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await setImmediate();
    seen.push(handled);
  }
  const steps = seen.map((count, turn) => count - (seen[turn - 1] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(2048);
  expect(Math.min(...steps.slice(1))).toBeGreaterThan(0);
  a.cell.exit({ kind: "killed" });
  b.cell.exit({ kind: "killed" });
});

test("messages that take time give the turn up after few, however many wait", async () => {
  // A clock that a message moves on: no test waits for real time.
  let now = 0;
  const clock = { now: () => now, sleep: () => new Promise<void>(() => {}) };
  using runtime = new AgentRuntime({ clock });
  let handled = 0;
  const slow = agent<undefined, "work">({
    name: "slow",
    init: () => undefined,
    handle() {
      handled++;
      now += 2;
      return undefined;
    },
  });
  const ref = await started(runtime, slow);
  for (let i = 0; i < 500; i++) ref.send("work");
  await Promise.resolve();
  await Promise.resolve();
  expect(handled).toBeGreaterThan(0);
  expect(handled).toBeLessThanOrEqual(4);
});

test("calls of several durations time out each at its own time, and answered ones never do", async () => {
  const sleepers: { readonly at: number; readonly wake: () => void; readonly signal: AbortSignal | undefined }[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}) =>
      new Promise<void>((wake) => sleepers.push({ at: now + ms, wake, signal })),
  };
  const advanceTo = async (time: number): Promise<void> => {
    now = time;
    for (const sleeper of sleepers) if (sleeper.at <= now && sleeper.signal?.aborted !== true) sleeper.wake();
    await setImmediate();
  };
  using runtime = new AgentRuntime({ clock });
  const mute = await started(
    runtime,
    agent<undefined, "answer" | "mute">({
      name: "mute",
      init: () => undefined,
      handle(message, state, context) {
        if (message === "answer") context.reply("answer");
        return state;
      },
    }),
  );
  const timedOut: number[] = [];
  let answered = 0;
  const durations = Array.from({ length: 9000 }, (_, index) => 100 * (1 + (index % 3)));
  for (const [index, timeoutMs] of durations.entries())
    if (index % 2 === 0) void mute.call("mute", { timeoutMs }).catch(() => timedOut.push(timeoutMs));
    else void mute.call("answer", { timeoutMs }).then(() => answered++);
  for (let turn = 0; turn < 30; turn++) await setImmediate();
  await advanceTo(99);
  expect([answered, timedOut.length]).toEqual([4500, 0]);
  for (const [step, time] of [100, 200, 300].entries()) {
    await advanceTo(time);
    expect(timedOut.length).toBe(1500 * (step + 1));
    expect(timedOut.at(-1)).toBe(time);
  }
});

test("an agent's code runs in the runtime's context, not in that of who sends or starts", async () => {
  const trace = new AsyncLocalStorage<string>();
  using runtime = trace.run("runtime", () => new AgentRuntime());
  const seen: (string | undefined)[] = [];
  const tracing = agent<undefined, "look">({
    name: "tracing",
    init() {
      seen.push(trace.getStore());
      return undefined;
    },
    async handle(_, state, context) {
      seen.push(trace.getStore());
      await Promise.resolve();
      context.reply(seen.push(trace.getStore()));
      return state;
    },
  });
  const ref = await trace.run("starter", () => started(runtime, tracing));
  await trace.run("sender", () => ref.call("look"));
  expect(seen).toEqual(["runtime", "runtime", "runtime"]);
});

test("a child whose init is synchronous is there when startChild returns", async () => {
  using runtime = new AgentRuntime();
  const idle = agent<undefined, never>({ name: "idle", init: () => undefined, handle: (_, state) => state });
  const types: string[] = [];
  runtime.events.subscribe(({ type }) => void types.push(type));
  await using supervisor = new DynamicSupervisor({ template: child("idle", idle, undefined) }, { runtime });
  const starting = supervisor.startChild();
  expect(types).toContain("child_started");
  await starting;
});
