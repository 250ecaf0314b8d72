import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { agent, AgentRuntime, Groups, killed } from "#foundation/agents";
import type { AgentEvent, GroupChange, Ref } from "#foundation/agents";
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

const singer = agent<number, string>({ name: "singer", init: () => 0, handle: (_, state) => state });

async function startSinger(runtime: AgentRuntime): Promise<Ref<string>> {
  const ref = await runtime.start(singer, undefined);
  if (ref === undefined) throw new Error("nobody started");
  return ref;
}

const end = (ref: Ref<string>): void => ref.cell.exit(killed);

describe("groups", () => {
  test("who joins twice leaves twice, and is a member once", async () => {
    const runtime = openRuntime();
    const groups = new Groups<string>(runtime);
    const ann = await startSinger(runtime);
    groups.join("choir", ann);
    groups.join("choir", ann);
    expect(groups.members("choir")).toEqual([ann]);
    expect(groups.leave("choir", ann)).toBe(true);
    expect(groups.members("choir")).toEqual([ann]);
    expect(groups.leave("choir", ann)).toBe(true);
    expect(groups.members("choir")).toEqual([]);
    expect(groups.leave("choir", ann)).toBe(false);
  });

  test("a group without members is none", async () => {
    const runtime = openRuntime();
    const groups = new Groups<string>(runtime);
    const ann = await startSinger(runtime);
    groups.join("choir", ann);
    groups.join("solo", ann);
    expect(groups.groupsOf(ann)).toEqual(["choir", "solo"]);
    groups.leave("solo", ann);
    expect(groups.groups()).toEqual(["choir"]);
    end(ann);
    expect(groups.groups()).toEqual([]);
  });

  test("who ends has left all its groups before anybody hears of its end", async () => {
    const runtime = openRuntime();
    const groups = new Groups<string>(runtime);
    const [ann, bob] = [await startSinger(runtime), await startSinger(runtime)];
    const seen: unknown[] = [];
    groups.join("choir", ann);
    groups.join("choir", ann);
    groups.join("choir", bob);
    ann.monitor(() => seen.push(groups.members("choir")));
    runtime.events.subscribe(({ type }) => void (type === "agent_exited" && seen.push(groups.members("choir"))));
    end(ann);
    expect(seen).toEqual([[bob], [bob]]);
  });

  test("nobody who has ended joins, and the attempt is counted", async () => {
    const runtime = openRuntime();
    const ann = await startSinger(runtime);
    end(ann);
    expect(new Groups<string>(runtime).join("choir", ann)).toBe(false);
    expect(runtime.orphans).toBe(1);
  });
});

describe("a monitor of a group", () => {
  test("gives the members and then every change", async () => {
    const runtime = openRuntime();
    const groups = new Groups<string>(runtime);
    const [ann, bob] = [await startSinger(runtime), await startSinger(runtime)];
    groups.join("choir", ann);
    const changes: GroupChange<string>[] = [];
    const monitor = groups.monitor("choir", (change) => void changes.push(change));
    expect(monitor.members).toEqual([ann]);
    groups.join("choir", bob);
    groups.join("choir", bob);
    groups.join("solo", bob);
    end(bob);
    groups.leave("choir", ann);
    expect(changes.map(({ type, member }) => [type, member])).toEqual([
      ["joined", bob],
      ["left", bob],
      ["left", ann],
    ]);
    monitor[Symbol.dispose]();
    groups.join("choir", ann);
    expect(changes).toHaveLength(3);
  });

  test("ends with its signal, and fails alone", async () => {
    const runtime = openRuntime();
    const groups = new Groups<string>(runtime);
    const [ann, events, stop] = [await startSinger(runtime), [] as AgentEvent[], new AbortController()];
    runtime.events.subscribe((event) => void events.push(event));
    const error = new Error("deaf");
    const heard: string[] = [];
    groups.monitor("choir", () => {
      throw error;
    });
    groups.monitor("choir", ({ type }) => void heard.push(type), { signal: stop.signal });
    groups.join("choir", ann);
    stop.abort();
    groups.leave("choir", ann);
    expect(heard).toEqual(["joined"]);
    expect(events).toContainEqual({ type: "listener_failed", at: 0, error });
  });

  test("begun while a change is on its way does not hear what its members have", async () => {
    const runtime = openRuntime();
    const groups = new Groups<string>(runtime);
    const ann = await startSinger(runtime);
    const late: string[] = [];
    groups.monitor("choir", ({ type }) => {
      if (type === "joined") groups.leave("choir", ann);
      else expect(groups.monitor("choir", (change) => void late.push(change.type)).members).toEqual([]);
    });
    groups.monitor("choir", ({ type }) => {
      if (type === "joined") groups.monitor("choir", (change) => void late.push(change.type));
    });
    groups.join("choir", ann);
    expect(late).toEqual([]);
  });

  test("can follow the group without a gap, wherever it begins", async () => {
    const step = fc.record({ kind: fc.constantFrom("join", "join", "leave", "end", "monitor"), who: fc.nat(4) });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const runtime = openRuntime();
      const groups = new Groups<string>(runtime);
      const singers = await Promise.all(Array.from({ length: 5 }, () => startSinger(runtime)));
      const counts = new Map<Ref<string>, number>();
      const followers: Set<Ref<string>>[] = [];
      for (const { kind, who } of steps) {
        const ref = singers[who] as Ref<string>;
        const count = counts.get(ref) ?? 0;
        if (kind === "join" && groups.join("choir", ref)) counts.set(ref, count + 1);
        if (kind === "leave" && groups.leave("choir", ref)) counts.set(ref, count - 1);
        if (kind === "end") {
          end(ref);
          counts.delete(ref);
        }
        if (kind === "monitor") {
          const present = new Set<Ref<string>>();
          const { members } = groups.monitor("choir", ({ type, member }) => {
            expect(present.has(member)).toBe(type === "left");
            if (type === "left") present.delete(member);
            else present.add(member);
          });
          for (const member of members) present.add(member);
          followers.push(present);
        }
        const expected = new Set([...counts].filter(([, times]) => times > 0).map(([member]) => member));
        expect(new Set(groups.members("choir"))).toEqual(expected);
        for (const present of followers) expect(present).toEqual(expected);
      }
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
