import type { Json } from "#foundation";
import type { CallRecord, Message, Trace } from "#orchestration";

/** A call of agent "a" that took no time and said nothing, but for what is told. */
export function call(id: number, changes: Partial<CallRecord> & { readonly output?: Json } = {}): CallRecord {
  const { output = null, ...rest } = changes;
  return {
    id,
    agent: "a",
    kind: "work",
    round: 0,
    sees: [],
    startedAt: 0,
    endedAt: 0,
    outcome: { ok: true, reply: { output } },
    used: {},
    attempts: 1,
    ...rest,
  };
}

export const failed: CallRecord["outcome"] = { ok: false, code: "agent_down", message: "killed" };

export function message(sentBy: number, readBy: number, bytes: number): Message {
  return { from: "a", to: "b", edge: "data", at: 0, sentBy, readBy, bytes };
}

/** A request of these calls that lasted as long as they did. */
export function trace(calls: readonly CallRecord[], changes: Partial<Trace> = {}): Trace {
  return {
    pattern: "chain",
    members: [...new Set(calls.map(({ agent }) => agent))],
    grants: {},
    calls,
    messages: [],
    provenance: calls.map(({ id }) => id),
    startedAt: Math.min(0, ...calls.map(({ startedAt }) => startedAt)),
    endedAt: Math.max(0, ...calls.map(({ endedAt }) => endedAt)),
    used: {},
    rounds: 1,
    ...changes,
  };
}
