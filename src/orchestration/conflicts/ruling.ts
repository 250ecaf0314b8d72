import { describe, jsonDefect } from "#foundation";
import type { Json } from "#foundation";
import { coordinateResources } from "../pool/coordinate-resources.ts";
import { firstLargest } from "./borda.ts";
import { feasibleCandidates, heardIn, placeOf } from "./conflict-case.ts";
import type { ConflictCase } from "./conflict-case.ts";
import type { Reading } from "./hearing.ts";
import { settled, unsettled } from "./resolution.ts";
import type { CompromiseType, Settlement } from "./resolution.ts";

/** The agent of the highest priority has its way; of equal ones the earlier. Who has no priority has 0. */
export function byPriority(one: ConflictCase): Settlement {
  const { wishes, options } = one;
  const known = wishes.filter(({ agent }) => Object.hasOwn(options.priorities, agent));
  if (known.length === 0) return unsettled("no_priorities", "none of the agents has a priority");
  const priorities = wishes.map(({ agent }) =>
    known.some((wish) => wish.agent === agent) ? (options.priorities[agent] ?? 0) : 0,
  );
  const top = wishes[firstLargest(priorities)];
  return top === undefined
    ? unsettled("no_priorities", "there is nobody")
    : wayOf(one, top.value, { priorities, compromiseType: "priority_override" });
}

/** The candidate with the most votes, one for each agent; of equal ones the earlier. */
export async function byVote(one: ConflictCase): Promise<Settlement> {
  const { conflict, wishes, options } = one;
  const { vote } = options.callbacks;
  const agents = wishes.map(({ agent }) => agent);
  const isAboutAgents = conflict.conflictType === "resource_competition";
  const candidates: readonly Json[] = isAboutAgents ? agents : feasibleCandidates(one);
  const own = (index: number): number => {
    const value = options.feasible(conflict.variableId, wishes[index]?.value ?? null);
    return isAboutAgents ? index : value === undefined ? -1 : placeOf(candidates, value);
  };
  const read = (answer: unknown): Reading<number> => votedFor(answer, candidates);
  const heard =
    vote === undefined ? undefined : await heardIn(one, agents, { what: "vote", callback: vote, candidates, read });
  const votes = heard === undefined ? agents.map((_, index) => own(index)) : [...heard.values()];
  const counts = candidates.map((_, place) => votes.filter((voted) => voted === place).length);
  if (counts.every((count) => count === 0)) return unsettled("no_votes", "nobody voted for anything");
  const compromiseType = "alternative_solution";
  return wayOf(one, candidates[firstLargest(counts)] ?? null, { priorities: counts, compromiseType });
}

/** The leader's value: of the one that was named, or that more than half of the agents elect. */
export async function byLeader(one: ConflictCase): Promise<Settlement> {
  const { wishes } = one;
  const leader = one.options.leader ?? (await elected(one));
  if (leader === undefined)
    return unsettled("no_leader", "no leader was named, and none has more than half of the votes");
  const decided = await decisionOf(one, leader);
  if (decided === undefined) return unsettled("no_leader", `the leader ${leader} has no value`);
  const priorities = wishes.map(({ agent }) => (agent === leader ? 1 : 0));
  return wayOf(one, decided, { priorities, compromiseType: "priority_override" });
}

async function elected(one: ConflictCase): Promise<string | undefined> {
  const { elect } = one.options.callbacks;
  if (elect === undefined) return undefined;
  const agents = one.wishes.map(({ agent }) => agent);
  const heard = await heardIn(one, agents, { what: "election", callback: elect, candidates: agents, read: electedBy });
  const names = [...heard.values()].filter((name) => name !== null);
  return names.find((name) => names.filter((other) => other === name).length * 2 > agents.length);
}

async function decisionOf(one: ConflictCase, leader: string): Promise<Json | undefined> {
  const { decide } = one.options.callbacks;
  const own = one.wishes.find(({ agent }) => agent === leader)?.value;
  // Of a resource the leader's own request comes first: there is nothing to decide.
  if (decide === undefined || one.conflict.conflictType === "resource_competition") return own;
  const candidates = feasibleCandidates(one);
  const heard = await heardIn(one, [leader], { what: "decision", callback: decide, candidates, read: decisionFrom });
  return heard.get(leader);
}

interface Way {
  /** In the order of the agents: who is served first of a resource. */
  readonly priorities: readonly number[];
  readonly compromiseType: CompromiseType;
}

/** One value for all; of a resource, what is left by those before one. */
function wayOf(
  { conflict, wishes, options }: ConflictCase,
  value: Json,
  { priorities, compromiseType }: Way,
): Settlement {
  if (conflict.conflictType !== "resource_competition") {
    const feasible = options.feasible(conflict.variableId, value);
    return feasible === undefined
      ? unsettled("no_agreement", `${describe(value)} is not feasible`)
      : settled(feasible, compromiseType);
  }
  const requests = wishes.map(({ agent, value: amount }, index) => ({
    agent,
    resource: conflict.variableId,
    amount: typeof amount === "number" ? amount : 0,
    priority: priorities[index] ?? 0,
    min: 0,
  }));
  // Without a known capacity there is as much as the first one asks for.
  const available = conflict.available ?? requests[firstLargest(priorities)]?.amount ?? 0;
  const granted = coordinateResources(requests, { [conflict.variableId]: available }, { mode: "proportional" });
  const grants = granted.ok ? granted.value : [];
  const amountOf = (agent: string): number => grants.find((grant) => grant.agent === agent)?.granted ?? 0;
  return settled(Object.fromEntries(wishes.map(({ agent }) => [agent, amountOf(agent)])), compromiseType);
}

function votedFor(answer: unknown, candidates: readonly Json[]): Reading<number> {
  if (answer === null) return { ok: true, value: -1 };
  const place = answer === undefined || jsonDefect(answer) !== undefined ? -1 : placeOf(candidates, answer as Json);
  return place === -1 ? { ok: false, defect: `${describe(answer)} is no candidate` } : { ok: true, value: place };
}

function electedBy(answer: unknown): Reading<string | null> {
  return answer === null || typeof answer === "string"
    ? { ok: true, value: answer }
    : { ok: false, defect: `expected the name of an agent, got ${describe(answer)}` };
}

function decisionFrom(answer: unknown): Reading<Json> {
  const defect = answer === undefined ? "expected a value, got nothing" : jsonDefect(answer);
  return defect === undefined ? { ok: true, value: answer as Json } : { ok: false, defect };
}
