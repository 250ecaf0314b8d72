import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { agent, crash, killed, normal, Registry, shutdown } from "#foundation/agents";
import type { AgentContext, AgentDefinition, Ref } from "#foundation/agents";
import { codeOf, Lab, settle } from "./support/lab.ts";

async function run<S, M>(lab: Lab, definition: AgentDefinition<S, M>): Promise<Ref<M>> {
  return (await lab.runtime.start(definition, undefined)) as Ref<M>;
}

describe("ends", () => {
  const cleaning = (lab: Lab): AgentDefinition<null, string> =>
    agent<null, string>({
      name: "cleaning",
      init: () => null,
      handle: (message, state, context) => {
        if (message === "throw") throw new Error("thrown");
        if (message === "stop") context.stop();
        if (message === "stray") void Promise.reject(new Error("stray"));
        return state;
      },
      terminate: ({ kind }) => void lab.log.push(`clean ${kind}`),
    });

  test.each([
    ["throw", "crash"],
    ["stop", "normal"],
    ["stray", "crash"],
  ])("R12 terminate runs: %s", async (message, kind) => {
    const lab = new Lab();
    const ref = await run(lab, cleaning(lab));
    ref.send(message);
    await settle();
    expect(lab.log).toEqual([`clean ${kind}`]);
    expect(lab.ends("cleaning")).toEqual([kind]);
  });

  test("R12 terminate runs at a shutdown, and not at a kill", async () => {
    const lab = new Lab();
    const ref = await run(lab, cleaning(lab));
    ref.cell.exit(shutdown);
    await settle();
    expect(lab.log).toEqual(["clean shutdown"]);
    const other = await run(lab, cleaning(lab));
    other.cell.exit(killed);
    await settle();
    expect(lab.log).toEqual(["clean shutdown"]);
  });

  test("a terminate that throws makes the end a crash", async () => {
    const lab = new Lab();
    const ref = await run(
      lab,
      agent<null, string>({
        name: "faulty",
        init: () => null,
        handle: (_, state) => state,
        terminate: () => Promise.reject(new Error("terminate")),
      }),
    );
    ref.cell.exit(shutdown);
    await settle();
    expect(lab.ends("faulty")).toEqual(["crash"]);
  });

  test("a stop asked for outside a message ends the agent, too", async () => {
    const lab = new Lab();
    let context: AgentContext<string> | undefined;
    const ref = await run(
      lab,
      agent<null, string>({ name: "a", init: (_, own) => ((context = own), null), handle: (_, state) => state }),
    );
    context?.stop(shutdown);
    await settle();
    expect(ref.isAlive).toBe(false);
    expect(lab.ends("a")).toEqual(["shutdown"]);
  });

  test("a stray rejection fails its own agent, later ones of the dead are counted, and the process goes on", async () => {
    const lab = new Lab();
    const definition = agent<null, string>({
      name: "straying",
      init: () => null,
      handle: (_, state) => {
        for (const turns of [1, 5])
          void settle(turns).then(() => {
            throw new Error("stray");
          });
        return state;
      },
    });
    const [one, two] = [await run(lab, definition), await run(lab, definition)];
    one.send("go");
    await settle();
    await settle();
    expect([one.isAlive, two.isAlive]).toEqual([false, true]);
    expect(lab.runtime.orphans).toBe(1);
  });
});

describe("fencing", () => {
  test("X9 what a killed incarnation does later has no effect and is counted", async () => {
    const lab = new Lab();
    const listener = await run(
      lab,
      agent<string[], string>({ name: "listener", init: () => [], handle: (message, seen) => [...seen, message] }),
    );
    const outcomes: string[] = [];
    const zombie = await run(
      lab,
      agent<null, string>({
        name: "zombie",
        init: () => null,
        handle: async (_, state, context) => {
          await lab.clock.sleep(1000);
          context.reply("late");
          outcomes.push(String(listener.send("late")));
          outcomes.push(await codeOf(listener.call("late")), await codeOf(listener.post("late")));
          context.next("late");
          context.stop();
          return state;
        },
      }),
    );
    const call = codeOf(zombie.call("go"));
    await settle();
    const { signal } = zombie.cell;
    zombie.cell.exit(killed);
    expect(signal.aborted).toBe(true);
    expect(await call).toBe("exit");
    await lab.clock.advance(1000);
    await settle();
    expect(outcomes).toEqual(["false", "exit", "exit"]);
    expect(await listener.state()).toEqual([]);
    expect(lab.runtime.orphans).toBe(6);
    expect(lab.count("effect_orphaned")).toBe(6);
  });

  test("X9 a killed incarnation gets no name, and starts no monitor or link", async () => {
    const lab = new Lab();
    const names = new Registry<void, string>(lab.runtime);
    const other = await run(lab, agent<null, string>({ name: "other", init: () => null, handle: (_, state) => state }));
    const outcomes: unknown[] = [];
    const zombie = await run(
      lab,
      agent<null, string>({
        name: "zombie",
        init: () => null,
        handle: async (_, state, context) => {
          await lab.clock.sleep(1000);
          outcomes.push(names.register("zombie", context.self).ok);
          context.link(other);
          context.monitor(other, () => "down");
          return state;
        },
      }),
    );
    zombie.send("go");
    await settle();
    zombie.cell.exit(killed);
    await lab.clock.advance(1000);
    await settle();
    expect(outcomes).toEqual([false]);
    expect(names.size).toBe(0);
    expect(lab.runtime.orphans).toBeGreaterThanOrEqual(2);
    expect(other.isAlive).toBe(true);
  });

  test("who hears of a death speaks for himself: his messages are not the dead one's", async () => {
    const lab = new Lab();
    const listener = await run(
      lab,
      agent<string[], string>({ name: "listener", init: () => [], handle: (message, seen) => [...seen, message] }),
    );
    const mortal = await run(
      lab,
      agent<null, string>({
        name: "mortal",
        init: () => null,
        handle: () => {
          throw new Error("dies");
        },
      }),
    );
    mortal.monitor(() => listener.send("monitor"));
    lab.runtime.events.subscribe((event) => {
      if (event.type === "agent_exited") listener.send("event");
    });
    mortal.send("go");
    await settle();
    expect(await listener.state()).toEqual(["event", "monitor"]);
    expect(lab.runtime.orphans).toBe(0);
  });
});

describe("the system queue", () => {
  const counter = agent<number, string>({ name: "counter", init: () => 0, handle: (_, count) => count + 1 });

  test("R14 suspended, it takes no messages but answers the system; resumed, it goes on", async () => {
    const lab = new Lab();
    const ref = await run(lab, counter);
    await ref.suspend();
    for (let sent = 0; sent < 3; sent++) ref.send("x");
    await settle();
    expect(await ref.state()).toBe(0);
    await ref.replaceState(10);
    await ref.resume();
    await settle();
    expect(await ref.state()).toBe(13);
  });

  test("R14 a suspended agent can be ended", async () => {
    const lab = new Lab();
    const ref = await run(lab, counter);
    await ref.suspend();
    ref.cell.exit(shutdown);
    await settle();
    expect(lab.ends("counter")).toEqual(["shutdown"]);
    expect(await codeOf(ref.state())).toBe("noproc");
  });

  test("it comes before what waits, and fails with the agent", async () => {
    const lab = new Lab();
    const { promise, resolve } = Promise.withResolvers<void>();
    const ref = await run(
      lab,
      agent<number, string>({
        name: "slow",
        init: () => 0,
        handle: async (_, count) => {
          await promise;
          return count + 1;
        },
      }),
    );
    for (let sent = 0; sent < 3; sent++) ref.send("x");
    await settle();
    const [state, lost] = [ref.state<number>(), codeOf(ref.state())];
    void lost;
    resolve();
    expect(await state).toBe(1);
    await settle();
    ref.send("x");
    const pending = codeOf(ref.suspend());
    ref.cell.exit(killed);
    expect(["exit", "ok"]).toContain(await pending);
  });

  test("R13 a time without messages: any message takes it back", async () => {
    const lab = new Lab();
    const ref = await run(
      lab,
      agent<string[], string>({
        name: "quiet",
        init: () => [],
        handle: (message, seen, context) => {
          if (message === "wait") context.whenQuiet(1000, "quiet");
          return [...seen, message];
        },
      }),
    );
    ref.send("wait");
    await lab.clock.advance(900);
    ref.send("x");
    await lab.clock.advance(900);
    expect(await ref.state()).toEqual(["wait", "x"]);
    ref.send("wait");
    await lab.clock.advance(1000);
    await settle();
    expect(await ref.state()).toEqual(["wait", "x", "wait", "quiet"]);
  });
});

describe("sleep", () => {
  const sleepy = (lab: Lab): AgentDefinition<{ readonly count: number }, string> =>
    agent<{ readonly count: number }, string>({
      name: "sleepy",
      idleMs: 1000,
      init: () => ({ count: 0 }),
      handle: (message, { count }, context) => {
        context.reply(count + 1);
        if (message === "stop") context.stop();
        return { count: count + 1 };
      },
      snapshot: async ({ count }) => {
        lab.log.push(`sleep ${count}`);
        return count;
      },
      restore: async (count) => {
        lab.log.push(`wake ${String(count)}`);
        if (count === 3) throw new Error("lost");
        return { count: count as number };
      },
      terminate: (_, { count }) => void lab.log.push(`clean ${count}`),
    });

  test("R16 an idle agent gives its state away; the next message brings it back", async () => {
    const lab = new Lab();
    const ref = await run(lab, sleepy(lab));
    expect(await ref.call("x")).toBe(1);
    await lab.clock.advance(999);
    expect(await ref.call("x")).toBe(2);
    await lab.clock.advance(1000);
    await settle();
    expect(lab.log).toEqual(["sleep 2"]);
    expect(lab.count("agent_passivated")).toBe(1);
    await lab.clock.advance(10_000);
    expect(await ref.state()).toEqual({ count: 2 });
    expect(lab.log).toEqual(["sleep 2", "wake 2"]);
    expect(lab.count("agent_activated")).toBe(1);
  });

  test("R16 one that is ended while it sleeps wakes up to clean up", async () => {
    const lab = new Lab();
    const ref = await run(lab, sleepy(lab));
    await lab.clock.advance(1000);
    await settle();
    ref.cell.exit(shutdown);
    await settle();
    expect(lab.log).toEqual(["sleep 0", "wake 0", "clean 0"]);
    expect(lab.ends("sleepy")).toEqual(["shutdown"]);
  });

  test("R16 one that cannot be woken crashes, and the call fails with it", async () => {
    const lab = new Lab();
    const ref = await run(lab, sleepy(lab));
    for (let count = 0; count < 3; count++) await ref.call("x");
    await lab.clock.advance(1000);
    await settle();
    expect(await codeOf(ref.call("x"))).toBe("exit");
    expect(lab.ends("sleepy")).toEqual(["crash"]);
  });

  test("sleep needs snapshot and restore", () => {
    const half = { name: "a", init: () => null, handle: () => null };
    expect(() => agent({ ...half, idleMs: 10 })).toThrow(UsageError);
    expect(() => agent({ ...half, snapshot: () => null })).toThrow(UsageError);
    expect(() => agent({ ...half, idleMs: 0, snapshot: () => null, restore: () => null })).toThrow(UsageError);
  });
});

describe("starts", () => {
  test("a start that fails, takes too long or is called off leaves nobody", async () => {
    const lab = new Lab();
    const fails = agent<null, string>({ name: "a", init: () => Promise.reject(new Error("x")), handle: (_, s) => s });
    expect(await codeOf(lab.runtime.start(fails, undefined))).toBe("start_failed");
    const hangs = agent<null, string>({ name: "b", init: () => new Promise(() => {}), handle: (_, s) => s });
    const late = codeOf(lab.runtime.start(hangs, undefined, { startTimeoutMs: 100 }));
    await lab.clock.advance(100);
    expect(await late).toBe("start_timeout");
    const controller = new AbortController();
    const off = codeOf(lab.runtime.start(hangs, undefined, { signal: controller.signal }));
    controller.abort();
    expect(await off).toBe("start_aborted");
    expect(lab.count("agent_started")).toBe(0);
  });

  test("reasons in words and kinds", () => {
    expect(normal.kind).toBe("normal");
    expect(crash("x")).toEqual({ kind: "crash", error: "x" });
  });
});
