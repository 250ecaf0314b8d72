import { integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import type { PbftMessage, Status } from "./pbft-message.ts";
import { primaryOf, sendToOthers } from "./pbft-state.ts";
import type { PbftTurn } from "./pbft-state.ts";

/** Tells how far one is: everybody while something is open, else somebody. Lost messages come back as answers to it. */
export function tellStatus(turn: PbftTurn, rng: Rng): void {
  const { self, members, view, changing, executed, stable, waiting, changes } = turn.state;
  const status: Status = { kind: "status", view, changing, executed, stable: stable.sequence };
  turn.timers["status"] = turn.rules.statusMs;
  const own = changes[self];
  if (changing && own !== undefined) sendToOthers(turn, own);
  const requests = Object.values(waiting);
  const primary = primaryOf(members, view);
  if (!changing && primary !== self) for (const message of requests) turn.out.push({ to: primary, message });
  if (changing || requests.length > 0) return sendToOthers(turn, status);
  const others = members.filter((member) => member !== self);
  const to = others[integerBelow(rng, Math.max(1, others.length))];
  if (to !== undefined) turn.out.push({ to, message: status });
}

/** Gives what the other one lacks, and tells it in turn if it is further. */
export function onStatus(turn: PbftTurn, from: string, theirs: Status): void {
  const { self, members, executed, view, changing, stable } = turn.state;
  if (!members.includes(from) || from === self) return;
  const send = (message: PbftMessage): void => void turn.out.push({ to: from, message });
  for (const message of executedSince(turn, theirs)) send(message);
  for (const message of viewFor(turn, theirs)) send(message);
  if (!changing && !theirs.changing && theirs.view === view)
    for (const message of votesFor(turn, theirs)) send(message);
  const isBehind = theirs.executed > executed || theirs.view > view || (changing && !theirs.changing);
  // Not to a status that shows the same: two would answer each other for ever.
  if (isBehind && theirs.executed >= executed && theirs.view >= view) {
    send({ kind: "status", view, changing, executed, stable: stable.sequence });
  }
}

function executedSince(turn: PbftTurn, theirs: Status): PbftMessage[] {
  const { slots, snapshots, stable, executed, checkpoints, self } = turn.state;
  const state = snapshots[stable.sequence];
  const isOld = theirs.executed < stable.sequence && executed >= stable.sequence && state !== undefined;
  const certificates = Object.values(slots)
    .map((slot) => slot.certificate)
    .filter((one) => one !== undefined)
    .filter(({ order }) => order.sequence > theirs.executed);
  const own = Object.values(checkpoints)
    .map((all) => all[self])
    .filter((one) => one !== undefined)
    .filter(({ sequence }) => sequence > theirs.stable);
  const proof = theirs.stable < stable.sequence ? stable.proof : [];
  return [...(isOld ? [{ kind: "snapshot", stable, state } as const] : proof), ...certificates, ...own];
}

function viewFor(turn: PbftTurn, theirs: Status): PbftMessage[] {
  const { view, changing, newView, changes, self } = turn.state;
  const isBehind = theirs.view < view || (theirs.view === view && theirs.changing);
  if (!isBehind) return [];
  const message = changing ? changes[self] : newView;
  return message === undefined ? [] : [message];
}

function votesFor(turn: PbftTurn, theirs: Status): PbftMessage[] {
  const { slots, self, members, view } = turn.state;
  const isPrimary = primaryOf(members, view) === self;
  const open = Object.entries(slots).filter(([sequence]) => Number(sequence) > theirs.executed);
  return open.flatMap(([, { proposal, prepares, commits, certificate }]) =>
    certificate === undefined ? [isPrimary ? proposal : undefined, prepares[self], commits[self]].filter(isSent) : [],
  );
}

function isSent<T>(message: T | undefined): message is T {
  return message !== undefined;
}
