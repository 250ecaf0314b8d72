import { messageOf } from "#foundation";
import type { RaftAnswer, RaftEntry, RaftMessage, RaftState, RaftTurn } from "./raft-state.ts";
import { change, isMost, lastIndexOf, others, send, termAt } from "./raft-state.ts";
import { follow, waitForLeader } from "./raft-follow.ts";

type Append = Extract<RaftMessage, { readonly type: "append" }>;
type Appended = Extract<RaftMessage, { readonly type: "appended" }>;

/** A leader's own entry, at the end of its log: it never changes what is there. */
export function appendOwn(turn: RaftTurn, entry: RaftEntry): void {
  change(turn, { log: [...turn.state.log, entry] });
}

/** Everything that every member lacks, or nothing, which says that the leader lives. */
export function sendRound(turn: RaftTurn): void {
  change(turn, { round: turn.state.round + 1 });
  turn.timers["heartbeat"] = turn.settings.heartbeatMs;
  for (const member of others(turn.state)) sendAppend(turn, member);
  advanceCommit(turn);
}

export function onAppend(turn: RaftTurn, from: string, append: Append): void {
  const { round } = append;
  const { term } = turn.state;
  if (append.term < term) return send(turn, from, { type: "appended", term, ok: false, index: 0, round });
  follow(turn, append.term, from);
  change(turn, { heardAt: turn.at });
  waitForLeader(turn);
  const again = firstDoubt(turn.state, append);
  if (again !== null) return send(turn, from, { type: "appended", term: append.term, ok: false, index: again, round });
  const index = append.prevIndex + append.entries.length;
  change(turn, { log: merged(turn.state.log, append) });
  commitTo(turn, Math.min(append.commit, index));
  send(turn, from, { type: "appended", term: append.term, ok: true, index, round });
}

export function onAppended(turn: RaftTurn, from: string, answer: Appended): void {
  const { state } = turn;
  if (state.role !== "leader" || answer.term !== state.term) return;
  const heard = state.heard.includes(from) ? state.heard : [...state.heard, from];
  const acked = { ...state.acked, [from]: Math.max(state.acked[from] ?? 0, answer.round) };
  change(turn, { heard, acked });
  const matched = Math.max(state.match[from] ?? 0, answer.ok ? answer.index : 0);
  const tried = state.next[from] ?? 1;
  const next = answer.ok ? Math.max(tried, matched + 1) : Math.max(matched + 1, Math.min(answer.index, tried - 1));
  change(turn, { match: { ...state.match, [from]: matched }, next: { ...state.next, [from]: next } });
  const isBehind = answer.ok ? matched > (state.match[from] ?? 0) && next <= lastIndexOf(state) : next < tried;
  if (isBehind) sendAppend(turn, from);
  advanceCommit(turn);
}

function sendAppend(turn: RaftTurn, member: string): void {
  const { state, settings } = turn;
  const prevIndex = (state.next[member] ?? 1) - 1;
  send(turn, member, {
    type: "append",
    term: state.term,
    prevIndex,
    prevTerm: termAt(state, prevIndex),
    entries: state.log.slice(prevIndex, prevIndex + settings.maxEntries),
    commit: state.commit,
    round: state.round,
  });
}

/** From where the leader should try again; `null` when what comes fits to the log. */
function firstDoubt(state: RaftState, { prevIndex, prevTerm }: Append): number | null {
  if (prevIndex > lastIndexOf(state)) return lastIndexOf(state) + 1;
  const own = termAt(state, prevIndex);
  if (own === prevTerm) return null;
  const start = state.log.findIndex(({ term }) => term === own);
  return start + 1;
}

/** Cuts only where an entry contradicts: an older, shorter message must not take away what a newer one brought. */
function merged(log: readonly RaftEntry[], { prevIndex, entries }: Append): readonly RaftEntry[] {
  const conflict = entries.findIndex((entry, place) => log[prevIndex + place]?.term !== entry.term);
  return conflict === -1 ? log : [...log.slice(0, prevIndex + conflict), ...entries.slice(conflict)];
}

/** The highest entry that most members have and that is of the leader's own term (Figure 8 of the paper). */
function advanceCommit(turn: RaftTurn): void {
  const { state } = turn;
  const have = (index: number): number => 1 + others(state).filter((each) => (state.match[each] ?? 0) >= index).length;
  let index = lastIndexOf(state);
  while (index > state.commit && termAt(state, index) === state.term && !isMost(state, have(index))) index--;
  if (index > state.commit && termAt(state, index) === state.term) commitTo(turn, index);
}

function commitTo(turn: RaftTurn, commit: number): void {
  if (commit <= turn.state.commit) return;
  change(turn, { commit });
  while (turn.state.applied < commit) applyNext(turn);
}

function applyNext(turn: RaftTurn): void {
  const index = turn.state.applied + 1;
  const entry = turn.state.log[index - 1];
  if (entry === undefined) return;
  change(turn, { applied: index });
  turn.outcomes.push({ type: "applied", index, entry });
  const { session, seq, command } = entry;
  if (session === null) return;
  const { sessions, value } = turn.state;
  if (Object.hasOwn(sessions, session) && (sessions[session]?.seq ?? 0) >= seq) return;
  const { value: after, answer } = applied(turn, value, command);
  change(turn, { value: after, sessions: { ...sessions, [session]: { seq, answer } } });
}

function applied(
  turn: RaftTurn,
  value: RaftState["value"],
  command: RaftEntry["command"],
): {
  readonly value: RaftState["value"];
  readonly answer: RaftAnswer;
} {
  try {
    const after = turn.settings.apply(value, command);
    return { value: after.value, answer: { ok: true, result: after.result } };
  } catch (error) {
    return { value, answer: { ok: false, error: { code: "command_failed", message: messageOf(error) } } };
  }
}
