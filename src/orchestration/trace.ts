import type { Json, JsonObject } from "#foundation";
import type { Role } from "./agent-config.ts";

/** What an agent is asked: to work on the task, to plan or decide as a hub, to judge answers. */
export type CallKind = "work" | "plan" | "decide" | "evaluate";

/** What an agent of a team is sent. Plain JSON, so that it can live in another thread or process. */
export interface TeamCall {
  /** Which request of the team it belongs to. */
  readonly request: number;
  /** Its id in the request's trace; absent outside of requests, as in a check. */
  readonly call?: number;
  readonly kind: CallKind;
  readonly task: Json;
  /** What others have sent it along the edges to it, oldest first. For `evaluate`: the answers to judge. */
  readonly inbox: readonly Received[];
  /** Its own variables' present values, by name. */
  readonly parameters: JsonObject;
  readonly role: Role;
  /** 0 in the first round. */
  readonly round: number;
  /** What it may still use in this request, by resource. */
  readonly grants: Readonly<Record<string, number>>;
  /** For `plan`: whom it can give work to. */
  readonly spokes?: readonly string[];
  /** For an evaluator after another one: what that one said. */
  readonly verdict?: Verdict;
}

export interface Received {
  readonly from: string;
  readonly output: Json;
}

/** What an agent answers. `output: null` says that it has found nothing; then nothing is sent on. */
export interface TeamReply {
  readonly output: Json;
  /** An evaluator's: whether the answers are good enough to stop. */
  readonly accepted?: boolean;
  /** An evaluator's: which of the answers its output is, as a place in its inbox. */
  readonly choice?: number;
  /** A hub's, to `plan`: the task of each spoke that shall work. */
  readonly assignments?: Readonly<Record<string, Json>>;
  /** What it has used, by resource. More than it was granted, and its output does not count. */
  readonly used?: Readonly<Record<string, number>>;
  /** For people and optimisers: what was wrong, why it decided so. */
  readonly feedback?: string;
  /** The world failed it (a model did not answer): no output, and no crash of the agent. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** What the evaluators made of the answers. */
export interface Verdict {
  readonly accepted: boolean;
  readonly output: Json;
  /** The call whose answer was chosen; absent when the output is the evaluator's own. */
  readonly choice?: number;
}

export type EdgeType = "command" | "data" | "feedback" | "coordination" | "supervision";

/** Who may send to whom. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly type: EdgeType;
}

/** One call of a run with its one outcome. */
export interface CallRecord {
  /** Its place in the run's list of calls. */
  readonly id: number;
  readonly agent: string;
  readonly kind: CallKind;
  readonly round: number;
  /** The calls whose outputs it saw. */
  readonly sees: readonly number[];
  /** Milliseconds of the clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: CallOutcome;
  /** What it has used, by resource, whether its output counted or not. */
  readonly used: Readonly<Record<string, number>>;
  /** How often it was sent: more than once when the agent ended under it. */
  readonly attempts: number;
}

export type CallOutcome =
  | { readonly ok: true; readonly reply: TeamReply }
  | { readonly ok: false; readonly code: CallFailure; readonly message: string };

export type CallFailure =
  /** No answer in time. */
  | "timeout"
  /** The agent ended, or nobody answered its calls. */
  | "agent_down"
  /** It used more than it was granted. */
  | "budget_exceeded"
  /** What it answered is no `TeamReply`. */
  | "bad_reply"
  /** It said itself that it failed. */
  | "failed";

/** One message along an edge. */
export interface Message {
  readonly from: string;
  readonly to: string;
  readonly edge: EdgeType;
  /** Of its text as JSON. */
  readonly bytes: number;
  readonly at: number;
  /** The call that sent it and the call that read it. */
  readonly sentBy: number;
  readonly readBy: number;
}

/** Everything that happened in one request. Plain JSON. */
export interface Trace {
  /** The topology, who worked in it, and what each was granted. */
  readonly pattern: string;
  readonly members: readonly string[];
  readonly grants: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly calls: readonly CallRecord[];
  readonly messages: readonly Message[];
  /** The calls on a path to the output, in order: the credit is their agents'. */
  readonly provenance: readonly number[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** What all calls have used, by resource. */
  readonly used: Readonly<Record<string, number>>;
  /** How often the topology went round, from 1. */
  readonly rounds: number;
}

/** The output of a call that came to one; `null` where it failed or found nothing. */
export function outputOf({ outcome }: CallRecord): Json {
  return outcome.ok ? outcome.reply.output : null;
}

/** The calls that the given ones go back to, they included, in order. */
export function provenanceOf(calls: readonly CallRecord[], ends: readonly number[]): number[] {
  const found = new Set<number>();
  const open = [...ends];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(calls[id]?.sees ?? []));
  }
  return [...found].sort((a, b) => a - b);
}

/** The agents that have contributed to the output. */
export function contributors({ calls, provenance }: Trace): string[] {
  return [...new Set(provenance.flatMap((id) => calls[id]?.agent ?? []))];
}
