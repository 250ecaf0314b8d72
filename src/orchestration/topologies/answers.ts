import type { Plan } from "../plan.ts";
import { outputOf } from "../trace.ts";
import type { CallRecord } from "../trace.ts";
import type { CallRequest, RunSoFar, Step } from "./topology.ts";

/** The calls of the team's members, oldest first: all but the evaluators'. */
export function memberCalls({ calls }: RunSoFar): CallRecord[] {
  return calls.filter(({ kind }) => kind !== "evaluate");
}

/** Those of the calls that came to an output. Only they are sent on, judged and aggregated. */
export function answersAmong(calls: readonly CallRecord[]): CallRecord[] {
  return calls.filter((call) => outputOf(call) !== null);
}

/** The last output that each agent came to, oldest first. */
export function latestAnswers(calls: readonly CallRecord[]): CallRecord[] {
  const latest = new Map(answersAmong(calls).map((call) => [call.agent, call]));
  return [...latest.values()].sort((a, b) => a.id - b.id);
}

/** The answers of the last of these groups that has any: what failed at the end does not undo what was found before. */
export function lastAnswers(groups: readonly (readonly CallRecord[])[]): CallRecord[] {
  return groups.map(answersAmong).findLast((answers) => answers.length > 0) ?? [];
}

/** The calls by their round, the first round first. */
export function byRound(calls: readonly CallRecord[]): CallRecord[][] {
  const rounds: CallRecord[][] = [];
  for (const call of calls) (rounds[call.round] ??= []).push(call);
  return rounds;
}

/** A call to work that is sent the answers among these calls, as far as the plan has edges from their agents. */
export function workOn(plan: Plan, call: { agent: string; round: number; seen: readonly CallRecord[] }): CallRequest {
  const { agent, round, seen } = call;
  const senders = new Set(plan.edges.filter(({ to }) => to === agent).map(({ from }) => from));
  return { agent, kind: "work", round, sees: idsOf(answersAmong(seen).filter((answer) => senders.has(answer.agent))) };
}

/** The step that ends a run with the answers among these calls. */
export function finishWith(calls: readonly CallRecord[]): Step {
  return { type: "finish", answers: idsOf(answersAmong(calls)) };
}

export function idsOf(calls: readonly CallRecord[]): number[] {
  return calls.map(({ id }) => id);
}
