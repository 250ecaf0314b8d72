import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agent, child, DynamicSupervisor, killed, shutdown, Supervisor, swap } from "#foundation/agents";
import type { AgentDefinition, Ref } from "#foundation/agents";
import { carry, never, stage, turn, versioned } from "./fixtures/versioned-agents.ts";
import type { Question, Stage, Tally } from "./fixtures/versioned-agents.ts";

describe("a supervised agent", () => {
  async function supervised(
    definition = versioned("old"),
  ): Promise<Stage & { sup: Supervisor; readonly ref: () => Promise<Ref<Question>> }> {
    const scene = stage();
    const sup = (await Supervisor.start(
      { children: [child("a", definition, undefined), child("b", versioned("b"), undefined)], intensity: 10 },
      { runtime: scene.runtime },
    )) as Supervisor;
    const ref = async (): Promise<Ref<Question>> => {
      const info = (await sup.whichChildren()).find(({ id }) => id === "a");
      return Reflect.get(info?.child ?? {}, "self") as Ref<Question>;
    };
    return { ...scene, sup, ref };
  }

  test("is swapped by its supervisor: the old one's end restarts nothing, the next one's restarts the next version", async () => {
    const { sup, ref, of } = await supervised();
    const first = await ref();
    const result = await swap(first, versioned("new"));
    expect(result).toMatchObject({ ok: true, ref: first, pid: first.pid });
    expect((await sup.whichChildren()).map(({ id, child: { pid } = {} }) => [id, pid])).toContainEqual([
      "a",
      first.pid,
    ]);
    expect([of("child_exited"), of("child_restarted")]).toEqual([[], []]);
    await expect(first.call("crash")).rejects.toMatchObject({ code: "exit" });
    await turn();
    expect(of("child_restarted")).toMatchObject([{ child: "a" }]);
    const restarted = await ref();
    expect(restarted.pid).not.toBe(first.pid);
    expect(await restarted.call("who")).toBe("new");
    await sup.stop();
    expect(restarted.isAlive).toBe(false);
  });

  test("is found by its id or pid", async () => {
    const { sup, ref } = await supervised();
    expect(await sup.swapChild("a", versioned("v1"))).toMatchObject({ ok: true });
    expect(await sup.swapChild((await ref()).pid, versioned("v2"))).toMatchObject({ ok: true });
    expect(await (await ref()).call("who")).toBe("v2");
    await expect(sup.swapChild("c", versioned("v3"))).rejects.toMatchObject({ code: "not_found" });
    await sup.terminateChild("a");
    expect(await sup.swapChild("a", versioned("v3"))).toMatchObject({ ok: false, step: "start" });
    await sup.stop();
  });

  test("whose swap fails is restarted as it was", async () => {
    const { sup, ref } = await supervised();
    const check = async (): Promise<void> => {
      throw new Error("unfit");
    };
    expect(await sup.swapChild("a", versioned("new"), { check })).toMatchObject({ ok: false, step: "check" });
    await expect((await ref()).call("crash")).rejects.toMatchObject({ code: "exit" });
    await turn();
    expect(await (await ref()).call("who")).toBe("old");
    await sup.stop();
  });

  test("that crashes while it is being swapped is restarted, in its old version", async () => {
    const { sup, ref, of } = await supervised();
    const old = await ref();
    const check = (): Promise<void> => old.call<void>("crash").catch(() => {});
    expect(await sup.swapChild("a", versioned("new"), { check })).toMatchObject({ ok: false, step: "switch" });
    await turn();
    expect(of("child_restarted")).toHaveLength(1);
    expect(await (await ref()).call("who")).toBe("old");
    await sup.stop();
  });

  test("is restarted in its next version when that one ends while the old one drains", async () => {
    const { sup, ref } = await supervised(versioned("old", { slow: true }));
    const old = await ref();
    const calls = [old.call("who"), old.call("who"), old.call("who")];
    const swapping = sup.swapChild("a", versioned("new"));
    await turn();
    await expect(old.call("crash")).rejects.toMatchObject({ code: "exit" });
    expect(await Promise.all(calls)).toEqual(["old", "old", "old"]);
    expect(await swapping).toMatchObject({ ok: true });
    await turn();
    expect(await (await ref()).call("who")).toBe("new");
    await sup.stop();
  });

  test("swapped again and again is always the supervisor's", async () => {
    const { sup, ref } = await supervised();
    const first = await ref();
    for (const version of ["v1", "v2", "v3"]) expect(await swap(first, versioned(version))).toMatchObject({ ok: true });
    await expect(first.call("crash")).rejects.toMatchObject({ code: "exit" });
    await turn();
    expect(await (await ref()).call("who")).toBe("v3");
    await sup.stop();
  });

  test("of a dynamic supervisor is swapped alone, and restarted with the argument of its swap", async () => {
    const { runtime } = stage();
    const named = (version: string) =>
      agent<string, Question, string>({
        name: version,
        init: (name) => name,
        handle: (question, name, context) => {
          if (question === "crash") throw new Error("crashed");
          context.reply(`${version} ${name}`);
          return name;
        },
      });
    await using sup = new DynamicSupervisor<string>(
      { template: { id: "t", start: (context, name) => child("t", named("old"), name).start(context) } },
      { runtime },
    );
    const [one, other] = (await Promise.all([sup.startChild("one"), sup.startChild("other")])).map(
      ({ info }) => info as Ref<Question>,
    ) as [Ref<Question>, Ref<Question>];
    expect(await swap(one, named("new"), { argument: "first" })).toMatchObject({ ok: true, pid: one.pid });
    expect([await one.call("who"), await other.call("who")]).toEqual(["new first", "old other"]);
    await expect(one.call("crash")).rejects.toMatchObject({ code: "exit" });
    await turn();
    const children = await sup.whichChildren();
    const refs = children.map(({ child: cell }) => (cell as unknown as { self: Ref<Question> }).self);
    expect(new Set(await Promise.all(refs.map((ref) => ref.call("who"))))).toEqual(new Set(["new first", "old other"]));
  });
});

describe("when the supervisor ends", () => {
  type Owner = Supervisor | DynamicSupervisor;

  /** A child of either kind of supervisor that ends at once when it is told to, and is busy for ever. */
  const owners: readonly [
    string,
    (scene: Stage, old: AgentDefinition<Tally, Question>) => Promise<[Owner, Ref<Question>]>,
  ][] = [
    [
      "static",
      async ({ runtime }, old) => {
        const spec = child("a", old, undefined, { shutdownMs: "infinity" });
        const sup = (await Supervisor.start({ children: [spec] }, { runtime })) as Supervisor;
        return [sup, Reflect.get((await sup.whichChildren())[0]?.child ?? {}, "self") as Ref<Question>];
      },
    ],
    [
      "dynamic",
      async ({ runtime }, old) => {
        const template = child("a", old, undefined, { shutdownMs: "infinity" });
        const sup = new DynamicSupervisor({ template }, { runtime });
        return [sup, (await sup.startChild()).info as Ref<Question>];
      },
    ],
  ];

  describe.each(owners)("a %s one", (_, open) => {
    test.each([
      ["starts", versioned("new", { init: never }), undefined],
      ["is checked", versioned("new"), never],
    ] as const)("a version that %s is given up, without waiting", async (_what, next, check) => {
      const scene = stage();
      const [sup, ref] = await open(scene, versioned("old"));
      const { signal } = new AbortController();
      const swapping = swap(ref, next, { signal, ...(check && { check }) });
      await turn();
      await sup.stop();
      expect(await swapping).toMatchObject({ ok: false });
      expect(scene.of("agent_exited")).toHaveLength(scene.of("agent_started").length);
    });

    test("a version that waits for the old one's rest is given up, and a drain is cut", async () => {
      for (const migrate of [undefined, carry]) {
        const gate = Promise.withResolvers<void>();
        const scene = stage();
        const [sup, ref] = await open(
          scene,
          versioned("old", { handle: (_question, state) => gate.promise.then(() => state) }),
        );
        ref.send("who");
        await turn();
        const swapping = swap(ref, versioned("new", { ...(migrate && { migrate }) }), { drainMs: Infinity });
        await turn();
        const stopping = sup.stop();
        await turn();
        gate.resolve();
        await stopping;
        await swapping;
        expect(scene.of("agent_exited")).toHaveLength(scene.of("agent_started").length);
      }
    });

    test("it waits for an old version that cleans up, unless it is killed: then that one is too", async () => {
      for (const isKilled of [false, true]) {
        const gate = Promise.withResolvers<void>();
        const scene = stage();
        const [sup, ref] = await open(scene, versioned("old", { terminate: () => gate.promise }));
        const swapping = swap(ref, versioned("new"));
        await turn();
        await turn();
        const ended: string[] = [];
        sup.watch(({ kind }) => ended.push(kind));
        sup.exit(isKilled ? killed : shutdown);
        await turn();
        expect(ended).toEqual(isKilled ? ["killed"] : []);
        expect(scene.of("agent_exited")).toHaveLength(isKilled ? 2 : 1);
        gate.resolve();
        await swapping;
        await turn();
        expect(ended).toEqual([isKilled ? "killed" : "shutdown"]);
        expect(scene.of("agent_exited")).toHaveLength(2);
      }
    });
  });
});

test("however swaps, crashes and orders to the supervisor interleave, one version of the child lives, and in the end none", async () => {
  const step = fc.constantFrom("swap", "migrate", "unfit", "crash", "call", "terminate", "restart", "turn", "advance");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, slow) => {
      const { runtime, clock, of } = stage();
      const sup = (await Supervisor.start(
        { children: [child("a", versioned("v0", { slow }), undefined)], intensity: 1000 },
        { runtime },
      )) as Supervisor;
      const ref = async (): Promise<Ref<Question> | undefined> =>
        Reflect.get((await sup.whichChildren())[0]?.child ?? {}, "self") as Ref<Question> | undefined;
      const outcomes: Promise<unknown>[] = [];
      let latest = await ref();
      let version = 0;
      const swapChild = (next: Parameters<typeof versioned>[1], check?: () => never): void => {
        const definition = versioned(`v${++version}`, { slow, ...next });
        outcomes.push(sup.swapChild("a", definition, { ...(check && { check }) }));
      };
      const unfit = (): never => {
        throw new Error("unfit");
      };
      for (const next of steps) {
        if (next === "swap") swapChild({});
        else if (next === "migrate") swapChild({ migrate: carry });
        else if (next === "unfit") swapChild({}, unfit);
        else if (next === "crash") latest?.send("crash");
        else if (next === "call") outcomes.push((latest?.call("who") ?? Promise.resolve()).catch(() => {}));
        else if (next === "terminate") outcomes.push(sup.terminateChild("a"));
        else if (next === "restart") outcomes.push(sup.restartChild("a").catch(() => {}));
        else if (next === "turn") await turn();
        else latest = await Promise.race([ref(), clock.advance(1000).then(() => latest)]);
      }
      const done = Promise.all(outcomes);
      for (let ms = 0; ms < 120_000; ms += 5000) await clock.advance(5000);
      await done;
      const alive = of("agent_started").length - of("agent_exited").length;
      expect(alive).toBe((await sup.countChildren()).active);
      expect((await ref())?.isAlive ?? false).toBe(alive === 1);
      await sup.stop();
      expect(of("agent_exited")).toHaveLength(of("agent_started").length);
    }),
    { numRuns: 150 },
  );
});
