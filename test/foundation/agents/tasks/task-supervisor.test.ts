import fc from "fast-check";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { UsageError } from "#foundation";
import { agent, AgentRuntime, killed, Supervisor, TaskSupervisor, taskSupervisorChild } from "#foundation/agents";
import type { AgentEvent, ChildInfo, StreamOutcome, TaskContext } from "#foundation/agents";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";

fc.configureGlobal({ seed: 20 });

interface Stage {
  readonly clock: FakeClock;
  readonly runtime: AgentRuntime;
  readonly tasks: TaskSupervisor;
  readonly events: AgentEvent[];
}

const runtimes: AgentRuntime[] = [];

function stage(options: { shutdownMs?: number | "brutal" | "infinity" } = {}): Stage {
  const clock = fakeClock();
  const runtime = new AgentRuntime({ clock });
  runtimes.push(runtime);
  const events: AgentEvent[] = [];
  runtime.events.subscribe((event) => void events.push(event));
  return { clock, runtime, tasks: new TaskSupervisor({ runtime, ...options }), events };
}

afterEach(() => {
  for (const runtime of runtimes.splice(0)) runtime[Symbol.dispose]();
});

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const tasksOf = (info: ChildInfo | undefined): TaskSupervisor => info?.child as TaskSupervisor;

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", resolve);
  });

/** Work that takes as many milliseconds as its item says. */
const takes = async (ms: number, { clock, signal }: TaskContext): Promise<number> => {
  await clock.sleep(ms, { signal });
  return ms;
};

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

describe("a task", () => {
  test("gives its result", async () => {
    const { tasks, clock } = stage();
    const result = tasks.run((context) => takes(10, context), { timeoutMs: 20 });
    expectTypeOf(result).toEqualTypeOf<Promise<number>>();
    expect(tasks.running).toBe(1);
    await clock.advance(10);
    expect(await result).toBe(10);
    expect(tasks.running).toBe(0);
  });

  test("that throws, at once or later, fails alone and is reported", async () => {
    const { tasks, events, clock } = stage();
    const error = new Error("broken");
    const other = tasks.run((context) => takes(10, context));
    await expect(
      tasks.run(() => {
        throw error;
      }),
    ).rejects.toBe(error);
    await expect(tasks.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(events).toEqual([
      { type: "task_failed", at: 0, supervisor: "tasks", reason: "crash", error },
      { type: "task_failed", at: 0, supervisor: "tasks", reason: "crash", error },
    ]);
    await clock.advance(10);
    expect(await other).toBe(10);
    expect(tasks.isAlive).toBe(true);
  });

  test("fails for a rejection that it left to nobody; the agent that runs it does not", async () => {
    const { tasks, runtime } = stage();
    const failures: unknown[] = [];
    const boss = agent<number, string>({
      name: "boss",
      init: () => 0,
      handle(message, state, context) {
        if (message === "ping") context.reply("pong");
        else
          void tasks
            .run(() => {
              void Promise.reject(new Error("stray"));
              return new Promise(() => {});
            })
            .catch((error: unknown) => failures.push(error));
        return state;
      },
    });
    const ref = await runtime.start(boss, undefined);
    ref?.send("go");
    await turn();
    await turn();
    expect(failures).toEqual([new Error("stray")]);
    expect(await ref?.call("ping")).toBe("pong");
  });

  test("may call the agent that runs it", async () => {
    const { tasks, runtime } = stage();
    const boss = agent<number, string>({
      name: "boss",
      init: () => 0,
      handle(message, state, context) {
        if (message === "ping") context.reply("pong");
        else {
          const reply = context.replyLater();
          void tasks.run(() => context.self.call("ping")).then(reply, reply);
        }
        return state;
      },
    });
    const ref = await runtime.start(boss, undefined);
    expect(await ref?.call("go")).toBe("pong");
  });

  test("that is too late is given up at once; its late end is counted", async () => {
    const { tasks, runtime, clock } = stage();
    const late = Promise.withResolvers<string>();
    let signal: AbortSignal | undefined;
    const result = tasks.run(
      (context) => {
        signal = context.signal;
        return late.promise;
      },
      { timeoutMs: 100 },
    );
    const rejected = expect(result).rejects.toMatchObject({ name: "AgentError", code: "timeout" });
    await clock.advance(100);
    await rejected;
    expect(signal?.reason).toMatchObject({ code: "timeout" });
    expect([tasks.running, runtime.orphans]).toEqual([0, 0]);
    late.resolve("too late");
    await turn();
    expect(runtime.orphans).toBe(1);
  });

  test("is given up when its caller's signal aborts", async () => {
    const { tasks, clock } = stage();
    const [stop, reason] = [new AbortController(), new Error("enough")];
    const result = tasks.run((context) => takes(10, context), { signal: stop.signal });
    stop.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(clock.pending()).toBe(0);
    await expect(tasks.run(() => 1, { signal: stop.signal })).rejects.toBe(reason);
  });

  test("ends with the agent whose signal it was given", async () => {
    const { tasks, runtime, clock } = stage();
    const failures: unknown[] = [];
    const boss = agent<number, string>({
      name: "boss",
      init: () => 0,
      handle(_, state, { signal }) {
        void tasks.run((context) => takes(10, context), { signal }).catch((error: unknown) => failures.push(error));
        return state;
      },
    });
    const ref = await runtime.start(boss, undefined);
    ref?.send("go");
    await turn();
    ref?.cell.exit(killed);
    await turn();
    expect(failures).toMatchObject([{ code: "exit", reason: killed }]);
    expect([tasks.running, clock.pending()]).toEqual([0, 0]);
  });

  test("has a time limit above 0", async () => {
    const { tasks } = stage();
    await expect(tasks.run(() => 1, { timeoutMs: 0 })).rejects.toThrow(UsageError);
    expect(() => tasks.stream([1], takes, { concurrency: 1, timeoutMs: -1 })).toThrow(UsageError);
    expect(() => tasks.stream([1], takes, { concurrency: 0 })).toThrow(UsageError);
  });
});

describe("the end of a task supervisor", () => {
  test("asks its tasks to end and waits for them", async () => {
    const { tasks, clock } = stage({ shutdownMs: 50 });
    const tidy = tasks.run(async ({ signal, clock: time }) => {
      await aborted(signal);
      await time.sleep(30);
      return "tidied";
    });
    await turn();
    const stopped = tasks.stop();
    await clock.advance(29);
    expect(tasks.isAlive).toBe(true);
    await clock.advance(1);
    expect(await tidy).toBe("tidied");
    await stopped;
    expect(tasks.isAlive).toBe(false);
  });

  test("gives up those that do not end in the time they have", async () => {
    const { tasks, clock, runtime } = stage({ shutdownMs: 50 });
    const late = Promise.withResolvers<void>();
    const deaf = tasks.run(() => late.promise);
    const rejected = expect(deaf).rejects.toMatchObject({ code: "exit", reason: { kind: "shutdown" } });
    const stopped = tasks.stop();
    await clock.advance(50);
    await Promise.all([rejected, stopped]);
    late.resolve();
    await turn();
    expect(runtime.orphans).toBe(1);
  });

  test("at once gives all up at once", async () => {
    const { tasks } = stage({ shutdownMs: "infinity" });
    const deaf = tasks.run(() => new Promise(() => {}));
    const rejected = expect(deaf).rejects.toMatchObject({ code: "exit", reason: { kind: "killed" } });
    void tasks.stop();
    tasks.exit(killed);
    expect(tasks.isAlive).toBe(false);
    await rejected;
  });

  test("takes no task from its beginning on", async () => {
    const { tasks } = stage();
    void tasks.run(({ signal }) => aborted(signal));
    await turn();
    const stopped = tasks.stop();
    await expect(tasks.run(() => 1)).rejects.toMatchObject({ code: "stopping" });
    await stopped;
    await tasks.stop();
    await expect(tasks.run(() => 1)).rejects.toMatchObject({ code: "noproc" });
  });

  test("comes with that of the supervisor whose child it is", async () => {
    const { runtime, events, clock } = stage();
    const spec = taskSupervisorChild("evaluations", { shutdownMs: 50 });
    const supervisor = await Supervisor.start({ children: [spec] }, { runtime });
    const [info] = (await supervisor?.whichChildren()) ?? [];
    expect(info).toMatchObject({ id: "evaluations", type: "supervisor", status: "running" });
    const rejected = expect(tasksOf(info).run(() => new Promise(() => {}))).rejects.toMatchObject({
      code: "exit",
    });
    const stopped = supervisor?.stop();
    await clock.advance(50);
    await Promise.all([rejected, stopped]);
    expect(events).toContainEqual(expect.objectContaining({ type: "supervisor_exited", supervisor: "evaluations" }));
  });

  test("by a kill is followed by a restart where it is a permanent child", async () => {
    const { runtime } = stage();
    await using supervisor = await Supervisor.start({ children: [taskSupervisorChild("evaluations")] }, { runtime });
    const [before] = (await supervisor?.whichChildren()) ?? [];
    before?.child?.exit(killed);
    await turn();
    const [after] = (await supervisor?.whichChildren()) ?? [];
    expect(after?.child).not.toBe(before?.child);
    expect(await tasksOf(after).run(() => 1)).toBe(1);
  });
});

describe("a stream of tasks", () => {
  test("gives what came of every item: results and failures", async () => {
    const { tasks, clock } = stage();
    const error = new Error("odd");
    const work = async (ms: number, context: TaskContext & { index: number }): Promise<string> => {
      if (ms === 5) throw error;
      return `${context.index}: ${await takes(ms, context)}`;
    };
    const outcomes = tasks.stream([30, 5, 90, 10], work, { concurrency: 2, timeoutMs: 50 });
    expectTypeOf(outcomes).toExtend<AsyncIterable<StreamOutcome<string>>>();
    const all = collect(outcomes);
    await clock.advance(100);
    expect(await all).toEqual([
      { ok: false, reason: "crash", error, index: 1 },
      { ok: true, value: "0: 30", index: 0 },
      { ok: true, value: "3: 10", index: 3 },
      { ok: false, reason: "timeout", error: expect.objectContaining({ code: "timeout" }), index: 2 },
    ]);
  });

  test("ends with the first that is too late, if it is told so", async () => {
    const { tasks, clock } = stage();
    const all: number[] = [];
    const reading = (async () => {
      for await (const { index } of tasks.stream([10, 90, 200, 1], takes, {
        concurrency: 3,
        timeoutMs: 50,
        onTimeout: "fail",
      }))
        all.push(index);
    })();
    const rejected = expect(reading).rejects.toMatchObject({ code: "timeout" });
    await clock.advance(50);
    await rejected;
    expect(all).toEqual([0, 3]);
    expect([tasks.running, clock.pending()]).toEqual([0, 0]);
  });

  test("keeps the order of the items, if it is told so, and runs no further ahead than its concurrency", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.nat(20), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (items, concurrency, ordered) => {
        const { tasks, clock } = stage();
        let [started, most, ahead] = [0, 0, 0];
        const seen: number[] = [];
        const work = async (ms: number, context: TaskContext): Promise<number> => {
          started++;
          most = Math.max(most, tasks.running);
          ahead = Math.max(ahead, started - seen.length);
          return takes(ms, context);
        };
        const reading = (async () => {
          for await (const outcome of tasks.stream(items, work, { concurrency, ordered })) {
            expect(outcome).toMatchObject({ ok: true, value: items[outcome.index] });
            seen.push(outcome.index);
          }
        })();
        await clock.advance(1000);
        await reading;
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(ahead).toBeLessThanOrEqual(2 * concurrency);
        expect(ordered ? seen : seen.toSorted((a, b) => a - b)).toEqual([...items.keys()]);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  test("gives up what runs when its consumer stops, also while the consumer waits", async () => {
    const { tasks, clock } = stage();
    const started: number[] = [];
    const work = (ms: number, context: TaskContext): Promise<number> => {
      started.push(ms);
      return takes(ms, context);
    };
    const reading = (async () => {
      for await (const { index } of tasks.stream([10, 90, 80, 70, 60], work, { concurrency: 3 })) return index;
      return undefined;
    })();
    await clock.advance(10);
    expect(await reading).toBe(0);
    expect([tasks.running, clock.pending()]).toEqual([0, 0]);
    expect(started).toEqual([10, 90, 80, 70]);
    const stream = tasks.stream([50], work, { concurrency: 1 });
    const next = stream.next();
    await turn();
    await stream.return?.();
    expect(tasks.running).toBe(0);
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test("starts no more when its signal aborts, and rejects after what ran", async () => {
    const { tasks, clock } = stage();
    const [stop, reason, seen] = [new AbortController(), new Error("enough"), [] as unknown[]];
    const reading = (async () => {
      for await (const outcome of tasks.stream([10, 90, 90], takes, { concurrency: 2, signal: stop.signal }))
        seen.push(outcome);
    })();
    const rejected = expect(reading).rejects.toBe(reason);
    await clock.advance(10);
    stop.abort(reason);
    await rejected;
    expect(seen).toEqual([
      { ok: true, value: 10, index: 0 },
      { ok: false, reason: "aborted", error: reason, index: 1 },
      { ok: false, reason: "aborted", error: reason, index: 2 },
    ]);
  });

  test("rejects after what ran when its supervisor ends", async () => {
    const { tasks, clock } = stage();
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const outcome of tasks.stream([10, 90, 90, 90], takes, { concurrency: 2 }))
        seen.push(outcome.ok ? outcome.value : outcome.reason);
    })();
    const rejected = expect(reading).rejects.toMatchObject({ code: "exit" });
    await clock.advance(10);
    await tasks.stop();
    await rejected;
    expect(seen).toEqual([10, "stopped", "stopped"]);
  });
});
