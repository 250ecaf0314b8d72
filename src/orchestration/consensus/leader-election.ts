import { describe, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import type { Machine, MachineInput, Outgoing } from "../protocols/machine.ts";

export interface LeaderElectionOptions {
  /** How long a leader leads without hearing from its voters; 300 by default. */
  readonly leaseMs?: number;
  /** How often it asks them; a third of the lease by default. */
  readonly renewMs?: number;
  /**
   * Whose votes make a leader. `majority`: of more than half of the members; a smaller part elects nobody. `reachable`:
   * of all that answer in time, as bully and ring do it: a divided group gets a leader on each side, in one
   * epoch, and only a `FencedResource` keeps them apart.
   */
  readonly votes?: "majority" | "reachable";
}

export type ElectionMessage =
  /** `probe`: would you vote for me? */
  | { readonly type: "claim"; readonly epoch: number; readonly probe: boolean }
  | {
      readonly type: "vote";
      readonly epoch: number;
      readonly probe: boolean;
      readonly granted: boolean;
      readonly seen: number;
    }
  | { readonly type: "renew"; readonly epoch: number; readonly sentAt: number }
  | { readonly type: "renewed"; readonly epoch: number; readonly sentAt: number; readonly granted: boolean };

/** `epoch` is the fencing token: whoever leads shows it to what it acts on. */
export type ElectionOutcome =
  | { readonly type: "elected"; readonly leader: string; readonly epoch: number }
  | { readonly type: "lost"; readonly leader: string; readonly epoch: number };

export interface ElectionState {
  readonly self: string;
  readonly members: readonly string[];
  /** The newest epoch that it knows, and whom it has voted for there: on the disk. */
  readonly epoch: number;
  readonly votedFor: string | null;
  readonly role: "follower" | "probing" | "candidate" | "leader";
  readonly leader: string | null;
  /** Until then, by its own clock, it votes for nobody but the leader. */
  readonly promisedUntil: number;
  readonly votes: readonly string[];
  readonly claimedAt: number;
  /** When it sent what each member has last answered: the lease runs from sending, not from answers. */
  readonly renewals: Readonly<Record<string, number>>;
}

/** One step while it is made. */
interface Turn {
  readonly settings: Required<LeaderElectionOptions>;
  readonly rng: Rng;
  readonly at: number;
  state: ElectionState;
  readonly out: Outgoing<ElectionMessage>[];
  readonly timers: Record<string, number | null>;
  readonly outcomes: ElectionOutcome[];
}

export type LeaderElection = Machine<ElectionState, ElectionMessage, ElectionOutcome>;

/**
 * One leader, for as long as most members renew its lease. Every leader has an epoch of its own, larger than all before,
 * which is its fencing token. A member votes once in an epoch and not while it has promised itself to a leader: without
 * a failure the leader stays. Two may think that they lead while clocks disagree; the older one's token is refused.
 */
export function leaderElection(options: LeaderElectionOptions = {}): LeaderElection {
  const settings = settingsOf(options);
  return {
    name: "leader_election",
    start: fresh,
    persistent: ({ epoch, votedFor }): JsonObject => ({ epoch, votedFor }),
    restart: (self, members, { epoch, votedFor }) => ({
      ...fresh(self, members),
      epoch: typeof epoch === "number" ? epoch : 0,
      votedFor: typeof votedFor === "string" ? votedFor : null,
    }),
    step(state, input, rng) {
      const turn: Turn = { settings, rng, at: input.at, state, out: [], timers: {}, outcomes: [] };
      take(turn, input);
      return { state: turn.state, out: turn.out, timers: turn.timers, outcomes: turn.outcomes };
    },
  };
}

function fresh(self: string, members: readonly string[]): ElectionState {
  return {
    self,
    members: [...members],
    epoch: 0,
    votedFor: null,
    role: "follower",
    leader: null,
    promisedUntil: 0,
    votes: [],
    claimedAt: 0,
    renewals: {},
  };
}

function take(turn: Turn, input: MachineInput<ElectionMessage>): void {
  switch (input.type) {
    case "begin":
      // What it promised before a crash is not on the disk: it keeps the longest promise that it can have made.
      if (turn.state.epoch > 0) change(turn, { promisedUntil: turn.at + turn.settings.leaseMs });
      return waitForLeader(turn);
    case "timer":
      return onTimer(turn, input.timer);
    case "message":
      if (turn.state.members.includes(input.from)) onMessage(turn, input.from, input.message);
      return;
    case "request":
      return;
  }
}

function onTimer(turn: Turn, timer: string): void {
  const { role } = turn.state;
  if (timer === "claim" && role !== "leader") claim(turn, "probing");
  else if (timer === "count" && role === "probing") claim(turn, "candidate");
  else if (timer === "count" && role === "candidate") lead(turn);
  else if (timer === "renew" && role === "leader") renew(turn);
  else if (timer === "lease" && role === "leader") stepDown(turn);
}

function onMessage(turn: Turn, from: string, message: ElectionMessage): void {
  switch (message.type) {
    case "claim":
      return onClaim(turn, from, message.epoch, message.probe);
    case "vote":
      return onVote(turn, from, message);
    case "renew":
      return onRenew(turn, from, message.epoch, message.sentAt);
    case "renewed":
      return onRenewed(turn, from, message);
  }
}

/** Asks for votes: first whether there would be any, then, in a new epoch, in earnest. */
function claim(turn: Turn, role: "probing" | "candidate"): void {
  const { state, settings, at } = turn;
  const epoch = state.epoch + 1;
  const probe = role === "probing";
  change(turn, { role, leader: null, votes: [state.self], claimedAt: at });
  if (!probe) change(turn, { epoch, votedFor: state.self });
  waitForLeader(turn);
  if (settings.votes === "reachable") turn.timers["count"] = settings.renewMs;
  tellOthers(turn, { type: "claim", epoch, probe });
  count(turn);
}

function onClaim(turn: Turn, from: string, epoch: number, probe: boolean): void {
  const { state, at, settings } = turn;
  const isFree = state.role !== "leader" && (at >= state.promisedUntil || state.leader === from);
  const mayVote = epoch > state.epoch || (!probe && epoch === state.epoch && state.votedFor === from);
  const granted = isFree && mayVote;
  if (granted && !probe) {
    enter(turn, epoch);
    change(turn, { votedFor: from, promisedUntil: at + settings.leaseMs });
    waitForLeader(turn);
  }
  send(turn, from, { type: "vote", epoch, probe, granted, seen: turn.state.epoch });
}

function onVote(turn: Turn, from: string, vote: ElectionMessage & { readonly type: "vote" }): void {
  const { state, settings } = turn;
  if (vote.seen > state.epoch) return enter(turn, vote.seen);
  const asked = vote.probe ? state.epoch + 1 : state.epoch;
  if (state.role !== (vote.probe ? "probing" : "candidate") || vote.epoch !== asked) return;
  if (!vote.granted) return settings.votes === "reachable" ? stepDown(turn) : undefined;
  if (state.votes.includes(from)) return;
  change(turn, { votes: [...state.votes, from] });
  count(turn);
}

function onRenew(turn: Turn, from: string, epoch: number, sentAt: number): void {
  const { state, settings, at } = turn;
  const granted = epoch > state.epoch || (epoch === state.epoch && state.role !== "leader");
  if (granted) {
    enter(turn, epoch);
    if (turn.state.leader !== from) turn.outcomes.push({ type: "elected", leader: from, epoch });
    change(turn, { role: "follower", leader: from, promisedUntil: at + settings.leaseMs, votes: [] });
    waitForLeader(turn);
  }
  send(turn, from, { type: "renewed", epoch: turn.state.epoch, sentAt, granted });
}

function onRenewed(turn: Turn, from: string, answer: ElectionMessage & { readonly type: "renewed" }): void {
  const { state } = turn;
  if (answer.epoch > state.epoch) return enter(turn, answer.epoch);
  if (state.role !== "leader" || !answer.granted || answer.epoch !== state.epoch) return;
  const newest = Math.max(state.renewals[from] ?? 0, answer.sentAt);
  change(turn, { renewals: { ...state.renewals, [from]: newest } });
  holdLease(turn);
}

function count(turn: Turn): void {
  const { state, settings, at } = turn;
  const { length } = state.votes;
  const isEnough = settings.votes === "majority" ? isMost(state, length) : length === state.members.length;
  if (!isEnough || at >= state.claimedAt + settings.leaseMs) return;
  if (state.role === "probing") claim(turn, "candidate");
  else lead(turn);
}

function lead(turn: Turn): void {
  const { self, epoch, votes, claimedAt } = turn.state;
  const renewals = Object.fromEntries(votes.map((voter) => [voter, claimedAt]));
  change(turn, { role: "leader", leader: self, renewals });
  Object.assign(turn.timers, { claim: null, count: null });
  turn.outcomes.push({ type: "elected", leader: self, epoch });
  renew(turn);
}

function renew(turn: Turn): void {
  const { state, settings, at } = turn;
  change(turn, { renewals: { ...state.renewals, [state.self]: at } });
  turn.timers["renew"] = settings.renewMs;
  tellOthers(turn, { type: "renew", epoch: state.epoch, sentAt: at });
  holdLease(turn);
}

/** The lease runs from the time at which it asked the last of the most that have answered it since. */
function holdLease(turn: Turn): void {
  const { state, settings, at } = turn;
  if (settings.votes === "reachable") return;
  const newestFirst = Object.values(state.renewals).sort((a, b) => b - a);
  const since = newestFirst[Math.floor(state.members.length / 2)] ?? state.claimedAt;
  turn.timers["lease"] = Math.max(0, since + settings.leaseMs - at);
}

/** An epoch that is newer than one's own: there is nobody yet whom one has voted for or follows. */
function enter(turn: Turn, epoch: number): void {
  if (epoch <= turn.state.epoch) return;
  stepDown(turn);
  change(turn, { epoch, votedFor: null });
}

function stepDown(turn: Turn): void {
  const { role, self, epoch } = turn.state;
  if (role === "leader") turn.outcomes.push({ type: "lost", leader: self, epoch });
  change(turn, { role: "follower", leader: null, votes: [], renewals: {} });
  Object.assign(turn.timers, { renew: null, lease: null, count: null });
  waitForLeader(turn);
}

function waitForLeader(turn: Turn): void {
  const { leaseMs } = turn.settings;
  turn.timers["claim"] = turn.state.epoch === 0 ? turn.rng.next() * leaseMs : leaseMs + turn.rng.next() * leaseMs;
}

function isMost(state: ElectionState, count: number): boolean {
  return count * 2 > state.members.length;
}

function tellOthers(turn: Turn, message: ElectionMessage): void {
  for (const member of turn.state.members) if (member !== turn.state.self) send(turn, member, message);
}

function send(turn: Turn, to: string, message: ElectionMessage): void {
  turn.out.push({ to, message });
}

function change(turn: Turn, changes: Partial<ElectionState>): void {
  turn.state = { ...turn.state, ...changes };
}

function settingsOf(options: LeaderElectionOptions): Required<LeaderElectionOptions> {
  const { leaseMs = 300, votes = "majority" } = options;
  const { renewMs = leaseMs / 3 } = options;
  if (!(renewMs > 0 && renewMs < leaseMs && Number.isFinite(leaseMs))) {
    throw new UsageError(`leaderElection: expected 0 < renewMs < leaseMs, got ${renewMs} and ${leaseMs}`);
  }
  if (votes !== "majority" && votes !== "reachable") {
    throw new UsageError(`leaderElection: expected votes of majority or reachable, got ${describe(votes)}`);
  }
  return { leaseMs, renewMs, votes };
}
