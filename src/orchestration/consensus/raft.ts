import { describe, jsonDefect, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import type { Machine, MachineInput, MachineStep } from "../protocols/machine.ts";
import { accept, answerReads, answerWrites, onAnswer, onRequest, resubmit } from "./raft-clients.ts";
import { checkQuorum, onVote, onVoted, stand } from "./raft-election.ts";
import { follow, waitForLeader } from "./raft-follow.ts";
import { onAppend, onAppended, sendRound } from "./raft-replication.ts";
import { freshRaft, raftDisk } from "./raft-state.ts";
import type { RaftEntry, RaftMessage, RaftOutcome, RaftSettings, RaftState, RaftTurn } from "./raft-state.ts";

export interface RaftOptions {
  /** The replicated machine's first value. */
  readonly initial: Json;
  /** What a command makes of the value, and what its client gets. Pure; one that throws changes nothing. */
  readonly apply: (value: Json, command: Json) => { readonly value: Json; readonly result: Json };
  /** What a read gets; the whole value by default. */
  readonly query?: (value: Json, query: Json) => Json;
  /** Without a leader for a time drawn from this range, a member stands for election. [150, 300] by default. */
  readonly electionTimeoutMs?: readonly [least: number, most: number];
  /** How often a leader says that it lives; 50 by default. Well below the election timeout. */
  readonly heartbeatMs?: number;
  /** The most entries of one message; 64 by default. */
  readonly maxEntries?: number;
  /** Whether a member asks if it would win before it starts a new term; true by default. */
  readonly preVote?: boolean;
}

export type RaftMachine = Machine<RaftState, RaftMessage, RaftOutcome>;

/**
 * Raft (Ongaro and Ousterhout 2014): members keep one log, as long as more than half of them live and reach each other.
 * Requests are made of any member (`RaftRequest`), which passes them to the leader and again to the next one until
 * there is an answer. A write takes effect once, however often it is sent; a read sees every write that was answered
 * before it was asked (ReadIndex). Crashes, lost, late, repeated and reordered messages and wrong clocks are survived;
 * members that lie and disks that forget are not. The log is not compacted and the members stay the same. Members of
 * one process share its fate: agreement there, no durability.
 */
export function raft(options: RaftOptions): RaftMachine {
  const settings = settingsOf(options);
  return {
    name: "raft",
    start: (self, members) => freshRaft(self, members, settings.initial),
    persistent: raftDisk,
    restart: (self, members, disk) => ({ ...freshRaft(self, members, settings.initial), ...fromDisk(disk) }),
    step(state, input, rng) {
      const turn: RaftTurn = { settings, rng, at: input.at, state, out: [], timers: {}, outcomes: [] };
      take(turn, input);
      if (turn.state.leader !== null && turn.state.leader !== state.leader) resubmit(turn);
      answerWrites(turn);
      answerReads(turn);
      return stepOf(turn);
    },
  };
}

function stepOf({ state, out, timers, outcomes }: RaftTurn): MachineStep<RaftState, RaftMessage, RaftOutcome> {
  return { state, out, timers, outcomes };
}

function take(turn: RaftTurn, input: MachineInput<RaftMessage>): void {
  switch (input.type) {
    case "begin":
      return waitForLeader(turn);
    case "request":
      return onRequest(turn, input.request);
    case "timer":
      return onTimer(turn, input.timer);
    case "message":
      if (turn.state.members.includes(input.from)) onMessage(turn, input.from, input.message);
  }
}

function onTimer(turn: RaftTurn, timer: string): void {
  const leads = turn.state.role === "leader";
  if (timer === "election" && !leads) stand(turn);
  else if (timer === "heartbeat" && leads) sendRound(turn);
  else if (timer === "quorum") checkQuorum(turn);
  else if (timer === "retry") resubmit(turn);
}

function onMessage(turn: RaftTurn, from: string, message: RaftMessage): void {
  // The term of a pre-vote is the one that its sender would begin: nobody enters it yet.
  const isOfTerm = "term" in message && !(message.type === "vote" && message.pre);
  if (isOfTerm && message.term > turn.state.term) follow(turn, message.term, null);
  switch (message.type) {
    case "vote":
      return onVote(turn, from, message);
    case "voted":
      return onVoted(turn, from, message);
    case "append":
      return onAppend(turn, from, message);
    case "appended":
      return onAppended(turn, from, message);
    case "forward":
      return accept(turn, from, message.request);
    case "answer":
      return onAnswer(turn, message.session, message.seq, message.answer);
  }
}

function fromDisk({ term, votedFor, log }: JsonObject): Pick<RaftState, "term" | "votedFor" | "log"> {
  return {
    term: typeof term === "number" ? term : 0,
    votedFor: typeof votedFor === "string" ? votedFor : null,
    log: Array.isArray(log) ? (log as readonly RaftEntry[]) : [],
  };
}

function settingsOf(options: RaftOptions): RaftSettings {
  const { initial, apply, query = (value) => value, electionTimeoutMs = [150, 300], preVote = true } = options;
  const { heartbeatMs = 50, maxEntries = 64 } = options;
  const defect = jsonDefect(initial);
  if (defect !== undefined) throw new UsageError(`raft: expected initial as JSON; ${defect}`);
  const [least, most] = electionTimeoutMs;
  if (!(heartbeatMs > 0 && least > heartbeatMs && most >= least && Number.isFinite(most))) {
    throw new UsageError(
      `raft: expected 0 < heartbeatMs < electionTimeoutMs[0] <= electionTimeoutMs[1], got ${heartbeatMs} and ${least} to ${most}`,
    );
  }
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new UsageError(`raft: expected maxEntries as a whole number of at least 1, got ${describe(maxEntries)}`);
  }
  return { initial, apply, query, electionTimeoutMs: [least, most], heartbeatMs, maxEntries, preVote };
}
