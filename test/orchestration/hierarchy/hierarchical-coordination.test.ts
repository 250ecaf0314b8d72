import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { hierarchicalCoordination } from "#orchestration";
import type { CoordinationPlan, Directive, HierarchicalCoordinationOptions, Subordinate } from "#orchestration";
import { fakeClock } from "#testing";

const team: readonly Subordinate[] = [
  { agent: "lead", capabilities: ["review"] },
  { agent: "ann", capabilities: ["code", "test"], parent: "lead" },
  { agent: "bob", capabilities: ["code"], parent: "lead" },
];

const plan: CoordinationPlan = {
  steps: [
    { id: "review", capabilities: ["review"], after: ["code", "test"] },
    { id: "code", capabilities: ["code"], task: "a parser" },
    { id: "test", capabilities: ["test"], after: ["code"] },
  ],
};

const stepOf = ({ parameters }: Directive): string => String(parameters["step"]);
const said = (directive: Directive): string => `${directive.agent} did ${stepOf(directive)}`;

const run = (
  options: HierarchicalCoordinationOptions,
  steps = plan,
  agents = team,
): ReturnType<typeof hierarchicalCoordination> =>
  hierarchicalCoordination("boss", agents, steps, { clock: fakeClock(), ...options });

describe("a plan", () => {
  test("comes to one directive for each step, to the least busy agent that is capable, in the order of what they need", async () => {
    const result = await run({ clock: fakeClock(1_000), timeoutMs: 10_000, reserveMs: 100 });
    expect(result).toMatchObject({ ok: true, results: {}, failures: [], coordinator: "boss" });
    expect(result.value.map((one) => [stepOf(one), one.agent, one.timeoutMs])).toEqual([
      ["code", "ann", 9_800],
      ["test", "ann", 9_800],
      ["review", "lead", 9_900],
    ]);
    expect(result.value[0]).toEqual({
      agent: "ann",
      action: "start",
      priority: 1,
      timeoutMs: 9_800,
      parameters: {
        step: "code",
        task: "a parser",
        inputs: {},
        attempt: 1,
        path: ["boss", "lead", "ann"],
        deadline: 10_800,
      },
    });
  });

  test("is carried out with each result handed to the steps after it, and results come up", async () => {
    const inputs: unknown[] = [];
    const perform = (directive: Directive): string => {
      inputs.push([stepOf(directive), directive.parameters["inputs"]]);
      return said(directive);
    };
    const result = await run({ perform });
    expect(inputs).toEqual([
      ["code", {}],
      ["test", { code: "ann did code" }],
      ["review", { code: "ann did code", test: "ann did test" }],
    ]);
    const results = { code: "ann did code", test: "ann did test", review: "lead did review" };
    expect(result).toMatchObject({ ok: true, results, output: results, failures: [] });
  });

  test("is aggregated level by level, each result in one part; who cannot pass on is named, and nothing is lost", async () => {
    const parts: string[] = [];
    const aggregate = ({ agent, results, below }: { agent: string; results: object; below: object }): unknown => {
      parts.push(agent);
      if (agent === "lead") throw new Error("no time");
      return { [agent]: [...Object.keys(results), ...Object.keys(below)].sort() };
    };
    const result = await run({ perform: said, aggregate });
    expect(parts).toEqual(["ann", "bob", "lead", "boss"]);
    expect(result).toMatchObject({
      ok: true,
      output: { boss: ["lead"] },
      failures: [{ agent: "lead", message: "no time" }],
    });
  });

  test.each<
    [
      string,
      string,
      Partial<{ steps: CoordinationPlan; agents: readonly Subordinate[] }>,
      HierarchicalCoordinationOptions,
    ]
  >([
    [
      "a step that nobody can do",
      "no_capable_agent",
      { steps: { steps: [{ id: "fly", capabilities: ["wings"] }] } },
      {},
    ],
    [
      "a ring of steps",
      "invalid_plan",
      {
        steps: {
          steps: [
            { id: "a", capabilities: [], after: ["b"] },
            { id: "b", capabilities: [], after: ["a"] },
          ],
        },
      },
      {},
    ],
    [
      "a step twice",
      "invalid_plan",
      {
        steps: {
          steps: [
            { id: "a", capabilities: [] },
            { id: "a", capabilities: [] },
          ],
        },
      },
      {},
    ],
    [
      "a step after one that is not there",
      "invalid_plan",
      { steps: { steps: [{ id: "a", capabilities: [], after: ["z"] }] } },
      {},
    ],
    [
      "a step without time",
      "invalid_plan",
      { steps: { steps: [{ id: "a", capabilities: [], timeoutMs: Number.NaN }] } },
      {},
    ],
    ["an agent twice", "invalid_hierarchy", { agents: [...team, { agent: "bob", capabilities: [] }] }, {}],
    ["a coordinator below itself", "invalid_hierarchy", { agents: [{ agent: "boss", capabilities: [] }] }, {}],
    [
      "a parent that is not there",
      "invalid_hierarchy",
      { agents: [{ agent: "x", capabilities: [], parent: "y" }] },
      {},
    ],
    [
      "a ring of parents",
      "invalid_hierarchy",
      {
        agents: [
          { agent: "x", capabilities: [], parent: "y" },
          { agent: "y", capabilities: [], parent: "x" },
        ],
      },
      {},
    ],
    ["too many levels", "invalid_hierarchy", {}, { maxDepth: 1 }],
    ["too many below one", "invalid_hierarchy", {}, { maxFanOut: 1 }],
  ])("with %s is refused, and nobody is told anything", async (_what, code, { steps, agents }, options) => {
    let calls = 0;
    const result = await run({ ...options, perform: () => calls++ }, steps, agents);
    expect(result).toMatchObject({ ok: false, error: { code }, value: [] });
    expect(calls).toBe(0);
    if (code === "no_capable_agent") expect(result).toMatchObject({ error: { step: "fly" } });
  });

  test("needs options that make sense", async () => {
    await expect(run({ timeoutMs: 0 })).rejects.toThrow(UsageError);
    await expect(run({ maxAttempts: 0 })).rejects.toThrow("maxAttempts");
    await expect(run({ policy: { quorum: 0 } })).rejects.toThrow("quorum");
  });
});

describe("a step that fails", () => {
  const one: CoordinationPlan = { steps: [{ id: "code", capabilities: ["code"] }] };

  test("goes to another who is capable, once; what the first answers later does not count", async () => {
    const clock = fakeClock();
    const late = Promise.withResolvers<string>();
    const aborted: boolean[] = [];
    const perform = (directive: Directive, { signal }: { signal: AbortSignal }): unknown => {
      if (directive.agent !== "ann") return said(directive);
      signal.addEventListener("abort", () => aborted.push(true));
      return late.promise;
    };
    const steps = {
      steps: [
        { id: "code", capabilities: ["code"], timeoutMs: 100 },
        { id: "more", capabilities: ["test"], after: ["code"] },
      ],
    };
    const done = run({ clock, perform, policy: { quorum: 1 } }, steps);
    await clock.advance(100);
    late.resolve("ann, late");
    expect(await done).toMatchObject({ ok: true, results: { code: "bob did code" } });
    expect(aborted).toEqual([true]);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["no JSON", Number.NaN],
  ])("with %s as its answer has failed", async (_what, answer) => {
    const result = await run({ perform: () => answer, maxAttempts: 1 }, one);
    expect(result).toMatchObject({
      ok: false,
      error: { code: "failed", step: "code" },
      failures: [{ step: "code", agent: "ann" }],
    });
  });

  const perform = (directive: Directive): string => {
    if (stepOf(directive) === "b") throw new Error("broken");
    return said(directive);
  };
  const four: CoordinationPlan = {
    steps: ["a", "b", "c", "d"].map((id) => ({
      id,
      capabilities: ["code"],
      after: id === "a" ? [] : id === "d" ? ["b"] : ["a"],
    })),
  };

  test("ends the plan under fail_fast", async () => {
    const result = await run({ perform, maxAttempts: 1 }, four);
    expect(result).toMatchObject({
      ok: false,
      error: { code: "failed", step: "b", message: expect.stringContaining("broken") },
    });
  });

  test("costs only what comes after it under best_effort", async () => {
    const result = await run({ perform, policy: "best_effort" }, four);
    expect(result.ok && Object.keys(result.results)).toEqual(["a", "c"]);
    expect(result.failures.map(({ step }) => step)).toEqual(["b", "d"]);
    expect(await run({ perform: () => undefined, policy: "best_effort" }, one)).toMatchObject({
      ok: false,
      error: { code: "failed" },
    });
  });

  test("costs nothing while the quorum can be had, and the plan when it cannot", async () => {
    expect(await run({ perform, policy: { quorum: 2 } }, four)).toMatchObject({ ok: true });
    expect(await run({ perform, policy: { quorum: 3 } }, four)).toMatchObject({ ok: false, error: { code: "failed" } });
  });
});

describe("the end of a plan", () => {
  const forever =
    (stopped: string[]) =>
    (directive: Directive, { signal }: { signal: AbortSignal }): Promise<string> =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stopped.push(directive.agent);
          reject(new Error("stopped"));
        });
      });
  const wide: CoordinationPlan = { steps: ["a", "b"].map((id) => ({ id, capabilities: ["code"] })) };

  test("comes at its deadline, and nobody works on", async () => {
    const clock = fakeClock();
    const stopped: string[] = [];
    const done = run({ clock, perform: forever(stopped), timeoutMs: 1_000, reserveMs: 0, maxAttempts: 3 }, wide);
    await clock.advance(1_000);
    expect(await done).toMatchObject({ ok: false, error: { code: "timeout" } });
    expect(stopped.sort()).toEqual(["ann", "bob"]);
    expect(clock.pending()).toBe(0);
  });

  test("comes when it is cancelled, before or during", async () => {
    const clock = fakeClock();
    const stopped: string[] = [];
    const stop = new AbortController();
    const done = run({ clock, perform: forever(stopped), signal: stop.signal }, wide);
    await clock.advance(10);
    stop.abort();
    expect(await done).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(stopped.sort()).toEqual(["ann", "bob"]);
    expect(await run({ perform: said, signal: stop.signal }, wide)).toMatchObject({
      error: { code: "cancelled" },
      value: [],
    });
  });

  test("waits for who does not stop as long as the grace time, not longer", async () => {
    const clock = fakeClock();
    const stop = new AbortController();
    let isOver = false;
    const done = run({ clock, perform: () => new Promise(() => {}), signal: stop.signal, graceMs: 30 }, wide).then(
      () => {
        isOver = true;
      },
    );
    await clock.advance(0);
    stop.abort();
    await clock.advance(29);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await done;
  });
});

describe("an agent that ends", () => {
  function watched(): {
    readonly watch: (agent: string, onEnd: () => void) => Disposable;
    readonly end: (agent: string) => void;
  } {
    const ends = new Map<string, () => void>();
    const watch = (agent: string, onEnd: () => void): Disposable => {
      ends.set(agent, onEnd);
      return { [Symbol.dispose]: () => ends.delete(agent) };
    };
    return { watch, end: (agent) => ends.get(agent)?.() };
  }

  test("as coordinator is replaced by the first below it, and the results that were acknowledged stay", async () => {
    const { watch, end } = watched();
    const perform = (directive: Directive): string => {
      if (stepOf(directive) === "test") {
        end("boss");
        end("lead");
      }
      return said(directive);
    };
    const steps = { steps: plan.steps.filter(({ id }) => id !== "review") };
    const result = await run({ perform, watch }, steps);
    expect(result).toMatchObject({
      ok: true,
      coordinator: "ann",
      output: { code: "ann did code", test: "ann did test" },
    });
  });

  test("loses its step to another; the plan fails when nobody is left", async () => {
    const { watch, end } = watched();
    const perform = (directive: Directive): unknown => {
      if (directive.agent !== "ann") return said(directive);
      end("ann");
      return new Promise(() => {});
    };
    const one = { steps: [{ id: "code", capabilities: ["code"] }] };
    const clock = fakeClock();
    const done = run({ clock, perform, watch }, one);
    await clock.advance(1_000);
    expect(await done).toMatchObject({
      ok: true,
      results: { code: "bob did code" },
      value: [{ agent: "ann" }, { agent: "bob" }],
    });
    const alone = watched();
    const gone = run(
      { clock, watch: alone.watch, perform: () => (["ann", "bob", "lead", "boss"].forEach(alone.end), 1) },
      one,
    );
    expect(await gone).toMatchObject({ ok: false });
  });
});
