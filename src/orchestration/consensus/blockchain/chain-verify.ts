import type { Block, ChainProposal, Link, Precommit, Prevote, Transaction } from "./chain-block.ts";
import { blockHash, isAuthenticBlock, isLinkShaped } from "./chain-block.ts";
import { digestOf, isAuthentic } from "../seal.ts";
import type { Seal } from "../seal.ts";

/** Who may propose and sign, in turn: what a chain is checked against. */
export interface Authority {
  readonly seal: Seal;
  readonly chain: string;
  readonly members: readonly string[];
  /** How many members may lie: at most ⌊(n − 1) / 3⌋. */
  readonly faults: number;
}

/** Where a chain ends: what the next block is checked against. */
export type Head = {
  readonly height: number;
  readonly hash: string;
  /** The last nonce of each author. */
  readonly nonces: Readonly<Record<string, number>>;
};

export type ChainCheck =
  | { readonly ok: true; readonly head: Head }
  /** `head` is of the blocks before the first bad one, which is at `height`. */
  | { readonly ok: false; readonly height: number; readonly reason: string; readonly head: Head };

/** The beginning, the same for all who agree about the chain's name and its members. */
export function genesis({ chain, members }: Pick<Authority, "chain" | "members">): Head {
  return { height: 0, hash: digestOf({ chain, members }), nonces: {} };
}

export function proposerOf(members: readonly string[], height: number, round: number): string {
  return members[(height + round) % members.length] as string;
}

export function quorumSize({ members, faults }: Pick<Authority, "members" | "faults">): number {
  return Math.ceil((members.length + faults + 1) / 2);
}

/** Checks every hash, signature, turn, nonce and certificate from the beginning. */
export function verifyChain(links: readonly unknown[], authority: Authority): ChainCheck {
  let head = genesis(authority);
  for (const link of links) {
    const reason = isLinkShaped(link) ? linkDefect(link, head, authority) : "is not a block with its certificate";
    if (reason !== undefined || !isLinkShaped(link)) {
      return { ok: false, height: head.height + 1, reason: reason ?? "", head };
    }
    head = headAfter(head, link.block);
  }
  return { ok: true, head };
}

export function headAfter(head: Head, block: Block): Head {
  const nonces = { ...head.nonces };
  for (const { by, nonce } of block.payload) nonces[by] = nonce;
  return { height: block.height, hash: blockHash(block), nonces };
}

export function linkDefect({ block, certificate }: Link, head: Head, authority: Authority): string | undefined {
  const defect = blockDefect(block, head, authority);
  if (defect !== undefined) return defect;
  const round = certificate[0]?.round;
  if (certificate.some((vote) => vote.round !== round || vote.height !== block.height))
    return "a vote of another round";
  return isQuorumFor(certificate, blockHash(block), authority) ? undefined : "no quorum has signed this block";
}

export function blockDefect(block: Block, head: Head, authority: Authority): string | undefined {
  const { seal, members } = authority;
  if (block.height !== head.height + 1) return `height ${block.height} after ${head.height}`;
  if (block.prevHash !== head.hash) return "does not follow the block before it";
  if (block.proposer !== proposerOf(members, block.height, block.round)) return `${block.proposer} had not the turn`;
  if (!isAuthenticBlock(seal, block)) return `not signed by ${block.proposer}`;
  return payloadDefect(block.payload, head, authority);
}

function payloadDefect(payload: readonly Transaction[], head: Head, { seal, members }: Authority): string | undefined {
  const nonces = new Map(Object.entries(head.nonces));
  for (const transaction of payload) {
    const { by, nonce } = transaction;
    if (!members.includes(by) || !isAuthentic(seal, transaction)) return `a transaction not signed by ${by}`;
    if (nonce !== (nonces.get(by) ?? 0) + 1) return `nonce ${nonce} of ${by} repeated or out of turn`;
    nonces.set(by, nonce);
  }
  return undefined;
}

/** A quorum of different members has signed this hash, in one round. */
function isQuorumFor(votes: readonly (Prevote | Precommit)[], hash: string, authority: Authority): boolean {
  const { seal, members } = authority;
  const signers = new Set(votes.map(({ by }) => by));
  const isOne = (vote: Prevote | Precommit): boolean =>
    vote.hash === hash &&
    vote.height === votes[0]?.height &&
    vote.round === votes[0]?.round &&
    members.includes(vote.by) &&
    isAuthentic(seal, vote);
  return signers.size === votes.length && signers.size >= quorumSize(authority) && votes.every(isOne);
}

/** The round in which a quorum wanted this block, −1 for a proposer's own, `undefined` when it is neither. */
export function proofRound(
  { block, by, height, round, proof }: ChainProposal,
  authority: Authority,
): number | undefined {
  const [first] = proof;
  if (first === undefined) return block.proposer === by ? -1 : undefined;
  const isEarlier = first.height === height && first.round < round;
  return isEarlier && isQuorumFor(proof, blockHash(block), authority) ? first.round : undefined;
}
