import type {
  Checkpoint,
  Commit,
  Committed,
  NewView,
  Order,
  PbftRequest,
  Prepare,
  Prepared,
  Stable,
  ViewChange,
} from "./pbft-message.ts";
import { primaryOf, quorumOf, windowOf } from "./pbft-state.ts";
import type { PbftRules, PbftState } from "./pbft-state.ts";
import { digestOf, isAuthentic } from "../seal.ts";
import type { Seal } from "../seal.ts";

/** Whose proofs are checked: who is a member, how many may lie, how signatures are read. */
export interface Jury {
  readonly seal: Seal;
  readonly members: readonly string[];
  readonly faults: number;
  readonly window: number;
}

export function juryOf(rules: PbftRules, { members, faults }: PbftState): Jury {
  return { seal: rules.seal, members, faults, window: windowOf(rules) };
}

const nothingDigest = digestOf(null);

export function requestDigest(request: PbftRequest | null): string {
  return request === null ? nothingDigest : digestOf(request);
}

export function isFromMember(jury: Jury, message: Parameters<typeof isAuthentic>[1]): boolean {
  return jury.members.includes(message.by) && isAuthentic(jury.seal, message);
}

export function isOrder(jury: Jury, order: Order, request: PbftRequest | null): boolean {
  return (
    order.by === primaryOf(jury.members, order.view) &&
    order.digest === requestDigest(request) &&
    isFromMember(jury, order)
  );
}

/** `count` different members say the same of this order. */
function agreeWith(jury: Jury, order: Order, votes: readonly (Prepare | Commit)[], count: number): boolean {
  const signers = new Set(votes.map(({ by }) => by));
  const same = votes.every(
    (vote) =>
      vote.view === order.view &&
      vote.sequence === order.sequence &&
      vote.digest === order.digest &&
      isFromMember(jury, vote),
  );
  return same && signers.size === votes.length && signers.size >= count;
}

/** The order speaks for the primary, so its prepare does not count. */
function isPrepared(jury: Jury, { order, request, prepares }: Prepared): boolean {
  return (
    isOrder(jury, order, request) &&
    prepares.every(({ by }) => by !== order.by) &&
    agreeWith(jury, order, prepares, quorumOf(jury) - 1)
  );
}

export function isCommitted(jury: Jury, { order, request, commits }: Committed): boolean {
  return isOrder(jury, order, request) && agreeWith(jury, order, commits, quorumOf(jury));
}

export function isStable(jury: Jury, { sequence, digest, proof }: Stable): boolean {
  if (sequence === 0) return true;
  const signers = new Set(proof.map(({ by }) => by));
  const isSame = (one: Checkpoint): boolean =>
    one.sequence === sequence && one.digest === digest && isFromMember(jury, one);
  return proof.every(isSame) && signers.size === proof.length && signers.size >= quorumOf(jury);
}

export function isViewChange(jury: Jury, change: ViewChange): boolean {
  const { stable, prepared, view } = change;
  const numbers = prepared.map(({ order }) => order.sequence);
  const inReach = numbers.every((number) => number > stable.sequence && number <= stable.sequence + jury.window);
  return (
    inReach &&
    new Set(numbers).size === numbers.length &&
    prepared.every(({ order }) => order.view < view) &&
    isFromMember(jury, change) &&
    isStable(jury, stable) &&
    prepared.every((one) => isPrepared(jury, one))
  );
}

export interface Reproposal {
  readonly sequence: number;
  readonly digest: string;
  readonly request: PbftRequest | null;
}

/** What must keep its number: of each number the request prepared last, and nothing where none was. */
export function reproposals(changes: readonly ViewChange[]): {
  readonly stable: Stable;
  readonly orders: Reproposal[];
} {
  const stable = changes.map((change) => change.stable).reduce((a, b) => (b.sequence > a.sequence ? b : a));
  const latest = new Map<number, Prepared>();
  for (const one of changes.flatMap(({ prepared }) => prepared)) {
    const known = latest.get(one.order.sequence);
    if (known === undefined || one.order.view > known.order.view) latest.set(one.order.sequence, one);
  }
  const orders: Reproposal[] = [];
  for (let sequence = stable.sequence + 1; sequence <= Math.max(0, ...latest.keys()); sequence++) {
    const request = latest.get(sequence)?.request ?? null;
    orders.push({ sequence, digest: requestDigest(request), request });
  }
  return { stable, orders };
}

/** Checked by recomputing: the new primary chooses nothing. */
export function isNewView(jury: Jury, message: NewView): boolean {
  const { view, changes, orders, by } = message;
  const signers = new Set(changes.map((change) => change.by));
  if (by !== primaryOf(jury.members, view) || signers.size < changes.length) return false;
  if (signers.size < quorumOf(jury) || changes.some((change) => change.view !== view)) return false;
  if (!isFromMember(jury, message) || !changes.every((change) => isViewChange(jury, change))) return false;
  const expected = reproposals(changes).orders;
  return (
    expected.length === orders.length &&
    expected.every(({ sequence, request }, index) => {
      const order = orders[index];
      return order?.view === view && order.sequence === sequence && isOrder(jury, order, request);
    })
  );
}
