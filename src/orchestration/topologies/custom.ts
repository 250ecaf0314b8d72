import { describe, isPlainObject, UsageError } from "#foundation";
import type { Plan } from "../plan.ts";
import type { CallRecord, Edge, EdgeType } from "../trace.ts";
import { alone } from "./alone.ts";
import { byRound, finishWith, lastAnswers, latestAnswers, memberCalls, workOn } from "./answers.ts";
import { levelsOf } from "./levels.ts";
import type { RunSoFar, Step, Topology } from "./topology.ts";

/** An edge as people write it: `data` unless told. */
export interface EdgeDraft {
  readonly from: string;
  readonly to: string;
  readonly type?: EdgeType;
}

/**
 * A topology of one's own edges; those whose ends are not both in the team are left out. Without a circle the task
 * passes once, a level at a time, and the answers are of those who send to nobody. With one, everyone works in every
 * round and sees what came last along the edges to it. Throws `UsageError` on a self-loop or an edge given twice.
 */
export function customTopology(name: string, edges: readonly EdgeDraft[]): Topology {
  if (typeof name !== "string" || name === "")
    throw new UsageError(`topology name: expected a text, got ${describe(name)}`);
  if (!Array.isArray(edges)) throw new UsageError(`${name}.edges: expected a list of edges, got ${describe(edges)}`);
  const given = edges.map((edge, place) => edgeFrom(edge, `${name}.edges[${place}]`));
  const known = new Set<string>();
  for (const { from, to } of given) {
    const ends = JSON.stringify([from, to]);
    if (known.has(ends)) throw new UsageError(`${name}.edges: expected each edge once, got ${from} → ${to} again`);
    known.add(ends);
  }
  const agents = [...new Set(given.flatMap(({ from, to }) => [from, to]))];
  const goesRound = levelsOf(agents, given) === undefined;
  return { name, needsHub: false, goesRound, edges: (members) => edgesAmong(members, given), next };
}

const edgeTypes: readonly EdgeType[] = ["command", "data", "feedback", "coordination", "supervision"];

function edgeFrom(draft: EdgeDraft, where: string): Edge {
  if (!isPlainObject(draft)) throw new UsageError(`${where}: expected { from, to, type? }, got ${describe(draft)}`);
  const { from, to, type = "data" } = draft;
  for (const end of [from, to])
    if (typeof end !== "string")
      throw new UsageError(`${where}: expected the names of two agents, got ${describe(end)}`);
  if (from === to) throw new UsageError(`${where}: expected two agents, got ${from} on both ends`);
  if (!edgeTypes.includes(type))
    throw new UsageError(`${where}.type: expected one of ${edgeTypes.join(", ")}, got ${describe(type)}`);
  return { from, to, type };
}

function edgesAmong(members: readonly string[], edges: readonly Edge[]): Edge[] {
  return edges.filter(({ from, to }) => members.includes(from) && members.includes(to));
}

function next(plan: Plan, run: RunSoFar): Step {
  const { members, rounds } = plan;
  if (members.length < 2) return alone(plan, run);
  const edges = edgesAmong(members, plan.edges);
  const calls = memberCalls(run);
  const levels = levelsOf(members, edges);
  const seen = latestAnswers(calls);
  if (levels !== undefined) {
    const level = levels.find(([first]) => !calls.some(({ agent }) => agent === first));
    if (level !== undefined)
      return { type: "call", calls: level.map((agent) => workOn(plan, { agent, round: 0, seen })) };
    const byLevel = levels.map((names) => calls.filter(({ agent }) => names.includes(agent)));
    return finishWith(lastAnswers([...byLevel, fromSinks(calls, edges)]));
  }
  const played = byRound(calls);
  const round = played.length;
  if (round < rounds) return { type: "call", calls: members.map((agent) => workOn(plan, { agent, round, seen })) };
  return finishWith(lastAnswers(played.flatMap((all) => [all, fromSinks(all, edges)])));
}

/** The calls of those who send to nobody. */
function fromSinks(calls: readonly CallRecord[], edges: readonly Edge[]): CallRecord[] {
  return calls.filter(({ agent }) => !edges.some(({ from }) => from === agent));
}
