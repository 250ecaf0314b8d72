import { accept, proposeWaiting } from "./pbft-agreement.ts";
import { adoptStable } from "./pbft-execution.ts";
import type { NewView, Prepared, ViewChange } from "./pbft-message.ts";
import { isNewView, isViewChange, juryOf, reproposals } from "./pbft-proof.ts";
import { primaryOf, quorumOf, sendToOthers } from "./pbft-state.ts";
import type { PbftTurn, Slot } from "./pbft-state.ts";
import { signed } from "../seal.ts";

/** Gives up the view and wishes for a later one, with proof of all that may have been committed. */
export function startChange(turn: PbftTurn, view: number): void {
  if (view <= turn.state.view) return;
  const { self, stable, slots, attempts } = turn.state;
  const prepared = Object.values(slots)
    .map((slot) => slot.prepared)
    .filter((one): one is Prepared => one !== undefined && one.order.sequence > stable.sequence);
  const change = signed(turn.rules.seal, self, { kind: "view-change", view, stable, prepared } as const);
  turn.state = { ...turn.state, view, changing: true, attempts: attempts + 1, timedFor: null };
  turn.timers["view"] = null;
  sendToOthers(turn, change);
  keepChange(turn, change);
}

export function onViewChange(turn: PbftTurn, change: ViewChange): void {
  const known = turn.state.changes[change.by];
  if (change.view < turn.state.view || (known !== undefined && known.view >= change.view)) return;
  if (change.by === turn.state.self || !isViewChange(juryOf(turn.rules, turn.state), change)) return;
  keepChange(turn, change);
}

function keepChange(turn: PbftTurn, change: ViewChange): void {
  turn.state = { ...turn.state, changes: { ...turn.state.changes, [change.by]: change } };
  join(turn);
  const { view, changing, timedFor, changes, self, members, attempts } = turn.state;
  const wishes = members.flatMap((member) => (changes[member]?.view === view ? [changes[member]] : []));
  if (!changing || wishes.length < quorumOf(turn.state)) return;
  // Only now: one who wishes alone would run ahead of all others.
  if (timedFor === null) {
    turn.timers["view"] = turn.rules.timeoutMs * 2 ** Math.min(attempts, 20);
    turn.state = { ...turn.state, timedFor: "change" };
  }
  if (primaryOf(members, view) === self) openView(turn, wishes);
}

/** More than may lie wish for later views: at least one with reason. */
function join(turn: PbftTurn): void {
  const { changes, view, self, faults } = turn.state;
  const later = Object.values(changes).filter((one) => one.by !== self && one.view > view);
  if (later.length > faults) startChange(turn, Math.min(...later.map((one) => one.view)));
}

function openView(turn: PbftTurn, changes: readonly ViewChange[]): void {
  const { self, view } = turn.state;
  const orders = reproposals(changes).orders.map(({ sequence, digest }) =>
    signed(turn.rules.seal, self, { kind: "pre-prepare", view, sequence, digest } as const),
  );
  const message = signed(turn.rules.seal, self, { kind: "new-view", view, changes, orders } as const);
  sendToOthers(turn, message);
  enterView(turn, message);
}

export function onNewView(turn: PbftTurn, message: NewView): void {
  const { view, changing } = turn.state;
  if (message.view < view || (message.view === view && !changing)) return;
  if (isNewView(juryOf(turn.rules, turn.state), message)) enterView(turn, message);
}

function enterView(turn: PbftTurn, newView: NewView): void {
  const { view, changes, orders: placed } = newView;
  const { stable, orders } = reproposals(changes);
  const slots = Object.entries(turn.state.slots).map(([sequence, slot]) => [sequence, proofsOf(slot)]);
  turn.state = {
    ...turn.state,
    view,
    changing: false,
    newView,
    timedFor: null,
    slots: Object.fromEntries(slots) as Readonly<Record<string, Slot>>,
    given: orders.at(-1)?.sequence ?? stable.sequence,
  };
  turn.timers["view"] = null;
  turn.outcomes.push({ type: "view", view, primary: newView.by });
  adoptStable(turn, stable);
  for (const [index, { request }] of orders.entries()) {
    const order = placed[index];
    if (order !== undefined && order.sequence > turn.state.stable.sequence) {
      accept(turn, { kind: "proposal", order, request });
    }
  }
  proposeWaiting(turn);
}

/** What a number keeps from one view to the next. */
function proofsOf({ prepared, certificate }: Slot): Slot {
  return {
    prepares: {},
    commits: {},
    ...(prepared === undefined ? {} : { prepared }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
