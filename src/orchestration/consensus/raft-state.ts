import type { Json, JsonObject, Rng } from "#foundation";
import type { Outgoing } from "../protocols/machine.ts";

/** One command in the log, of a client's session; a leader's first entry has neither. */
export type RaftEntry = {
  readonly term: number;
  readonly session: string | null;
  readonly seq: number;
  readonly command: Json;
};

/** What a client gets: what the replicated machine gave back, or why it did nothing. */
export type RaftAnswer =
  | { readonly ok: true; readonly result: Json }
  | { readonly ok: false; readonly error: { readonly code: "command_failed" | "stale_seq"; readonly message: string } };

/**
 * What a client asks of any member. `session` and `seq` name a request once and for all: a repetition has the effect and
 * the answer of the first. The writes of a session must come one after the other with a rising `seq`.
 */
export type RaftRequest =
  | { readonly type: "write"; readonly session: string; readonly seq: number; readonly command: Json }
  | { readonly type: "read"; readonly session: string; readonly seq: number; readonly query: Json };

export type RaftMessage =
  | {
      readonly type: "vote";
      readonly pre: boolean;
      readonly term: number;
      readonly lastIndex: number;
      readonly lastTerm: number;
    }
  /** `asked` is the term that was asked for, `term` the voter's own. */
  | {
      readonly type: "voted";
      readonly pre: boolean;
      readonly term: number;
      readonly asked: number;
      readonly granted: boolean;
    }
  | {
      readonly type: "append";
      readonly term: number;
      readonly prevIndex: number;
      readonly prevTerm: number;
      readonly entries: readonly RaftEntry[];
      readonly commit: number;
      /** Which of its leader's rounds this is: what answers it has heard the leader since. */
      readonly round: number;
    }
  /** `index`: up to where the logs agree; if they do not, from where to try again. */
  | {
      readonly type: "appended";
      readonly term: number;
      readonly ok: boolean;
      readonly index: number;
      readonly round: number;
    }
  | { readonly type: "forward"; readonly request: RaftRequest }
  | { readonly type: "answer"; readonly session: string; readonly seq: number; readonly answer: RaftAnswer };

export type RaftOutcome =
  | { readonly type: "leads"; readonly term: number }
  | { readonly type: "applied"; readonly index: number; readonly entry: RaftEntry }
  /** To the client of this member. */
  | { readonly type: "answered"; readonly session: string; readonly seq: number; readonly answer: RaftAnswer }
  /** A request that is none. */
  | { readonly type: "refused"; readonly message: string };

/** An answer that a leader owes: of a write when `index` is applied. */
interface OwedWrite {
  readonly origin: string;
  readonly session: string;
  readonly seq: number;
  readonly index: number;
}

/** Of a read when `index` is applied and most members have answered its round or a later one. */
interface OwedRead extends OwedWrite {
  readonly query: Json;
  readonly round: number;
}

export interface RaftState {
  readonly self: string;
  readonly members: readonly string[];

  /** On the disk. */
  readonly term: number;
  readonly votedFor: string | null;
  readonly log: readonly RaftEntry[];

  readonly role: "follower" | "candidate" | "leader";
  /** A candidate that only asks whether it would be elected. */
  readonly isPre: boolean;
  readonly leader: string | null;
  /** When it last heard a leader, by its own clock. */
  readonly heardAt: number | null;
  /** Who has voted for it. */
  readonly votes: readonly string[];

  readonly commit: number;
  readonly applied: number;
  /** The replicated machine, and the last answer of every session. */
  readonly value: Json;
  readonly sessions: Readonly<Record<string, { readonly seq: number; readonly answer: RaftAnswer }>>;

  /** A leader's, by member. */
  readonly next: Readonly<Record<string, number>>;
  readonly match: Readonly<Record<string, number>>;
  readonly acked: Readonly<Record<string, number>>;
  /** Where its own term begins in the log. */
  readonly termStart: number;
  readonly round: number;
  /** Who has answered it since it last asked itself whether it still leads. */
  readonly heard: readonly string[];
  readonly writes: readonly OwedWrite[];
  readonly reads: readonly OwedRead[];

  /** The requests of its own clients that have no answer yet. */
  readonly waiting: readonly RaftRequest[];
}

/** What is replicated: a pure machine over JSON. A command that throws changes nothing, on every member alike. */
export interface RaftSettings {
  readonly initial: Json;
  readonly apply: (value: Json, command: Json) => { readonly value: Json; readonly result: Json };
  readonly query: (value: Json, query: Json) => Json;
  readonly electionTimeoutMs: readonly [least: number, most: number];
  readonly heartbeatMs: number;
  readonly maxEntries: number;
  readonly preVote: boolean;
}

/** One step while it is made. */
export interface RaftTurn {
  readonly settings: RaftSettings;
  readonly rng: Rng;
  readonly at: number;
  state: RaftState;
  readonly out: Outgoing<RaftMessage>[];
  readonly timers: Record<string, number | null>;
  readonly outcomes: RaftOutcome[];
}

export function freshRaft(self: string, members: readonly string[], initial: Json): RaftState {
  return {
    self,
    members: [...members],
    term: 0,
    votedFor: null,
    log: [],
    role: "follower",
    isPre: false,
    leader: null,
    heardAt: null,
    votes: [],
    commit: 0,
    applied: 0,
    value: initial,
    sessions: {},
    next: {},
    match: {},
    acked: {},
    termStart: 0,
    round: 0,
    heard: [],
    writes: [],
    reads: [],
    waiting: [],
  };
}

/** What a crash leaves. */
export function raftDisk({ term, votedFor, log }: RaftState): JsonObject {
  return { term, votedFor, log: log.map((entry) => ({ ...entry })) };
}

export function lastIndexOf(state: RaftState): number {
  return state.log.length;
}

/** The term of the entry at a place, counted from 1; 0 before the first and beyond the last. */
export function termAt(state: RaftState, index: number): number {
  return state.log[index - 1]?.term ?? 0;
}

/** Whether so many are more than half of the members. */
export function isMost(state: RaftState, count: number): boolean {
  return count * 2 > state.members.length;
}

export function others(state: RaftState): readonly string[] {
  return state.members.filter((member) => member !== state.self);
}

export function change(turn: RaftTurn, changes: Partial<RaftState>): void {
  turn.state = { ...turn.state, ...changes };
}

export function send(turn: RaftTurn, to: string, message: RaftMessage): void {
  turn.out.push({ to, message });
}
