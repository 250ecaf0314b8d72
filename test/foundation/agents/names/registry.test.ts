import fc from "fast-check";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  agent,
  AgentRuntime,
  child,
  crash,
  DuplicateRegistry,
  killed,
  named,
  namedChild,
  Registry,
  shutdown,
  Supervisor,
  swap,
  taskSupervisorChild,
} from "#foundation/agents";
import type { AgentEvent, NameRef, Ref, TaskSupervisor } from "#foundation/agents";
import { fakeClock } from "#testing";

fc.configureGlobal({ seed: 20 });

const runtimes: AgentRuntime[] = [];

function openRuntime(): AgentRuntime {
  const runtime = new AgentRuntime({ clock: fakeClock() });
  runtimes.push(runtime);
  return runtime;
}

afterEach(() => {
  for (const runtime of runtimes.splice(0)) runtime[Symbol.dispose]();
});

type Order = "who" | "crash" | "stop";

const clerk = agent<string, Order, string>({
  name: "clerk",
  init: (name) => name,
  handle(order, name, context) {
    if (order === "crash") throw new Error("broken");
    if (order === "stop") context.stop();
    else context.reply(`${name} ${context.pid}`);
    return name;
  },
});

async function startClerk(runtime: AgentRuntime, name = "clerk"): Promise<Ref<Order>> {
  const ref = await runtime.start(clerk, name);
  if (ref === undefined) throw new Error("nobody started");
  return ref;
}

const end = (ref: Ref<Order>): void => ref.cell.exit(killed);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("a registry", () => {
  test("gives a key to the first who asks, and tells the others who has it", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const [first, second] = [await startClerk(runtime), await startClerk(runtime)];
    expect(registry.register("desk", first)).toEqual({ ok: true });
    expect(registry.register("desk", second)).toEqual({ ok: false, reason: "taken", holder: first });
    expect(registry.register("desk", first)).toEqual({ ok: false, reason: "taken", holder: first });
    expect(registry.whereis("desk")).toBe(first);
    expect(registry.whereis("door")).toBeUndefined();
  });

  test("lets only the holder give a key back or change what it says with it", async () => {
    const runtime = openRuntime();
    const registry = new Registry<number>(runtime);
    const [holder, other] = [await startClerk(runtime), await startClerk(runtime)];
    registry.register("desk", holder, 1);
    expect(registry.updateValue("desk", other, () => 9)).toBe(false);
    expect(registry.unregister("desk", other)).toBe(false);
    expect(registry.updateValue("desk", holder, (value = 0) => value + 1)).toBe(true);
    expect(registry.lookup("desk")).toEqual({ holder, value: 2 });
    expect(registry.unregister("desk", holder)).toBe(true);
    expect(registry.lookup("desk")).toBeUndefined();
    expect(registry.register("desk", other)).toEqual({ ok: true });
  });

  test("has forgotten a holder when anybody hears of its end", async () => {
    const runtime = openRuntime();
    const [names, more] = [new Registry(runtime), new Registry(runtime)];
    const seen: unknown[] = [];
    const look = (what: string): number => seen.push([what, names.whereis("desk"), more.whereis("desk")]);
    const ref = await startClerk(runtime);
    names.register("desk", ref);
    names.register("door", ref);
    more.register("desk", ref);
    ref.monitor(() => look("monitor"));
    runtime.events.subscribe(({ type }) => void (type !== "agent_started" && look(type)));
    const call = ref.call("who").catch(() => look("call"));
    end(ref);
    await call;
    const free = ["name_released", "name_released", "name_released", "agent_exited", "monitor", "call"];
    expect(seen).toEqual(free.map((what) => [what, undefined, undefined]));
  });

  test("keeps the name of one that is still cleaning up", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const cleaned = Promise.withResolvers<void>();
    const slow = agent({ name: "slow", init: () => 0, handle: (_: Order, n) => n, terminate: () => cleaned.promise });
    const ref = await runtime.start(slow, undefined);
    if (ref === undefined) throw new Error("nobody started");
    registry.register("desk", ref);
    ref.cell.exit(shutdown);
    await turn();
    expect(ref.isAlive).toBe(false);
    expect(registry.register("desk", await startClerk(runtime))).toMatchObject({ ok: false, reason: "taken" });
    cleaned.resolve();
    await turn();
    expect(registry.whereis("desk")).toBeUndefined();
  });

  test("registers nobody who has ended, and counts the attempt", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const ref = await startClerk(runtime);
    end(ref);
    const before = runtime.orphans;
    expect(registry.register("desk", ref)).toEqual({ ok: false, reason: "noproc" });
    expect(new DuplicateRegistry(runtime).register("desk", ref)).toBe(false);
    expect(runtime.orphans - before).toBe(2);
    expect(registry.size).toBe(0);
  });

  test("frees the name of one that did not start", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const hopeless = agent<number, Order>({
      name: "hopeless",
      init(_, { self }) {
        registry.register("desk", self);
        throw new Error("no desk");
      },
      handle: (_, state) => state,
    });
    await runtime.start(hopeless, undefined).catch(() => expect(registry.size).toBe(0));
    expect.assertions(1);
  });

  test("X10: in the init of a restarted child its own name is free", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const found: unknown[] = [];
    const worker = agent<number, Order>({
      name: "worker",
      init(_, { self }) {
        found.push(registry.whereis("desk"), registry.register("desk", self));
        return 0;
      },
      handle() {
        throw new Error("broken");
      },
    });
    await using supervisor = await Supervisor.start({ children: [child("w", worker, undefined)] }, { runtime });
    registry.ref<Order>("desk").send("crash");
    await turn();
    await supervisor?.whichChildren();
    expect(found).toEqual([undefined, { ok: true }, undefined, { ok: true }]);
  });

  test("holds supervisors as well", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const supervisor = await Supervisor.start({ children: [] }, { runtime });
    if (supervisor === undefined) throw new Error("nobody started");
    registry.register("top", supervisor);
    expect(registry.whereis<Supervisor>("top")).toBe(supervisor);
    await supervisor.stop();
    expect(registry.whereis("top")).toBeUndefined();
  });

  test("tells of names in events", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const events: AgentEvent[] = [];
    runtime.events.subscribe((event) => void events.push(event));
    const ref = await startClerk(runtime);
    registry.register("desk", ref);
    end(ref);
    const { pid } = ref;
    expect(events.filter(({ type }) => type.startsWith("name_"))).toEqual([
      { type: "name_registered", at: 0, key: "desk", pid, agent: "clerk" },
      { type: "name_released", at: 0, key: "desk", pid, agent: "clerk" },
    ]);
  });

  test("answers as a map would, whatever is registered, given back and ended", async () => {
    const step = fc.record({
      kind: fc.constantFrom("register", "register", "register", "unregister", "update", "end"),
      who: fc.nat(4),
      key: fc.constantFrom("a", "b", "c"),
      value: fc.nat(9),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const runtime = openRuntime();
      const registry = new Registry<number>(runtime);
      const clerks = await Promise.all(Array.from({ length: 5 }, () => startClerk(runtime)));
      const model = new Map<string, { holder: Ref<Order>; value: number }>();
      for (const { kind, who, key, value } of steps) {
        const ref = clerks[who] as Ref<Order>;
        const isOwn = model.get(key)?.holder === ref;
        if (kind === "register") {
          const { ok } = registry.register(key, ref, value);
          expect(ok).toBe(!model.has(key) && ref.isAlive);
          if (ok) model.set(key, { holder: ref, value });
        } else if (kind === "unregister") {
          expect(registry.unregister(key, ref)).toBe(isOwn);
          if (isOwn) model.delete(key);
        } else if (kind === "update") {
          expect(registry.updateValue(key, ref, () => value)).toBe(isOwn);
          if (isOwn) model.set(key, { holder: ref, value });
        } else {
          end(ref);
          for (const [held, { holder }] of model) if (holder === ref) model.delete(held);
        }
        expect(new Map(registry.keys().map((held) => [held, registry.lookup(held)]))).toEqual(model);
        for (const holder of clerks)
          expect(registry.keysOf(holder).sort()).toEqual(
            [...model.keys()].filter((held) => model.get(held)?.holder === holder).sort(),
          );
      }
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe("an address by name", () => {
  test("leads to the present incarnation: after a restart to the new one", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const desk = registry.ref<Order>("desk");
    expectTypeOf(desk).toEqualTypeOf<NameRef<Order>>();
    const spec = child("w", named(registry, "desk", clerk), "ann");
    await using supervisor = await Supervisor.start({ children: [spec] }, { runtime });
    const before = await desk.call<string>("who");
    await desk.post("crash");
    await turn();
    await supervisor?.whichChildren();
    const after = await desk.call<string>("who");
    expect(after).toBe(`ann ${desk.ref?.pid}`);
    expect(after).not.toBe(before);
  });

  test("answers noproc while nobody holds the name", async () => {
    const desk = new Registry(openRuntime()).ref<Order>("desk");
    expect(desk.send("who")).toBe(false);
    await expect(desk.call("who")).rejects.toMatchObject({ code: "noproc", message: expect.stringContaining("desk") });
    await expect(desk.post("who")).rejects.toMatchObject({ code: "noproc" });
    expect(desk.ref).toBeUndefined();
  });
});

describe("a named agent", () => {
  test("holds its name from before init to its end", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const seen: unknown[] = [];
    const definition = agent<number, Order>({
      name: "worker",
      init: (_, { self }) => seen.push(registry.whereis("desk") === self),
      handle: (_, state) => state,
    });
    const ref = await runtime.start(named(registry, "desk", definition), undefined);
    expect(seen).toEqual([true]);
    ref?.cell.exit(crash(new Error("broken")));
    await turn();
    expect(registry.size).toBe(0);
  });

  test("can be any child of a supervisor: a task supervisor under its name, also after a restart", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const spec = namedChild(registry, "evaluations", taskSupervisorChild("tasks"));
    await using supervisor = await Supervisor.start({ children: [spec] }, { runtime });
    const before = registry.whereis<TaskSupervisor>("evaluations");
    before?.exit(killed);
    expect(registry.whereis("evaluations")).not.toBe(before);
    await turn();
    await supervisor?.whichChildren();
    const after = registry.whereis<TaskSupervisor>("evaluations");
    expect(await after?.run(() => 1)).toBe(1);
    await expect(Supervisor.start({ children: [spec] }, { runtime })).rejects.toMatchObject({
      cause: { code: "name_taken" },
    });
    expect(registry.whereis("evaluations")).toBe(after);
  });

  test("does not start while another holds the name", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    registry.register("desk", await startClerk(runtime));
    await expect(runtime.start(named(registry, "desk", clerk), "ann")).rejects.toMatchObject({
      code: "start_failed",
      cause: { code: "name_taken" },
    });
  });
});

describe("a registry of duplicate keys", () => {
  test("gives every registration of a key with its value", async () => {
    const runtime = openRuntime();
    const registry = new DuplicateRegistry<string>(runtime);
    const [ann, bob] = [await startClerk(runtime), await startClerk(runtime)];
    registry.register("desk", ann, "a1");
    registry.register("desk", bob, "b");
    registry.register("desk", ann, "a2");
    registry.register("door", ann);
    expect(registry.lookup("desk")).toEqual([
      { holder: ann, value: "a1" },
      { holder: ann, value: "a2" },
      { holder: bob, value: "b" },
    ]);
    expect(registry.keysOf(ann)).toEqual(["desk", "door"]);
    expect(registry.unregister("desk", ann)).toBe(2);
    expect(registry.unregister("desk", ann)).toBe(0);
    expect(registry.lookup("desk")).toEqual([{ holder: bob, value: "b" }]);
    end(ann);
    end(bob);
    expect(registry.keys()).toEqual([]);
  });
});

describe("a registry of duplicate keys, whatever is done with it", () => {
  test("answers as lists in a map would", async () => {
    const step = fc.record({
      kind: fc.constantFrom("register", "register", "register", "unregister", "end"),
      who: fc.nat(3),
      key: fc.constantFrom("a", "b"),
      value: fc.nat(9),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const runtime = openRuntime();
      const registry = new DuplicateRegistry<number>(runtime);
      const clerks = await Promise.all(Array.from({ length: 4 }, () => startClerk(runtime)));
      let model: { key: string; holder: Ref<Order>; value: number }[] = [];
      for (const { kind, who, key, value } of steps) {
        const holder = clerks[who] as Ref<Order>;
        const isOwn = (entry: { key: string; holder: Ref<Order> }): boolean =>
          entry.holder === holder && (kind === "end" || entry.key === key);
        if (kind === "register") {
          expect(registry.register(key, holder, value)).toBe(holder.isAlive);
          if (holder.isAlive) model.push({ key, holder, value });
          continue;
        }
        if (kind === "end") end(holder);
        else expect(registry.unregister(key, holder)).toBe(model.filter(isOwn).length);
        model = model.filter((entry) => !isOwn(entry));
      }
      for (const key of ["a", "b"])
        for (const holder of clerks)
          expect(registry.lookup(key).filter((found) => found.holder === holder)).toEqual(
            model
              .filter((entry) => entry.key === key && entry.holder === holder)
              .map(({ value }) => ({ holder, value })),
          );
      expect(registry.keys().sort()).toEqual([...new Set(model.map(({ key }) => key))].sort());
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe("at a hot swap", () => {
  test("the new version holds what the old one held, and frees it at its own end", async () => {
    const runtime = openRuntime();
    const registry = new Registry(runtime);
    const all = new DuplicateRegistry(runtime);
    const ref = (await runtime.start(named(registry, "desk", clerk), "ann")) as Ref<Order>;
    all.register("clerks", ref);
    const { pid } = ref;
    const next = named(registry, "desk", { ...clerk, name: "next clerk" });
    expect(await swap(ref, next, { argument: "bob" })).toMatchObject({ ok: true });
    expect(ref.pid).not.toBe(pid);
    expect(await registry.ref<Order>("desk").call("who")).toBe(`bob ${ref.pid}`);
    expect([registry.keysOf(ref), all.keysOf(ref)]).toEqual([["desk"], ["clerks"]]);
    await expect(runtime.start(next, "eve")).rejects.toMatchObject({ cause: { code: "name_taken" } });
    end(ref);
    expect([registry.size, all.keys()]).toEqual([0, []]);
  });
});
