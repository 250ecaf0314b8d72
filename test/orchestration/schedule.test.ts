import fc from "fast-check";
import { expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { agentSelection, communicationTopology, team } from "#orchestration";
import type { Action, LiveTeam, Team } from "#orchestration";
import { code, sayer, started } from "./support/live.ts";
import type { Lab } from "./support/live.ts";

fc.configureGlobal({ seed: 11 });

const names = ["a", "b", "c", "d"];

function example(): Team {
  return team({
    name: "t",
    agents: Object.fromEntries(
      names.map((id) => [
        id,
        sayer(id, { module: "moody", resourceRequirements: { memory: 10 }, supervision: { maxFailures: 6 } }),
      ]),
    ),
    variables: [
      agentSelection("who", { agents: ["a", "b", "c"], select: "subset" }),
      communicationTopology("net", { agents: names, patterns: ["chain", "mesh", "ring", "broadcast"], rounds: 2 }),
    ],
    resourcePool: { memory: 100 },
  });
}

const agents = fc.constantFrom(...names);

const actions: fc.Arbitrary<(live: LiveTeam) => Action> = fc.oneof(
  agents.map((agent) => (): Action => ({ type: "start", agent })),
  agents.map((agent) => (): Action => ({ type: "stop", agent })),
  agents.map((agent) => (): Action => ({ type: "scale_up", agent })),
  agents.map((agent) => (): Action => ({ type: "scale_down", agent })),
  fc.tuple(agents, fc.constantFrom("moody", "other", "unfit")).map(([agent, module]) => (): Action => ({
    type: "reconfigure",
    agent,
    module,
  })),
  fc.subarray(["a", "b", "c"], { minLength: 1 }).map((to) => (live: LiveTeam): Action => ({
    type: "reconfigure_supervisor",
    variable: "who",
    from: live.team.configuration["team.who"] as string[],
    to,
  })),
  fc.constantFrom("chain", "mesh", "ring", "broadcast").map((pattern) => (live: LiveTeam): Action => ({
    type: "change_topology",
    variable: "net",
    from: { pattern: live.team.configuration["team.net.pattern"] ?? null },
    to: { pattern },
  })),
);

type Event =
  | { readonly type: "ask"; readonly task: string }
  | { readonly type: "kill"; readonly agent: string }
  | { readonly type: "apply"; readonly action: (live: LiveTeam) => Action }
  | { readonly type: "give up" }
  | { readonly type: "wait" };

const schedules = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("x", "x", "x", "throw").map((task): Event => ({ type: "ask", task })) },
    { weight: 2, arbitrary: agents.map((agent): Event => ({ type: "kill", agent })) },
    { weight: 3, arbitrary: actions.map((action): Event => ({ type: "apply", action })) },
    { weight: 1, arbitrary: fc.constant<Event>({ type: "give up" }) },
    { weight: 4, arbitrary: fc.constant<Event>({ type: "wait" }) },
  ),
  { minLength: 10, maxLength: 60 },
);

const work = (name: string, check?: () => void): ReturnType<typeof code> =>
  code(
    name,
    async (call, { settings }) => {
      await nextTurn();
      if (call.task === "throw" && settings["says"] === "b") throw new Error("b cannot do this");
      return { output: settings["says"] ?? null };
    },
    check === undefined ? {} : { check },
  );

interface Played extends AsyncDisposable {
  readonly lab: Lab;
  /** How often each request was settled. */
  readonly settled: readonly number[];
  /** The events at which more of the pool was held than there is. */
  readonly overdrawn: readonly string[];
  /** Everything that was asked of the team. */
  readonly running: readonly Promise<unknown>[];
}

/** Does everything of a schedule, without waiting for what comes of it. */
async function play(schedule: readonly Event[]): Promise<Played> {
  const unfit = work("unfit", () => {
    throw new Error("unfit");
  });
  const lab = await started(example(), { modules: [work("moody"), work("other"), unfit] });
  const { live } = lab;
  const settled: number[] = [];
  const overdrawn: string[] = [];
  const running: Promise<unknown>[] = [];
  live.events.subscribe(({ type }) => {
    const { leased = 0, total = 0 } = live.status().resourcePool.byResource["memory"] ?? {};
    if (leased > total) overdrawn.push(type);
  });
  for (const event of schedule) {
    if (event.type === "wait") await nextTurn();
    if (event.type === "kill") live.kill(event.agent);
    if (event.type === "apply") running.push(live.apply([event.action(live)]).catch(() => {}));
    if (event.type !== "ask" && event.type !== "give up") continue;
    const request = settled.push(0) - 1;
    const once = (): void => void (settled[request] = (settled[request] ?? 0) + 1);
    const over = new AbortController();
    running.push(live.ask(event.type === "ask" ? event.task : "x", { signal: over.signal }).then(once, once));
    if (event.type === "give up") void nextTurn().then(() => over.abort());
  }
  return { lab, settled, overdrawn, running, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
}

test("whatever is killed and changed under load: each request has one outcome, and nothing is left over", async () => {
  const property = fc.asyncProperty(schedules, async (schedule) => {
    await using played = await play(schedule);
    await Promise.all(played.running);
    await nextTurn();
    expect(played.settled.filter((count) => count !== 1)).toEqual([]);
    expect(played.overdrawn).toEqual([]);
    await agreement(played.lab);
  });
  await fc.assert(property, { numRuns: 100 });
}, 120_000);

test("whenever it ends: each request has one outcome, and nothing lives on", async () => {
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const { lab, running, settled } = await play(schedule);
    const before = lab.events.length;
    await lab[Symbol.asyncDispose]();
    await Promise.all(running);
    expect(lab.events.slice(before).filter(({ type }) => type === "agent_failed")).toEqual([]);
    expect(settled.filter((count) => count !== 1)).toEqual([]);
    const count = (type: string): number => lab.lives.filter((event) => event.type === type).length;
    expect([count("agent_exited"), count("supervisor_exited")]).toEqual([
      count("agent_started"),
      count("supervisor_started"),
    ]);
    const { requests, resourcePool } = lab.live.status();
    expect([requests.inFlight, resourcePool.availableMemory]).toEqual([0, 100]);
    expect(Object.values(lab.live.team.agents).map(({ status }) => status)).not.toContain("active");
  });
  await fc.assert(property, { numRuns: 100 });
}, 120_000);

/** That what runs is what the team's value says, and nothing else. */
async function agreement({ live }: { live: LiveTeam }): Promise<void> {
  const status = live.status();
  const trees = (await live.supervisor?.whichChildren()) ?? [];
  const instances = new Map<string, number>();
  for (const { id, child } of trees) {
    const supervisor = child as unknown as NonNullable<LiveTeam["supervisor"]>;
    instances.set(id, (await supervisor.whichChildren()).length);
  }
  for (const [id, { replicas, status: state }] of Object.entries(live.team.agents)) {
    const wanted = state === "active" ? replicas : 0;
    expect([id, state, instances.get(id) ?? 0, status.agents[id]?.instances]).toEqual([id, state, wanted, wanted]);
    expect(["active", "inactive", "failed"]).toContain(state);
    expect(status.agents[id]?.load).toBe(0);
  }
  const held = Object.values(live.team.agents).reduce(
    (sum, { replicas, status: state, resourceRequirements }) =>
      sum + (state === "active" ? replicas * (resourceRequirements["memory"] ?? 0) : 0),
    0,
  );
  expect(status.resourcePool.byResource["memory"]?.leased).toBe(held);
  expect(status.requests.inFlight).toBe(0);
}
