import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Outgoing } from "../../protocols/machine.ts";
import type {
  Checkpoint,
  Commit,
  Committed,
  NewView,
  PbftMessage,
  PbftRequest,
  PbftSnapshot,
  Prepare,
  Prepared,
  Proposal,
  Reply,
  Stable,
  ViewChange,
} from "./pbft-message.ts";
import { digestOf } from "../seal.ts";
import type { Seal } from "../seal.ts";

/** What the members execute, in one order. `apply` is pure, gives JSON, and never throws whatever the operation is. */
export interface Application {
  readonly initial: Json;
  apply(state: Json, operation: Json): { readonly state: Json; readonly result: Json };
}

export interface PbftOptions {
  readonly seal: Seal;
  /** How many members may lie. By default, and at most, ⌊(n − 1) / 3⌋. */
  readonly faults?: number;
  /** By default the list of operations; the result of one is its place in it, from 1. */
  readonly application?: Application;
  /** Every how many requests members compare their states and forget what led there. 8 by default. */
  readonly checkpointEvery?: number;
  /** How long a request may take before its primary is given up; doubles from change to change. 1 second by default. */
  readonly timeoutMs?: number;
  /** How often members tell how far they are. A quarter of `timeoutMs` by default. */
  readonly statusMs?: number;
}

export type PbftRules = Required<Omit<PbftOptions, "faults">> & { readonly faults: number | undefined };

/** What a member knows of one number in this view, and the proofs for it from earlier ones. */
export type Slot = {
  readonly proposal?: Proposal;
  readonly prepares: Readonly<Record<string, Prepare>>;
  readonly commits: Readonly<Record<string, Commit>>;
  readonly prepared?: Prepared;
  readonly certificate?: Committed;
};

export type PbftState = {
  readonly self: string;
  readonly members: readonly string[];
  readonly faults: number;
  /** While `changing` the view that it wants to be in. */
  readonly view: number;
  readonly changing: boolean;
  /** Changes of view in a row without a request executed. */
  readonly attempts: number;
  /** The last number given in this view. */
  readonly given: number;
  readonly executed: number;
  readonly snapshot: PbftSnapshot;
  /** Its own states at numbers that others may still have to agree to or to fetch. */
  readonly snapshots: Readonly<Record<string, PbftSnapshot>>;
  readonly stable: Stable;
  readonly slots: Readonly<Record<string, Slot>>;
  readonly checkpoints: Readonly<Record<string, Readonly<Record<string, Checkpoint>>>>;
  /** Requests that wait to be executed, one of each client. */
  readonly waiting: Readonly<Record<string, PbftRequest>>;
  /** The last wish of each member. */
  readonly changes: Readonly<Record<string, ViewChange>>;
  readonly newView?: NewView;
  /** What its timer runs for: a request, a change of views, or nothing. */
  readonly timedFor: string | null;
  readonly client: PbftClient;
};

/** A member as the client of all: one request after the other. */
type PbftClient = {
  readonly time: number;
  readonly queue: readonly Json[];
  readonly current?: { readonly request: PbftRequest; readonly replies: Readonly<Record<string, Reply>> };
};

export type PbftOutcome =
  /** The request, or nothing, has this number for good. `result` is its first answer when it had come before. */
  | {
      readonly type: "executed";
      readonly sequence: number;
      readonly digest: string;
      readonly request: PbftRequest | null;
      readonly isNew: boolean;
    }
  /** The member's own request: more members than may lie gave the same answer. */
  | {
      readonly type: "replied";
      readonly time: number;
      readonly operation: Json;
      readonly result: Json;
      readonly by: readonly string[];
    }
  | { readonly type: "view"; readonly view: number; readonly primary: string }
  /** The primary gave one number to two requests. */
  | { readonly type: "equivocation"; readonly member: string; readonly view: number; readonly sequence: number };

/** One step under way. */
export interface PbftTurn {
  readonly rules: PbftRules;
  readonly at: number;
  state: PbftState;
  readonly out: Outgoing<PbftMessage>[];
  readonly timers: Record<string, number | null>;
  readonly outcomes: PbftOutcome[];
}

const emptySlot: Slot = { prepares: {}, commits: {} };

export function startPbft(rules: PbftRules, self: string, members: readonly string[]): PbftState {
  const most = Math.floor((members.length - 1) / 3);
  const faults = rules.faults ?? most;
  if (!members.includes(self)) throw new UsageError(`expected ${self} among the members ${members.join(", ")}`);
  if (new Set(members).size < members.length) throw new UsageError("expected members with different names");
  if (!Number.isSafeInteger(faults) || faults < 0 || faults > most) {
    throw new UsageError(
      `expected faults from 0 to ${most} among ${members.length} members (n ≥ 3f + 1), got ${faults}`,
    );
  }
  const snapshot = { application: rules.application.initial, answers: {} };
  return {
    self,
    members,
    faults,
    view: 0,
    changing: false,
    attempts: 0,
    given: 0,
    executed: 0,
    snapshot,
    snapshots: { 0: snapshot },
    stable: { sequence: 0, digest: digestOf(snapshot), proof: [] },
    slots: {},
    checkpoints: {},
    waiting: {},
    changes: {},
    timedFor: null,
    client: { time: 0, queue: [] },
  };
}

/** ⌈(n + f + 1) / 2⌉: two of them share a member that does not lie. 2f + 1 when n = 3f + 1. */
export function quorumOf({ members, faults }: Pick<PbftState, "members" | "faults">): number {
  return Math.ceil((members.length + faults + 1) / 2);
}

export function primaryOf(members: readonly string[], view: number): string {
  return members[view % members.length] as string;
}

/** How many numbers above the last stable one are in use at a time. */
export function windowOf(rules: PbftRules): number {
  return 2 * rules.checkpointEvery;
}

export function slotAt(state: PbftState, sequence: number): Slot {
  return state.slots[sequence] ?? emptySlot;
}

export function withSlot(turn: PbftTurn, sequence: number, change: Partial<Slot>): void {
  const { state } = turn;
  turn.state = { ...state, slots: { ...state.slots, [sequence]: { ...slotAt(state, sequence), ...change } } };
}

export function sendToOthers(turn: PbftTurn, message: PbftMessage): void {
  for (const to of turn.state.members) if (to !== turn.state.self) turn.out.push({ to, message });
}
