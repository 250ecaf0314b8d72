import type { RaftMessage, RaftTurn } from "./raft-state.ts";
import { change, isMost, lastIndexOf, others, send, termAt } from "./raft-state.ts";
import { follow, waitForLeader } from "./raft-follow.ts";
import { appendOwn, sendRound } from "./raft-replication.ts";

type Ask = Extract<RaftMessage, { readonly type: "vote" }>;
type Answer = Extract<RaftMessage, { readonly type: "voted" }>;

/** No leader for too long: asks first whether it would win, without a new term (PreVote, §9.6 of the dissertation). */
export function stand(turn: RaftTurn): void {
  waitForLeader(turn);
  if (turn.settings.preVote) {
    change(turn, { role: "candidate", isPre: true, leader: null, votes: [turn.state.self] });
    askForVotes(turn, turn.state.term + 1);
  } else {
    standInEarnest(turn);
  }
}

export function onVote(turn: RaftTurn, from: string, ask: Ask): void {
  const { state } = turn;
  const isUpToDate =
    ask.lastTerm > termAt(state, lastIndexOf(state)) ||
    (ask.lastTerm === termAt(state, lastIndexOf(state)) && ask.lastIndex >= lastIndexOf(state));
  const granted = isUpToDate && (ask.pre ? mayStand(turn, ask.term) : mayHaveVote(turn, from, ask.term));
  if (granted && !ask.pre) {
    change(turn, { votedFor: from });
    waitForLeader(turn);
  }
  send(turn, from, { type: "voted", pre: ask.pre, term: turn.state.term, asked: ask.term, granted });
}

export function onVoted(turn: RaftTurn, from: string, answer: Answer): void {
  const { state } = turn;
  const asked = state.isPre ? state.term + 1 : state.term;
  if (state.role !== "candidate" || state.isPre !== answer.pre || answer.asked !== asked) return;
  if (!answer.granted || state.votes.includes(from)) return;
  change(turn, { votes: [...state.votes, from] });
  countVotes(turn);
}

/** A leader that most members no longer answer leads nobody: it makes room (CheckQuorum). */
export function checkQuorum(turn: RaftTurn): void {
  const { state, settings } = turn;
  if (state.role !== "leader") return;
  if (!isMost(state, state.heard.length + 1)) return follow(turn, state.term, null);
  change(turn, { heard: [] });
  turn.timers["quorum"] = settings.electionTimeoutMs[1];
}

function mayHaveVote({ state }: RaftTurn, from: string, term: number): boolean {
  return term === state.term && (state.votedFor === null || state.votedFor === from);
}

/** Nobody may depose a leader that is heard. */
function mayStand({ state, settings, at }: RaftTurn, term: number): boolean {
  const isLed =
    state.role === "leader" || (state.heardAt !== null && at - state.heardAt < settings.electionTimeoutMs[0]);
  return term > state.term && !isLed;
}

function standInEarnest(turn: RaftTurn): void {
  const { state } = turn;
  const term = state.term + 1;
  change(turn, { term, votedFor: state.self, role: "candidate", isPre: false, leader: null, votes: [state.self] });
  waitForLeader(turn);
  askForVotes(turn, term);
}

function askForVotes(turn: RaftTurn, term: number): void {
  const { state } = turn;
  const lastIndex = lastIndexOf(state);
  const ask = { type: "vote", pre: state.isPre, term, lastIndex, lastTerm: termAt(state, lastIndex) } as const;
  for (const member of others(state)) send(turn, member, ask);
  countVotes(turn);
}

function countVotes(turn: RaftTurn): void {
  const { state } = turn;
  if (!isMost(state, state.votes.length)) return;
  if (state.isPre) return standInEarnest(turn);
  lead(turn);
}

function lead(turn: RaftTurn): void {
  const { state, settings } = turn;
  const of = (value: number): Record<string, number> => Object.fromEntries(state.members.map((each) => [each, value]));
  change(turn, {
    role: "leader",
    leader: state.self,
    next: of(lastIndexOf(state) + 1),
    match: of(0),
    acked: of(0),
    termStart: lastIndexOf(state) + 1,
    round: 0,
    heard: [],
    writes: [],
    reads: [],
  });
  turn.timers["election"] = null;
  turn.timers["quorum"] = settings.electionTimeoutMs[1];
  turn.outcomes.push({ type: "leads", term: state.term });
  // Only an entry of its own term can be committed by counting; with it, all before it are (§5.4.2).
  appendOwn(turn, { term: state.term, session: null, seq: 0, command: null });
  sendRound(turn);
}
