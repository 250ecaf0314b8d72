import type { Checkpoint, PbftRequest, Snapshot, Stable } from "./pbft-message.ts";
import { isFromMember, isStable, juryOf, requestDigest } from "./pbft-proof.ts";
import { onReply } from "./pbft-client.ts";
import { quorumOf, sendToOthers, slotAt, windowOf } from "./pbft-state.ts";
import type { PbftTurn } from "./pbft-state.ts";
import { digestOf, signed } from "../seal.ts";

/** Executes what is committed as far as it goes without a gap. */
export function executeReady(turn: PbftTurn): void {
  for (;;) {
    const sequence = turn.state.executed + 1;
    const certificate = slotAt(turn.state, sequence).certificate;
    if (certificate === undefined) return;
    execute(turn, sequence, certificate.request);
    if (sequence % turn.rules.checkpointEvery === 0) takeCheckpoint(turn, sequence);
  }
}

function execute(turn: PbftTurn, sequence: number, request: PbftRequest | null): void {
  const { application, answers } = turn.state.snapshot;
  turn.state = { ...turn.state, executed: sequence };
  const isNew = request !== null && request.time > (answers[request.by]?.time ?? -1);
  if (isNew) {
    const { state, result } = turn.rules.application.apply(application, request.operation);
    const answer = { time: request.time, result };
    const snapshot = { application: state, answers: { ...answers, [request.by]: answer } };
    turn.state = { ...turn.state, snapshot, attempts: 0 };
    forgetWaiting(turn, request.by);
  }
  turn.outcomes.push({ type: "executed", sequence, digest: requestDigest(request), request, isNew });
  if (request !== null) answer(turn, request);
}

/** Tells the client again what came of its last request, if it is this one. */
export function answer(turn: PbftTurn, request: PbftRequest): void {
  const { self, snapshot } = turn.state;
  const last = snapshot.answers[request.by];
  if (last?.time !== request.time) return;
  const body = { kind: "reply", client: request.by, time: request.time, result: last.result } as const;
  const reply = signed(turn.rules.seal, self, body);
  if (request.by === self) onReply(turn, reply);
  else turn.out.push({ to: request.by, message: reply });
}

function forgetWaiting(turn: PbftTurn, client: string): void {
  const { [client]: request, ...others } = turn.state.waiting;
  const done = turn.state.snapshot.answers[client]?.time ?? -1;
  if (request !== undefined && request.time <= done) turn.state = { ...turn.state, waiting: others };
}

function takeCheckpoint(turn: PbftTurn, sequence: number): void {
  const { state, rules } = turn;
  turn.state = { ...state, snapshots: { ...state.snapshots, [sequence]: state.snapshot } };
  const body = { kind: "checkpoint", sequence, digest: digestOf(state.snapshot) } as const;
  const checkpoint = signed(rules.seal, state.self, body);
  sendToOthers(turn, checkpoint);
  keepCheckpoint(turn, checkpoint);
  forgetOld(turn);
}

export function onCheckpoint(turn: PbftTurn, checkpoint: Checkpoint): void {
  const { sequence } = checkpoint;
  const stable = turn.state.stable.sequence;
  if (sequence <= stable || sequence > stable + 2 * windowOf(turn.rules)) return;
  if (sequence % turn.rules.checkpointEvery !== 0 || !isFromMember(juryOf(turn.rules, turn.state), checkpoint)) return;
  keepCheckpoint(turn, checkpoint);
}

function keepCheckpoint(turn: PbftTurn, checkpoint: Checkpoint): void {
  const { sequence, digest, by } = checkpoint;
  const known = turn.state.checkpoints[sequence] ?? {};
  if (known[by] !== undefined || sequence <= turn.state.stable.sequence) return;
  const all = { ...known, [by]: checkpoint };
  turn.state = { ...turn.state, checkpoints: { ...turn.state.checkpoints, [sequence]: all } };
  const proof = Object.values(all).filter((one) => one.digest === digest);
  if (proof.length >= quorumOf(turn.state)) adoptStable(turn, { sequence, digest, proof });
}

/** A later state that a quorum has come to: everything up to it may be forgotten. The proof has been checked. */
export function adoptStable(turn: PbftTurn, stable: Stable): void {
  if (stable.sequence <= turn.state.stable.sequence) return;
  turn.state = { ...turn.state, stable };
  forgetOld(turn);
}

function forgetOld(turn: PbftTurn): void {
  const { stable, executed, slots, snapshots, checkpoints } = turn.state;
  const done = Math.min(stable.sequence, executed);
  const above = <T>(all: Readonly<Record<string, T>>, least: number): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).filter(([sequence]) => Number(sequence) >= least));
  turn.state = {
    ...turn.state,
    slots: above(slots, done + 1),
    snapshots: above(snapshots, done),
    checkpoints: above(checkpoints, stable.sequence + 1),
  };
}

/** The state that a quorum has signed, for one that has missed what led to it. */
export function onSnapshot(turn: PbftTurn, { stable, state }: Snapshot): void {
  if (stable.sequence <= turn.state.executed || stable.sequence === 0) return;
  if (digestOf(state) !== stable.digest || !isStable(juryOf(turn.rules, turn.state), stable)) return;
  const snapshots = { ...turn.state.snapshots, [stable.sequence]: state };
  turn.state = { ...turn.state, executed: stable.sequence, snapshot: state, snapshots };
  adoptStable(turn, stable);
  forgetOld(turn);
  for (const client of turn.state.members) forgetWaiting(turn, client);
  executeReady(turn);
}
