import assert from "node:assert/strict";
import { integerBelow, pick, sampleItems, seededRng } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { CallRecord, CallRequest, Plan, RunSoFar, Step, TeamReply, Topology } from "#orchestration";
import type { Contract } from "./contract.ts";

/** The topology under test, with the names of agents that its teams are made of: all of them and some of them. */
export interface TopologyHarness {
  readonly topology: Topology;
  readonly agents: readonly string[];
}

export type OpenTopology = () => TopologyHarness;

const runsPerClaim = 60;
const judges = ["first judge", "second judge"];

/** What every Topology must do, whoever is in the team and whatever the calls come to. */
export const topologyContract: Contract<OpenTopology> = {
  "its edges are among the members, between two agents, each once": async (open) => {
    forPlans(open(), ({ edges, members }) => {
      for (const { from, to } of edges) {
        assert.ok(members.includes(from) && members.includes(to), `${from} → ${to} leaves the team`);
        assert.notEqual(from, to);
      }
      assert.equal(new Set(edges.map(({ from, to }) => JSON.stringify([from, to]))).size, edges.length);
    });
  },

  "a team of one is the plain agent: one call on the team's task": async (open) => {
    forPlans(open(), ({ topology, ...plan }, rng) => {
      const [only] = plan.members;
      if (only === undefined) return;
      const run = play(topology, { ...plan, members: [only], hub: only, edges: topology.edges([only], only) }, rng);
      assert.deepEqual(run.asked, [{ agent: only, kind: "work", round: 0, sees: [] }]);
    });
  },

  "a team of nobody has no answers": async (open) => {
    const { topology } = open();
    const plan = planOf(topology, { members: [], rounds: 2, evaluators: judges });
    assert.deepEqual(topology.next(plan, { calls: [], verdict: undefined }), { type: "finish", answers: [] });
  },

  "it finishes within 3 × rounds × members + 3 steps, whatever the calls come to": async (open) => {
    forPlans(open(), ({ topology, ...plan }, rng) => {
      assert.ok(play(topology, plan, rng).steps.length <= 3 * plan.rounds * plan.members.length + 3);
    });
  },

  "it calls members only, in rounds that the plan has": async (open) => {
    forRuns(open(), ({ asked, plan }) => {
      for (const { agent, kind, round } of asked) {
        assert.ok(plan.members.includes(agent), `${agent} is no member`);
        assert.notEqual(kind, "evaluate");
        assert.ok(round >= 0 && round < plan.rounds, `round ${round} of ${plan.rounds}`);
      }
    });
  },

  "what a call sees was sent along an edge of the plan, and was an output": async (open) => {
    const { topology, agents } = open();
    forPlans({ topology, agents }, (whole, rng) => {
      const edges = rng.next() < 0.5 ? whole.edges : whole.edges.filter(() => rng.next() < 0.7);
      for (const { agent, sees, record } of play(topology, { ...whole, edges }, rng).seen) {
        const isEdge = edges.some(({ from, to }) => from === record.agent && to === agent);
        assert.ok(isEdge, `${agent} sees ${record.agent} without an edge`);
        assert.ok(hasOutput(record), `${agent} sees call ${record.id}, which came to nothing`);
        assert.equal(new Set(sees).size, sees.length);
      }
    });
  },

  "it asks for a judgement of answers only when there are evaluators, and only once of the same": async (open) => {
    forRuns(open(), ({ steps, plan }) => {
      const judged = steps.flatMap((step) => (step.type === "evaluate" ? [JSON.stringify(step.answers)] : []));
      assert.equal(new Set(judged).size, judged.length);
      if (plan.evaluators.length === 0) assert.equal(judged.length, 0);
    });
  },

  "what it has judged and what it finishes with are calls that came to an output, oldest first": async (open) => {
    forRuns(open(), ({ steps, calls }) => {
      for (const step of steps) {
        if (step.type === "call") continue;
        if (step.type === "evaluate") assert.ok(step.answers.length > 0);
        assert.deepEqual(step.answers, [...new Set(step.answers)].sort(ascending));
        for (const id of step.answers) assert.ok(hasOutput(calls[id]) && calls[id]?.kind !== "evaluate");
      }
    });
  },

  "when every call fails, everyone has been asked and there are no answers": async (open) => {
    forPlans(open(), ({ topology, ...plan }, rng) => {
      const { asked, steps } = play(topology, plan, rng, () => failed);
      assert.deepEqual(new Set(asked.map(({ agent }) => agent)), new Set(plan.members));
      assert.deepEqual(steps.at(-1), { type: "finish", answers: [] });
    });
  },

  "an output of a member's work is never lost to failures of others": async (open) => {
    forRuns(open(), ({ steps, calls }) => {
      const last = steps.at(-1);
      const found = calls.some((call) => call.kind === "work" && hasOutput(call));
      assert.ok(!found || (last?.type === "finish" && last.answers.length > 0));
    });
  },

  "it keeps nothing: the same plan and run, asked again in any order, have the same next step": async (open) => {
    forRuns(open(), ({ plan, moments, topology }) => {
      for (const { run, step } of moments.toReversed()) assert.deepEqual(topology.next(plan, run), step);
    });
  },
};

interface Play {
  readonly plan: Plan;
  readonly topology: Topology;
  readonly calls: readonly CallRecord[];
  readonly asked: readonly CallRequest[];
  readonly steps: readonly Step[];
  readonly moments: readonly { readonly run: RunSoFar; readonly step: Step }[];
  /** Every output that was seen, with who saw it. */
  readonly seen: readonly { readonly agent: string; readonly sees: readonly number[]; readonly record: CallRecord }[];
}

type Answer = (rng: Rng, request: CallRequest, plan: Plan) => CallRecord["outcome"];

const failed: CallRecord["outcome"] = { ok: false, code: "timeout", message: "no answer in time" };

/** Checks a claim on many plans: teams of every size and order, with and without evaluators. */
function forPlans(
  { topology, agents }: TopologyHarness,
  check: (plan: Plan & { topology: Topology }, rng: Rng) => void,
): void {
  for (let count = 0; count < runsPerClaim; count++) {
    const rng = seededRng(`plan ${count}`);
    const members = sampleItems(rng, agents, count % (agents.length + 1));
    const evaluators = judges.slice(0, integerBelow(rng, judges.length + 1));
    const plan = planOf(topology, { members, evaluators, rounds: 1 + integerBelow(rng, 3), rng });
    check({ ...plan, topology }, rng);
  }
}

/** Checks a claim on many runs whose calls come to whatever chance wants. */
function forRuns(harness: TopologyHarness, check: (run: Play) => void): void {
  forPlans(harness, ({ topology, ...plan }, rng) => check(play(topology, plan, rng)));
}

interface Occasion extends Pick<Plan, "members" | "rounds" | "evaluators"> {
  readonly rng?: Rng;
}

function planOf(topology: Topology, { members, rounds, evaluators, rng = seededRng(0) }: Occasion): Plan {
  const hub = members.length > 0 && (topology.needsHub || rng.next() < 0.5) ? pick(rng, members) : undefined;
  return {
    pattern: topology.name,
    members,
    hub,
    edges: topology.edges(frozen(members), hub),
    rounds,
    aggregate: "vote",
    evaluators,
    grants: {},
    parameters: {},
    roles: {},
  };
}

function play(topology: Topology, given: Plan, rng: Rng, answer: Answer = chance): Play {
  const plan = frozen(given);
  const limit = 3 * plan.rounds * plan.members.length + 3;
  let run: RunSoFar = { calls: [], verdict: undefined };
  const moments: { run: RunSoFar; step: Step }[] = [];
  const asked: CallRequest[] = [];
  for (;;) {
    const step = frozen(topology.next(plan, frozen(run)));
    moments.push({ run, step });
    assert.ok(moments.length <= limit, `still going on after ${limit} steps`);
    if (step.type === "finish") break;
    if (step.type === "evaluate") run = judged(run, step.answers, { plan, rng });
    else {
      assert.ok(step.calls.length > 0, "a step without calls");
      asked.push(...step.calls);
      run = { ...run, calls: [...run.calls, ...outcomes(step.calls, run.calls.length, (to) => answer(rng, to, plan))] };
    }
  }
  const { calls } = run;
  const seen = calls.flatMap(({ agent, kind, sees }) =>
    kind === "evaluate" ? [] : sees.map((id) => ({ agent, sees, record: calls[id] as CallRecord })),
  );
  return { plan, topology, calls, asked, moments, seen, steps: moments.map(({ step }) => step) };
}

function outcomes(
  requests: readonly CallRequest[],
  first: number,
  answer: (request: CallRequest) => CallRecord["outcome"],
): CallRecord[] {
  return requests.map((request, place) => {
    const { agent, kind, round, sees } = request;
    const call = { agent, kind, round, sees, id: first + place, outcome: answer(request) };
    return { ...call, startedAt: 0, endedAt: 0, used: {}, attempts: 1 };
  });
}

/** The evaluators are asked one after the other; the last that comes to an answer gives the verdict. */
function judged(run: RunSoFar, on: readonly number[], { plan, rng }: { plan: Plan; rng: Rng }): RunSoFar {
  const requests = plan.evaluators.map((agent): CallRequest => ({ agent, kind: "evaluate", round: 0, sees: on }));
  const calls = outcomes(requests, run.calls.length, () => (rng.next() < 0.3 ? failed : says(true)));
  const isJudged = calls.some(({ outcome }) => outcome.ok);
  const verdict = isJudged ? { accepted: rng.next() < 0.4, output: true, on } : run.verdict;
  return { calls: [...run.calls, ...calls], verdict };
}

/** An outcome by chance: nothing, a failure or one of few outputs, and from a hub also work for some, or for a stranger. */
function chance(rng: Rng, { agent, kind }: CallRequest, plan: Plan): CallRecord["outcome"] {
  if (rng.next() < 0.2) return failed;
  const output: Json = rng.next() < 0.25 ? null : integerBelow(rng, 2);
  if (kind !== "plan" || rng.next() < 0.2) return says(output);
  const spokes = [...plan.members.filter((member) => member !== agent), "a stranger"];
  const chosen = sampleItems(rng, spokes, integerBelow(rng, spokes.length + 1));
  return says(output, { assignments: Object.fromEntries(chosen.map((spoke) => [spoke, `part of ${spoke}`])) });
}

function says(output: Json, more: Partial<TeamReply> = {}): CallRecord["outcome"] {
  return { ok: true, reply: { output, ...more } };
}

function hasOutput(call: CallRecord | undefined): boolean {
  return call?.outcome.ok === true && call.outcome.reply.output !== null;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
  return value;
}
