import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Outgoing } from "../../protocols/machine.ts";
import type {
  Block,
  ChainMessage,
  ChainProposal,
  Equivocation,
  Link,
  Precommit,
  Prevote,
  Transaction,
} from "./chain-block.ts";
import { genesis, headAfter } from "./chain-verify.ts";
import type { Authority, Head } from "./chain-verify.ts";
import type { Seal } from "../seal.ts";
import { signed } from "../seal.ts";

export interface BlockchainOptions {
  readonly seal: Seal;
  /** The name of the chain: blocks of another one are none of this. "tutti" by default. */
  readonly chain?: string;
  /** How many members may lie. By default, and at most, ⌊(n − 1) / 3⌋. */
  readonly faults?: number;
  /** How long each stage of a round waits; longer by as much with every round. 500 milliseconds by default. */
  readonly roundMs?: number;
  /** How often what may have been lost is sent again. Half of `roundMs` by default. */
  readonly repeatMs?: number;
  /** Transactions in one block, at most. 64 by default. */
  readonly maxPayload?: number;
}

export type ChainRules = Required<Omit<BlockchainOptions, "faults">> & { readonly faults: number | undefined };

type ChainStage = "idle" | "propose" | "prevote" | "precommit";

/** The votes at one height, by round and member. */
type Votes<V> = Readonly<Record<string, Readonly<Record<string, V>>>>;

/** What is under way at the height above the chain (the rounds of Buchman, Kwon and Milosevic 2018). */
export type ChainRound = {
  readonly round: number;
  readonly stage: ChainStage;
  /** It has precommitted to this block: it prevotes for no other without proof that a quorum did later. */
  readonly locked: { readonly round: number; readonly hash: string } | null;
  /** The block that a quorum wanted last. */
  readonly valid: { readonly block: Block; readonly proof: readonly Prevote[] } | null;
  /** Its own block at this height: it signs no other. */
  readonly own: Block | null;
  readonly proposals: Readonly<Record<string, ChainProposal>>;
  readonly prevotes: Votes<Prevote>;
  readonly precommits: Votes<Precommit>;
  /** The latest round in which each member was seen. */
  readonly rounds: Readonly<Record<string, number>>;
  /** The first block of each proposer. */
  readonly seen: Readonly<Record<string, Block>>;
  /** The timers that run. */
  readonly timed: Readonly<Record<string, boolean>>;
};

export type ChainState = {
  readonly self: string;
  readonly authority: { readonly chain: string; readonly members: readonly string[]; readonly faults: number };
  readonly links: readonly Link[];
  readonly head: Head;
  /** What its own agent wants in the chain and has not yet got. */
  readonly wants: readonly Json[];
  readonly pool: Readonly<Record<string, readonly Transaction[]>>;
  readonly now: ChainRound;
  readonly equivocations: readonly Equivocation[];
  /** What was wrong with the stored chain. */
  readonly damage: { readonly height: number; readonly reason: string } | null;
};

export type ChainOutcome =
  /** This block is in the chain for good. */
  | { readonly type: "final"; readonly height: number; readonly hash: string; readonly block: Block }
  /** The member's own wish is in the chain. */
  | { readonly type: "included"; readonly height: number; readonly data: Json }
  | { readonly type: "equivocation"; readonly proposer: string; readonly proof: Equivocation }
  /** The stored chain did not hold; what is above `height − 1` comes from the others again. */
  | { readonly type: "damaged"; readonly height: number; readonly reason: string };

export interface ChainTurn {
  readonly rules: ChainRules;
  readonly authority: Authority;
  state: ChainState;
  readonly out: Outgoing<ChainMessage>[];
  readonly timers: Record<string, number | null>;
  readonly outcomes: ChainOutcome[];
}

export const freshRound: ChainRound = {
  round: 0,
  stage: "idle",
  locked: null,
  valid: null,
  own: null,
  proposals: {},
  prevotes: {},
  precommits: {},
  rounds: {},
  seen: {},
  timed: {},
};

export function startChain(rules: ChainRules, self: string, members: readonly string[]): ChainState {
  const most = Math.floor((members.length - 1) / 3);
  const faults = rules.faults ?? most;
  if (!members.includes(self)) throw new UsageError(`expected ${self} among the members ${members.join(", ")}`);
  if (new Set(members).size < members.length) throw new UsageError("expected members with different names");
  if (!Number.isSafeInteger(faults) || faults < 0 || faults > most) {
    throw new UsageError(
      `expected faults from 0 to ${most} among ${members.length} members (n ≥ 3f + 1), got ${faults}`,
    );
  }
  const authority = { chain: rules.chain, members, faults };
  const head = genesis(authority);
  const none = { wants: [], pool: {}, now: freshRound, equivocations: [], damage: null };
  return { self, authority, links: [], head, ...none };
}

export function sendToAll(turn: ChainTurn, message: ChainMessage): void {
  for (const to of turn.authority.members) if (to !== turn.state.self) turn.out.push({ to, message });
}

export function changeRound(turn: ChainTurn, change: Partial<ChainRound>): void {
  turn.state = { ...turn.state, now: { ...turn.state.now, ...change } };
}

/** Its own transactions: signed with the nonces that come next, whatever has become of them before. */
export function ownTransactions({ state, rules }: ChainTurn): Transaction[] {
  const last = state.head.nonces[state.self] ?? 0;
  return state.wants.map((data, index) =>
    signed(rules.seal, state.self, { kind: "transaction", nonce: last + 1 + index, data } as const),
  );
}

/** What can go into the next block: of each author the nonces without a gap. */
export function payloadFor(turn: ChainTurn): Transaction[] {
  const { self, head, pool } = turn.state;
  return turn.authority.members
    .flatMap((member) => {
      const known = member === self ? ownTransactions(turn) : (pool[member] ?? []);
      let next = (head.nonces[member] ?? 0) + 1;
      return known.toSorted((a, b) => a.nonce - b.nonce).filter(({ nonce }) => nonce === next && next++ > 0);
    })
    .slice(0, turn.rules.maxPayload);
}

/** Puts a checked block at the end of the chain, and is at the next height. */
export function append(turn: ChainTurn, link: Link): void {
  const { state } = turn;
  const { block } = link;
  const head = headAfter(state.head, block);
  const own = ownTransactions(turn).map(({ sig }) => sig);
  const included = block.payload.filter(({ by, sig }) => by === state.self && own.includes(sig));
  const pool = Object.entries(state.pool).map(([member, all]) => [
    member,
    all.filter(({ nonce }) => nonce > (head.nonces[member] ?? 0)),
  ]);
  turn.state = {
    ...state,
    links: [...state.links, link],
    head,
    wants: state.wants.slice(included.length),
    pool: Object.fromEntries(pool) as ChainState["pool"],
    now: freshRound,
  };
  for (const timer of ["propose", "prevote", "precommit"]) turn.timers[timer] = null;
  turn.outcomes.push({ type: "final", height: block.height, hash: head.hash, block });
  for (const { data } of included) turn.outcomes.push({ type: "included", height: block.height, data });
}
