import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agent, AgentError, swap } from "#foundation/agents";
import type { AgentDefinition, Pid, Ref } from "#foundation/agents";
import { carry, never, stage, turn, versioned } from "./fixtures/versioned-agents.ts";
import type { Question, Tally } from "./fixtures/versioned-agents.ts";

describe("a swap", () => {
  test("leads the same address to the next version and ends the old one", async () => {
    const { started, of } = stage();
    const ref = await started(versioned("old"));
    const oldPid = ref.pid;
    const result = await swap(ref, versioned("new"));
    expect(result).toEqual({ ok: true, ref, pid: ref.pid, isDrained: true });
    expect(ref.pid).not.toBe(oldPid);
    expect(await ref.call("who")).toBe("new");
    expect(of("agent_exited")).toMatchObject([{ pid: oldPid, reason: { kind: "shutdown" } }]);
    expect(of("agent_swapped")).toMatchObject([{ pid: oldPid, successor: ref.pid, agent: "new" }]);
  });

  test.each([
    ["without migration", undefined],
    ["with migration", carry],
  ])(
    "200 requests at 20 in parallel, %s, a hundred times: each answered once, old first, new last",
    async (_, migrate) => {
      const { started } = stage();
      for (let round = 0; round < 100; round++) {
        const handled: string[] = [];
        const counting = (version: string): AgentDefinition<Tally, Question> => {
          const quiet = versioned(version, { slow: true, ...(migrate && { migrate }) });
          return {
            ...quiet,
            handle: (question, state, context) => {
              handled.push(version);
              return quiet.handle(question, state, context);
            },
          };
        };
        const ref = await started(counting("old"));
        const answers: string[] = [];
        let asked = 0;
        let swapped: Promise<{ ok: boolean }> | undefined;
        const client = async (): Promise<void> => {
          while (asked < 200) {
            if (++asked === 60 + (round % 80)) swapped = swap(ref, counting("new"));
            answers.push(await ref.call<string>("who"));
          }
        };
        await Promise.all(Array.from({ length: 20 }, client));
        expect(await swapped).toMatchObject({ ok: true, isDrained: true });
        expect(answers).toHaveLength(200);
        expect(handled).toHaveLength(200);
        expect([answers[0], answers.at(-1)]).toEqual(["old", "new"]);
        expect(answers.filter((version) => version === "old")).toHaveLength(
          handled.filter((version) => version === "old").length,
        );
      }
    },
  );

  test("without migration the old version finishes what it had, while the next one already answers", async () => {
    const { started } = stage();
    const ref = await started(versioned("old", { slow: true }));
    const before = [1, 2, 3].map(() => ref.call("who"));
    const order: unknown[] = [];
    for (const call of before) void call.then((version) => order.push(version));
    const swapped = swap(ref, versioned("new"));
    await turn();
    void ref.call("who").then((version) => order.push(version));
    expect(await swapped).toMatchObject({ isDrained: true });
    expect(await Promise.all(before)).toEqual(["old", "old", "old"]);
    expect(order.indexOf("new")).toBeLessThan(order.lastIndexOf("old"));
  });

  test("with migration only the message at hand is the old one's: its effect is in the state, what waits goes over", async () => {
    const { started } = stage();
    const ref = await started(versioned("old", { slow: true }));
    const calls = [ref.call("who"), ref.call("who"), ref.call("count")];
    await turn();
    expect(await swap(ref, versioned("new", { migrate: carry }))).toMatchObject({ ok: true });
    const [first, ...rest] = await Promise.all(calls);
    expect(first).toBe("old");
    expect(rest.at(-1)).toBe(2);
    expect(await ref.call("count")).toBe(3);
  });

  test("migrate gets the old state, the one that init gave, and the next version's context", async () => {
    const { started } = stage();
    const ref = await started(versioned("old"));
    await ref.call("who");
    const seen: unknown[] = [];
    const next = versioned("new", {
      init: () => ({ count: 100, later: [] }),
      migrate: (before, fresh, context) => {
        seen.push((before as Tally).count, fresh.count, context.pid);
        return { count: (before as Tally).count + fresh.count, later: [] };
      },
    });
    await swap(ref, next);
    expect(seen).toEqual([1, 100, ref.pid]);
    expect(await ref.call("count")).toBe(101);
  });

  test("messages that were postponed reach the next version", async () => {
    for (const migrate of [undefined, carry]) {
      const { started } = stage();
      const ref = await started(versioned("old"));
      const postponed = ref.call("postponed");
      await turn();
      await swap(ref, versioned("new", { ...(migrate && { migrate }) }));
      await ref.call("who");
      expect(await postponed).toBe("new");
    }
  });

  test("a call put off with replyLater is waited for, and answered with what went over", async () => {
    const { started } = stage();
    const ref = await started(versioned("old"));
    const later = ref.call("later");
    await turn();
    const swapped = swap(ref, versioned("new", { migrate: carry }));
    await turn();
    ref.send("flush");
    expect(await later).toBe("new");
    expect(await swapped).toMatchObject({ ok: true, isDrained: true });
  });

  test("who waits for room at the old version sends to the next, at once", async () => {
    const { started, clock } = stage();
    const ref = await started(versioned("old", { handle: never, mailbox: { capacity: 1 } }));
    const posted = Promise.all([ref.post("who"), ref.post("who"), ref.post("who")]);
    await turn();
    const swapping = swap(ref, versioned("new"), { drainMs: 50 });
    await posted;
    expect(await ref.call("count")).toBeGreaterThan(0);
    await clock.advance(60);
    await swapping;
  });

  test("monitors and links follow the address: a swap is no end, the next one's end is", async () => {
    const { started, runtime } = stage();
    const ref = await started(versioned("old"));
    const downs: [string, Pid][] = [];
    ref.monitor(({ kind }, pid) => downs.push([kind, pid]));
    const disposed = ref.monitor(() => downs.push(["disposed", ref.pid]));
    const peer = await runtime.start(
      agent<number, string>({
        name: "peer",
        init: (_, context) => {
          context.link(ref);
          return 0;
        },
        handle: (_, state) => state,
      }),
      undefined,
    );
    await swap(ref, versioned("new"));
    disposed[Symbol.dispose]();
    expect([downs, peer?.isAlive]).toEqual([[], true]);
    const { pid } = ref;
    await expect(ref.call("crash")).rejects.toMatchObject({ code: "exit" });
    await turn();
    expect(downs).toEqual([["crash", pid]]);
    expect(peer?.isAlive).toBe(false);
  });

  test("a sleeping agent is woken for the migration of its state", async () => {
    const { started, clock } = stage();
    const asleep = {
      idleMs: 100,
      snapshot: ({ count }: Tally) => count,
      restore: (count: unknown) => ({ count, later: [] }),
    };
    const ref = await started(versioned("old", asleep as Partial<AgentDefinition<Tally, Question>>));
    await ref.call("who");
    await clock.advance(200);
    expect(await swap(ref, versioned("new", { migrate: carry }))).toMatchObject({ ok: true });
    expect(await ref.call("count")).toBe(1);
  });

  test("a suspended agent stays suspended, and what waits at it waits at the next", async () => {
    for (const migrate of [undefined, carry]) {
      const { started } = stage();
      const ref = await started(versioned("old"));
      await ref.suspend();
      const waiting = ref.call("who");
      expect(await swap(ref, versioned("new", { ...(migrate && { migrate }) }))).toMatchObject({ ok: true });
      expect(await Promise.race([waiting, turn()])).toBeUndefined();
      await ref.resume();
      expect(await waiting).toBe("new");
    }
  });

  test("a rejection that migrate leaves to nobody ends the next version, not the process", async () => {
    const { started } = stage();
    const ref = await started(versioned("old"));
    const careless = versioned("new", {
      migrate: (before) => {
        void Promise.reject(new Error("stray"));
        return before as Tally;
      },
    });
    await swap(ref, careless);
    await turn();
    expect(ref.isAlive).toBe(false);
  });

  test("swaps of one address come one after the other", async () => {
    const { started } = stage();
    const ref = await started(versioned("v0"));
    const results = await Promise.all(
      [1, 2, 3].map((version) => swap(ref, versioned(`v${version}`, { migrate: carry }))),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(await ref.call("who")).toBe("v3");
  });

  test("an agent that is told to end while its predecessor drains does, and the predecessor still finishes", async () => {
    const { started } = stage();
    const ref = await started(versioned("old", { slow: true }));
    const calls = [ref.call("who"), ref.call("who")];
    const swapped = swap(ref, versioned("new"));
    await turn();
    ref.cell.exit({ kind: "shutdown" });
    expect(await Promise.all(calls)).toEqual(["old", "old"]);
    expect(await swapped).toMatchObject({ ok: true, isDrained: true });
    expect(ref.isAlive).toBe(false);
  });
});

describe("a swap that fails leaves the old version serving", () => {
  const boom = new Error("boom");
  const throwing = (): never => {
    throw boom;
  };
  const slowly = { startTimeoutMs: 50, checkMs: 50, drainMs: 50 };

  test.each([
    ["its start throws", "start", versioned("new", { init: throwing }), {}, { cause: boom }],
    ["its start rejects", "start", versioned("new", { init: async () => throwing() }), {}, { cause: boom }],
    ["its start does not end", "start", versioned("new", { init: never }), slowly, { code: "start_timeout" }],
    ["its check throws", "check", versioned("new"), { check: throwing }, boom],
    ["its check rejects", "check", versioned("new"), { check: async () => throwing() }, boom],
    ["its check does not end", "check", versioned("new"), { check: never, ...slowly }, { code: "timeout" }],
    ["its migration throws", "migrate", versioned("new", { migrate: throwing }), {}, boom],
    ["its migration does not end", "migrate", versioned("new", { migrate: never }), slowly, { code: "timeout" }],
  ] as const)("%s", async (_, step, next, options, error) => {
    const { started, clock, of, events } = stage();
    const ref = await started(versioned("old"));
    const { pid } = ref;
    await ref.call("who");
    const swapping = swap(ref, next, options);
    await clock.advance(120);
    const waiting = ref.call("count");
    const result = await swapping;
    expect(result).toMatchObject({ ok: false, step });
    expect(result.ok ? undefined : result.error).toMatchObject(error);
    expect([await waiting, await ref.call("who"), ref.pid]).toEqual([1, "old", pid]);
    expect(of("swap_failed")).toMatchObject([{ pid, agent: "new", step }]);
    expect(of("agent_swapped")).toEqual([]);
    const started_ = events.filter(({ type }) => type === "agent_started").length;
    expect(of("agent_exited")).toHaveLength(started_ - 1);
  });

  test("the new one crashes in its check", async () => {
    const { started } = stage();
    const ref = await started(versioned("old"));
    const check = (next: Ref<Question>): Promise<void> => next.call("crash");
    expect(await swap(ref, versioned("new"), { check })).toMatchObject({ ok: false, step: "check" });
    expect(await ref.call("who")).toBe("old");
  });

  test("the message at hand does not end: it is not waited for longer than said, and finished afterwards", async () => {
    const { started, clock } = stage();
    const gate = Promise.withResolvers<void>();
    const old = versioned("old", {
      handle: async (_, state, context) => {
        await gate.promise;
        context.reply("old");
        return { ...state, count: state.count + 1 };
      },
    });
    const ref = await started(old);
    const calls = [ref.call("who"), ref.call("who")];
    const swapping = swap(ref, versioned("new", { migrate: carry }), { drainMs: 50 });
    await clock.advance(60);
    expect(await swapping).toMatchObject({ ok: false, step: "drain", error: { code: "timeout" } });
    gate.resolve();
    expect(await Promise.all(calls)).toEqual(["old", "old"]);
  });

  test("the old one ends meanwhile: there is nothing to replace", async () => {
    const { started } = stage();
    const ref = await started(versioned("old"));
    const check = async (): Promise<void> => {
      await expect(ref.call("crash")).rejects.toThrow(AgentError);
    };
    expect(await swap(ref, versioned("new"), { check })).toMatchObject({ ok: false, step: "switch" });
    expect(await swap(ref, versioned("new"))).toMatchObject({ ok: false, step: "start", error: { code: "noproc" } });
  });

  test("it is called off", async () => {
    const { started } = stage();
    const ref = await started(versioned("old"));
    const calledOff = new AbortController();
    const swapping = swap(ref, versioned("new"), { check: never, signal: calledOff.signal });
    await turn();
    calledOff.abort(boom);
    expect(await swapping).toEqual({ ok: false, step: "check", error: boom });
    expect(await ref.call("who")).toBe("old");
  });

  test("an agent swaps itself", async () => {
    const { started } = stage();
    const results: unknown[] = [];
    const ref = await started(
      versioned("old", {
        handle: async (_, state, context) => {
          results.push(await swap(context.self, versioned("new")));
          context.reply("old");
          return state;
        },
      }),
    );
    expect(await ref.call("who")).toBe("old");
    expect(results).toMatchObject([{ ok: false, step: "start", error: { code: "calling_self" } }]);
  });
});

describe("a drain that does not end in time", () => {
  test("ends with the old version killed; the swap holds, and what it had not begun goes to the next", async () => {
    const { started, clock, of } = stage();
    const ref = await started(versioned("old", { handle: never }));
    const { pid } = ref;
    const [begun, waiting] = [ref.call("who"), ref.call("who")];
    const outcome = begun.catch((error: unknown) => error);
    await turn();
    const swapping = swap(ref, versioned("new"), { drainMs: 50 });
    await clock.advance(60);
    expect(await swapping).toMatchObject({ ok: true, isDrained: false });
    expect(await outcome).toMatchObject({ code: "exit", reason: { kind: "killed" } });
    expect(await waiting).toBe("new");
    expect(of("drain_expired")).toMatchObject([{ pid, agent: "old" }]);
  });

  test("is over when a call that nobody answers has timed out", async () => {
    const { started, clock } = stage();
    const ref = await started(versioned("old"));
    const later = ref.call("later", { timeoutMs: 20 }).catch((error: unknown) => error);
    await turn();
    const swapping = swap(ref, versioned("new"));
    await clock.advance(30);
    expect(await swapping).toMatchObject({ ok: true, isDrained: true });
    expect(await later).toMatchObject({ code: "timeout" });
  });
});

test("however calls, casts, crashes and swaps interleave, every call has one outcome and every version but the last has ended", async () => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("call", "later", "postponed", "flush", "turn") },
    { weight: 2, arbitrary: fc.constantFrom("swap", "migrate") },
    { weight: 1, arbitrary: fc.constantFrom("unfit", "torn", "crash", "advance") },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.boolean(), async (actions, slow) => {
      const { started, clock, of } = stage();
      let version = 0;
      const ref = await started(versioned("v0", { slow }));
      const outcomes: number[] = [];
      const pending: Promise<unknown>[] = [];
      const swaps: Promise<unknown>[] = [];
      const call = (question: Question): void => {
        const place = outcomes.push(0) - 1;
        const count = (): number => (outcomes[place] = (outcomes[place] ?? 0) + 1);
        pending.push(ref.call(question, { timeoutMs: 1000 }).then(count, count));
      };
      for (const next of actions) {
        const name = `v${++version}`;
        const torn = (): never => {
          throw new Error("torn");
        };
        if (next === "call") call("who");
        else if (next === "later" || next === "postponed" || next === "crash") call(next);
        else if (next === "flush") ref.send("flush");
        else if (next === "turn") await turn();
        else if (next === "advance") await clock.advance(300);
        else if (next === "swap") swaps.push(swap(ref, versioned(name, { slow }), { drainMs: 500 }));
        else if (next === "migrate") swaps.push(swap(ref, versioned(name, { slow, migrate: carry }), { drainMs: 500 }));
        else if (next === "unfit") swaps.push(swap(ref, versioned(name), { check: torn }));
        else swaps.push(swap(ref, versioned(name, { migrate: torn }), { drainMs: 500 }));
      }
      const all = Promise.all([...pending, ...swaps]);
      for (let ms = 0; ms < 40_000; ms += 500) await clock.advance(500);
      await all;
      expect(outcomes.every((count) => count === 1)).toBe(true);
      expect(of("agent_exited")).toHaveLength(of("agent_started").length - (ref.isAlive ? 1 : 0));
    }),
    { numRuns: 150 },
  );
});
