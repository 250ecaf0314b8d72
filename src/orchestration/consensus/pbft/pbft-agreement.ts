import type { Commit, Committed, PbftRequest, Prepare, Prepared, Proposal } from "./pbft-message.ts";
import { answer, executeReady } from "./pbft-execution.ts";
import { isCommitted, isFromMember, isOrder, juryOf, requestDigest } from "./pbft-proof.ts";
import { primaryOf, quorumOf, sendToOthers, slotAt, windowOf, withSlot } from "./pbft-state.ts";
import type { PbftTurn } from "./pbft-state.ts";
import { signed } from "../seal.ts";

/** A client's request: it waits until it is executed; the primary gives it a number. */
export function onRequest(turn: PbftTurn, request: PbftRequest): void {
  const { snapshot, waiting } = turn.state;
  if ((waiting[request.by]?.time ?? -1) >= request.time) return;
  if (!isFromMember(juryOf(turn.rules, turn.state), request)) return;
  const last = snapshot.answers[request.by]?.time ?? -1;
  if (request.time <= last) return answer(turn, request);
  turn.state = { ...turn.state, waiting: { ...waiting, [request.by]: request } };
  proposeWaiting(turn);
}

/** As primary: gives numbers to what waits and has none in this view, within the window. */
export function proposeWaiting(turn: PbftTurn): void {
  const { self, members, view, changing, waiting, slots } = turn.state;
  if (changing || primaryOf(members, view) !== self) return;
  const ordered = new Set(Object.values(slots).map(({ proposal }) => proposal?.request?.sig));
  for (const request of Object.values(waiting)) {
    const sequence = turn.state.given + 1;
    if (sequence > turn.state.stable.sequence + windowOf(turn.rules)) return;
    if (ordered.has(request.sig)) continue;
    const digest = requestDigest(request);
    const order = signed(turn.rules.seal, self, { kind: "pre-prepare", view, sequence, digest } as const);
    turn.state = { ...turn.state, given: sequence };
    const proposal: Proposal = { kind: "proposal", order, request };
    sendToOthers(turn, proposal);
    accept(turn, proposal);
  }
}

export function onProposal(turn: PbftTurn, proposal: Proposal): void {
  const { order, request } = proposal;
  if (!isCurrent(turn, order) || request === null) return;
  if (slotAt(turn.state, order.sequence).proposal?.order.sig === order.sig) return;
  const jury = juryOf(turn.rules, turn.state);
  if (!isOrder(jury, order, request) || !isFromMember(jury, request)) return;
  accept(turn, proposal);
}

/** An order that may stand: of this view, authentic, and either of a client or left by a change of views. */
export function accept(turn: PbftTurn, proposal: Proposal): void {
  const { view, sequence, digest, by } = proposal.order;
  const known = slotAt(turn.state, sequence).proposal;
  if (known !== undefined) {
    if (known.order.digest !== digest) turn.outcomes.push({ type: "equivocation", member: by, view, sequence });
    return;
  }
  withSlot(turn, sequence, { proposal });
  const { self } = turn.state;
  if (by !== self) {
    const prepare = signed(turn.rules.seal, self, { kind: "prepare", view, sequence, digest } as const);
    sendToOthers(turn, prepare);
    keepPrepare(turn, prepare);
  }
  settlePrepared(turn, sequence);
}

export function onPrepare(turn: PbftTurn, prepare: Prepare): void {
  if (!isCurrent(turn, prepare) || prepare.by === primaryOf(turn.state.members, prepare.view)) return;
  if (slotAt(turn.state, prepare.sequence).prepares[prepare.by] !== undefined) return;
  if (!isFromMember(juryOf(turn.rules, turn.state), prepare)) return;
  keepPrepare(turn, prepare);
  settlePrepared(turn, prepare.sequence);
}

function keepPrepare(turn: PbftTurn, prepare: Prepare): void {
  const { prepares } = slotAt(turn.state, prepare.sequence);
  withSlot(turn, prepare.sequence, { prepares: { ...prepares, [prepare.by]: prepare } });
}

function settlePrepared(turn: PbftTurn, sequence: number): void {
  const { view, self } = turn.state;
  const { proposal, prepares, prepared } = slotAt(turn.state, sequence);
  if (proposal === undefined || prepared?.order.view === view) return;
  const { order, request } = proposal;
  const same = Object.values(prepares).filter(({ digest }) => digest === order.digest);
  if (same.length < quorumOf(turn.state) - 1) return;
  const proof: Prepared = { order, request, prepares: same };
  withSlot(turn, sequence, { prepared: proof });
  const commit = signed(turn.rules.seal, self, { kind: "commit", view, sequence, digest: order.digest } as const);
  sendToOthers(turn, commit);
  keepCommit(turn, commit);
}

export function onCommit(turn: PbftTurn, commit: Commit): void {
  if (!isCurrent(turn, commit) || slotAt(turn.state, commit.sequence).commits[commit.by] !== undefined) return;
  if (isFromMember(juryOf(turn.rules, turn.state), commit)) keepCommit(turn, commit);
}

function keepCommit(turn: PbftTurn, commit: Commit): void {
  const { sequence } = commit;
  withSlot(turn, sequence, { commits: { ...slotAt(turn.state, sequence).commits, [commit.by]: commit } });
  const { prepared, commits, certificate } = slotAt(turn.state, sequence);
  if (certificate !== undefined || prepared?.order.view !== turn.state.view) return;
  const { order, request } = prepared;
  const same = Object.values(commits).filter(({ digest }) => digest === order.digest);
  if (same.length < quorumOf(turn.state)) return;
  withSlot(turn, sequence, { certificate: { kind: "committed", order, request, commits: same } });
  executeReady(turn);
}

/** The proof that somebody further has: enough in whatever view one is. */
export function onCommitted(turn: PbftTurn, certificate: Committed): void {
  const { sequence } = certificate.order;
  const { executed, stable } = turn.state;
  if (sequence <= executed || sequence > Math.max(executed, stable.sequence) + windowOf(turn.rules)) return;
  if (slotAt(turn.state, sequence).certificate !== undefined) return;
  if (!isCommitted(juryOf(turn.rules, turn.state), certificate)) return;
  withSlot(turn, sequence, { certificate });
  executeReady(turn);
}

function isCurrent(turn: PbftTurn, { view, sequence }: { readonly view: number; readonly sequence: number }): boolean {
  const { state, rules } = turn;
  const low = state.stable.sequence;
  return !state.changing && view === state.view && sequence > low && sequence <= low + windowOf(rules);
}
