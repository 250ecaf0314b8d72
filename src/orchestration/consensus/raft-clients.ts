import { describe, isPlainObject, jsonDefect, messageOf } from "#foundation";
import type { Json } from "#foundation";
import type { RaftAnswer, RaftRequest, RaftTurn } from "./raft-state.ts";
import { change, isMost, lastIndexOf, others, send } from "./raft-state.ts";
import { appendOwn, sendRound } from "./raft-replication.ts";

/** A request of a client of this member: the member sees to it until it has an answer. */
export function onRequest(turn: RaftTurn, given: Json): void {
  const request = requestOf(given);
  if (typeof request === "string") {
    turn.outcomes.push({ type: "refused", message: request });
    return;
  }
  const isKnown = turn.state.waiting.some((other) => isSame(other, request));
  if (!isKnown) change(turn, { waiting: [...turn.state.waiting, request] });
  turn.timers["retry"] = turn.settings.electionTimeoutMs[1];
  submit(turn, request);
}

/** Sends what has no answer to whoever leads now. */
export function resubmit(turn: RaftTurn): void {
  for (const request of turn.state.waiting) submit(turn, request);
  turn.timers["retry"] = turn.state.waiting.length === 0 ? null : turn.settings.electionTimeoutMs[1];
}

/** What a leader does with a request; others leave it, its origin asks again. */
export function accept(turn: RaftTurn, origin: string, request: RaftRequest): void {
  if (turn.state.role !== "leader") return;
  if (request.type === "write") acceptWrite(turn, origin, request);
  else acceptRead(turn, origin, request);
}

export function onAnswer(turn: RaftTurn, session: string, seq: number, answer: RaftAnswer): void {
  const { waiting } = turn.state;
  const rest = waiting.filter((request) => request.session !== session || request.seq !== seq);
  if (rest.length === waiting.length) return;
  change(turn, { waiting: rest });
  turn.outcomes.push({ type: "answered", session, seq, answer });
}

export function answerWrites(turn: RaftTurn): void {
  const { writes, applied } = turn.state;
  const due = writes.filter(({ index }) => index <= applied);
  if (due.length === 0) return;
  change(turn, { writes: writes.filter(({ index }) => index > applied) });
  for (const { origin, session, seq } of due) answerWrite(turn, origin, session, seq);
}

/** Reads that see every write answered before they were asked: applied so far, and confirmed that it still led then. */
export function answerReads(turn: RaftTurn): void {
  const { state, settings } = turn;
  if (state.reads.length === 0) return;
  const confirmed = (round: number): boolean =>
    isMost(state, 1 + others(state).filter((member) => (state.acked[member] ?? 0) >= round).length);
  const isDue = (read: (typeof state.reads)[number]): boolean => read.index <= state.applied && confirmed(read.round);
  const due = state.reads.filter(isDue);
  change(turn, { reads: state.reads.filter((read) => !isDue(read)) });
  for (const { origin, session, seq, query } of due) {
    reply(
      turn,
      origin,
      session,
      seq,
      queried(() => settings.query(state.value, query)),
    );
  }
}

function submit(turn: RaftTurn, request: RaftRequest): void {
  const { self, role, leader } = turn.state;
  if (role === "leader") accept(turn, self, request);
  else if (leader !== null) send(turn, leader, { type: "forward", request });
}

function acceptWrite(turn: RaftTurn, origin: string, request: RaftRequest & { readonly type: "write" }): void {
  const { session, seq, command } = request;
  const { sessions, log, applied, writes, term } = turn.state;
  const last = Object.hasOwn(sessions, session) ? sessions[session] : undefined;
  if (last !== undefined && last.seq >= seq) return answerWrite(turn, origin, session, seq);
  const place = log.findIndex((entry, at) => at >= applied && entry.session === session && entry.seq === seq);
  const index = place === -1 ? lastIndexOf(turn.state) + 1 : place + 1;
  if (!writes.some((owed) => owed.index === index && owed.origin === origin)) {
    change(turn, { writes: [...writes, { origin, session, seq, index }] });
  }
  if (place !== -1) return;
  appendOwn(turn, { term, session, seq, command });
  sendRound(turn);
}

function acceptRead(turn: RaftTurn, origin: string, request: RaftRequest & { readonly type: "read" }): void {
  const { session, seq, query } = request;
  const { reads, commit, termStart, round } = turn.state;
  if (reads.some((owed) => owed.origin === origin && owed.session === session && owed.seq === seq)) return;
  // Its own first entry: what earlier leaders committed lies before it.
  const index = Math.max(commit, termStart);
  change(turn, { reads: [...reads, { origin, session, seq, query, index, round: round + 1 }] });
  sendRound(turn);
}

function answerWrite(turn: RaftTurn, origin: string, session: string, seq: number): void {
  const last = turn.state.sessions[session];
  if (last?.seq === seq) return reply(turn, origin, session, seq, last.answer);
  const message = `session ${session} is at ${last?.seq}, its write ${seq} came too late`;
  reply(turn, origin, session, seq, { ok: false, error: { code: "stale_seq", message } });
}

function reply(turn: RaftTurn, origin: string, session: string, seq: number, answer: RaftAnswer): void {
  if (origin === turn.state.self) onAnswer(turn, session, seq, answer);
  else send(turn, origin, { type: "answer", session, seq, answer });
}

function queried(query: () => Json): RaftAnswer {
  try {
    return { ok: true, result: query() };
  } catch (error) {
    return { ok: false, error: { code: "command_failed", message: messageOf(error) } };
  }
}

function isSame(a: RaftRequest, b: RaftRequest): boolean {
  return a.type === b.type && a.session === b.session && a.seq === b.seq;
}

/** The request, or what is wrong with it. */
function requestOf(given: Json): RaftRequest | string {
  const { type, session, seq, command, query } = isPlainObject(given) ? given : {};
  const isWrite = type === "write";
  const payload = isWrite ? command : query;
  const isNamed = typeof session === "string" && Number.isSafeInteger(seq) && (seq as number) >= 0;
  if (!(isWrite || type === "read") || !isNamed || payload === undefined || jsonDefect(payload) !== undefined) {
    return `expected { type: "write", session, seq, command } or { type: "read", session, seq, query }, got ${describe(given)}`;
  }
  const name = { session, seq: seq as number };
  return isWrite ? { type, ...name, command: payload } : { type: "read", ...name, query: payload };
}
