import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import { aggregate } from "../aggregate.ts";
import { callAgent, failure } from "./call-agent.ts";
import type { Calling } from "./call-agent.ts";
import type { Plan } from "../plan.ts";
import type { CallRequest, RunSoFar, Step, Topology } from "../topologies/topology.ts";
import { outputOf, provenanceOf } from "../trace.ts";
import type { CallOutcome, CallRecord, Message, Received, TeamCall, TeamReply, Trace, Verdict } from "../trace.ts";

/** What one request is answered with. */
export interface TeamRunParts extends Calling {
  readonly request: number;
  readonly plan: Plan;
  readonly topology: Topology;
  /** What others have sent an agent before: it is handed over with the agent's next call. */
  readonly takeMail: (agent: string) => readonly Received[];
}

/** What a request came to: exactly one of the two, with everything that happened. */
export type TeamAnswer =
  | { readonly ok: true; readonly output: Json; readonly isDegraded: boolean; readonly trace: Trace }
  | {
      readonly ok: false;
      readonly error: { readonly code: "no_answer" | "agents_failed"; readonly message: string };
      readonly isDegraded: boolean;
      readonly trace: Trace;
    };

/** A run cannot go on for ever, whatever its topology says. */
const maxSteps = 10_000;

/** Passes one task through the team: asks the topology what comes next, makes the calls, and so on to the output. */
export class TeamRun {
  readonly #parts: TeamRunParts;
  readonly #task: Json;
  readonly #calls: CallRecord[] = [];
  readonly #messages: Message[] = [];
  #verdict: RunSoFar["verdict"];
  #rounds = 1;

  constructor(parts: TeamRunParts, task: Json) {
    this.#parts = parts;
    this.#task = task;
  }

  /** Rejects only with the signal's reason. */
  async answer(): Promise<TeamAnswer> {
    const { topology, plan, clock } = this.#parts;
    const startedAt = clock.now();
    for (let count = 0; count < maxSteps; count++) {
      const step: Step = topology.next(plan, { calls: this.#calls, verdict: this.#verdict });
      if (step.type === "finish") return this.#finish(step.answers, startedAt);
      if (step.type === "evaluate") await this.#evaluate(step.answers);
      else await this.#callAll(step.calls);
    }
    throw new Error(`the topology ${topology.name} has not come to an end after ${maxSteps} steps`);
  }

  async #finish(answers: readonly number[], startedAt: number): Promise<TeamAnswer> {
    const { plan } = this.#parts;
    const isJudged = this.#calls.some(({ kind, sees }) => kind === "evaluate" && isEqual(sees, answers));
    if (plan.evaluators.length > 0 && answers.length > 0 && !isJudged) await this.#evaluate(answers);
    const { output, from } = this.#output(answers);
    const trace = this.#trace(output === null ? [] : from, startedAt);
    const failed = this.#calls.filter(({ outcome }) => !outcome.ok);
    const isDegraded = failed.length > 0;
    if (output !== null) return { ok: true, output, isDegraded, trace };
    const [first] = failed;
    if (first === undefined || first.outcome.ok)
      return { ok: false, error: { code: "no_answer", message: "nobody found an answer" }, isDegraded, trace };
    const message = `${failed.length} of ${this.#calls.length} calls failed; the first, of ${first.agent}: ${first.outcome.message}`;
    return { ok: false, error: { code: "agents_failed", message }, isDegraded, trace };
  }

  #output(answers: readonly number[]): { readonly output: Json; readonly from: readonly number[] } {
    const verdict = this.#verdict;
    // Evaluators that were asked and all failed have no say: the aggregator decides.
    if (verdict === undefined || !isEqual(verdict.on, answers))
      return aggregate(this.#parts.plan.aggregate, this.#records(answers));
    const judges = this.#calls
      .filter(({ kind, outcome, sees }) => kind === "evaluate" && outcome.ok && isEqual(sees, answers))
      .map(({ id }) => id);
    // The judges have read every answer; credit goes to the chosen one where they chose.
    return { output: verdict.output, from: verdict.choice === undefined ? [...answers, ...judges] : [verdict.choice] };
  }

  #records(ids: readonly number[]): CallRecord[] {
    return ids.flatMap((id) => this.#calls[id] ?? []);
  }

  #trace(ends: readonly number[], startedAt: number): Trace {
    const used = new Map<string, number>();
    for (const call of this.#calls)
      for (const [resource, amount] of Object.entries(call.used))
        used.set(resource, (used.get(resource) ?? 0) + amount);
    const { pattern, members, grants } = this.#parts.plan;
    return {
      pattern,
      members,
      grants,
      calls: this.#calls,
      messages: this.#messages,
      provenance: provenanceOf(this.#calls, ends),
      startedAt,
      endedAt: this.#parts.clock.now(),
      used: Object.fromEntries(used),
      rounds: this.#rounds,
    };
  }

  // ---- judging

  /** Asks one evaluator after the other; one that fails has no say. */
  async #evaluate(answers: readonly number[]): Promise<void> {
    let verdict: Verdict | undefined;
    for (const agent of this.#parts.plan.evaluators) {
      const request: CallRequest = { agent, kind: "evaluate", round: this.#rounds - 1, sees: answers };
      const [record] = await this.#callAll([request], verdict);
      if (record?.outcome.ok === true) verdict = verdictOf(record.outcome.reply, answers, verdict);
    }
    if (verdict !== undefined) this.#verdict = { ...verdict, on: answers };
  }

  // ---- calling

  async #callAll(requests: readonly CallRequest[], verdict?: Verdict): Promise<CallRecord[]> {
    const first = this.#calls.length;
    this.#rounds = Math.max(this.#rounds, ...requests.map(({ round }) => round + 1));
    // Every call has its place before the first one ends.
    const records = await Promise.all(requests.map((request, place) => this.#call(first + place, request, verdict)));
    this.#calls.push(...records);
    return records;
  }

  async #call(id: number, request: CallRequest, verdict: Verdict | undefined): Promise<CallRecord> {
    const { clock } = this.#parts;
    const { agent, kind, round, sees } = request;
    const startedAt = clock.now();
    const message = this.#message(id, request, verdict, startedAt);
    const { grants } = message;
    const { outcome, reply, attempts } = await callAgent(agent, message, this.#parts);
    const used = reply?.used ?? {};
    const over = Object.entries(used).find(([resource, amount]) => amount > (grants[resource] ?? Infinity));
    return {
      id,
      agent,
      kind,
      round,
      sees,
      startedAt,
      attempts,
      used,
      endedAt: clock.now(),
      outcome: over === undefined ? outcome : overspent(agent, over, grants[over[0]]),
    };
  }

  #message(
    id: number,
    { agent, kind, round, sees, task }: CallRequest,
    verdict: Verdict | undefined,
    at: number,
  ): TeamCall {
    const { plan, takeMail, request } = this.#parts;
    const inbox = this.#records(sees).map((from) => this.#send(from, agent, id, at));
    return {
      request,
      call: id,
      kind,
      round,
      task: task ?? this.#task,
      inbox: [...takeMail(agent), ...inbox],
      parameters: plan.parameters[agent] ?? {},
      role: plan.roles[agent] ?? "executor",
      grants: this.#left(agent),
      ...(kind === "plan" ? { spokes: plan.members.filter((member) => member !== agent) } : {}),
      ...(verdict === undefined ? {} : { verdict }),
    };
  }

  /** What of the request's grants the agent's calls so far have left. */
  #left(agent: string): Readonly<Record<string, number>> {
    const grants = this.#parts.plan.grants[agent];
    const before = this.#calls.filter((call) => call.agent === agent);
    if (grants === undefined || before.length === 0) return grants ?? {};
    const spent = (resource: string): number => before.reduce((sum, { used }) => sum + (used[resource] ?? 0), 0);
    return Object.fromEntries(
      Object.entries(grants).map(([resource, amount]) => [resource, Math.max(0, amount - spent(resource))]),
    );
  }

  #send(from: CallRecord, to: string, readBy: number, at: number): Received {
    const output = outputOf(from);
    if (from.agent !== to) {
      const edge =
        this.#parts.plan.edges.find((each) => each.from === from.agent && each.to === to)?.type ?? "feedback";
      const bytes = Buffer.byteLength(JSON.stringify(output));
      this.#messages.push({ from: from.agent, to, edge, bytes, at, sentBy: from.id, readBy });
    }
    return { from: from.agent, output };
  }
}

function verdictOf(reply: TeamReply, answers: readonly number[], before: Verdict | undefined): Verdict {
  const { output, accepted = false, choice } = reply;
  const chosen = choice === undefined ? keptChoice(output, before) : answers[choice];
  return {
    accepted: accepted && before?.accepted !== false,
    output,
    ...(chosen === undefined ? {} : { choice: chosen }),
  };
}

/** An evaluator that passes on what the one before it chose keeps its choice. */
function keptChoice(output: Json, before: Verdict | undefined): number | undefined {
  if (before?.choice === undefined) return undefined;
  return canonicalJson(before.output) === canonicalJson(output) ? before.choice : undefined;
}

function overspent(agent: string, [resource, amount]: [string, number], grant: number | undefined): CallOutcome {
  return failure("budget_exceeded", `agent ${agent} used ${amount} ${resource} of ${grant}`);
}

function isEqual(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((id, place) => id === others[place]);
}
