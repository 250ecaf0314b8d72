import { integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import type { Block, ChainMessage, ChainProposal, Link, Precommit, Prevote, Transaction } from "./chain-block.ts";
import { blockHash, isAuthenticBlock } from "./chain-block.ts";
import { keepProposal, keepVote } from "./chain-rounds.ts";
import { append, changeRound, ownTransactions, sendToAll } from "./chain-state.ts";
import type { ChainTurn } from "./chain-state.ts";
import { blockDefect, linkDefect, proofRound, proposerOf } from "./chain-verify.ts";
import { isAuthentic } from "../seal.ts";

const maxRoundsAhead = 8;
const maxWaiting = 64;
const linksAtATime = 8;

export function onTransaction(turn: ChainTurn, transaction: Transaction): void {
  const { by, nonce } = transaction;
  const { head, pool, self } = turn.state;
  const known = pool[by] ?? [];
  const last = head.nonces[by] ?? 0;
  if (by === self || nonce <= last || nonce > last + maxWaiting || known.some((one) => one.nonce === nonce)) return;
  if (!turn.authority.members.includes(by) || !isAuthentic(turn.rules.seal, transaction)) return;
  turn.state = { ...turn.state, pool: { ...pool, [by]: [...known, transaction] } };
}

export function onProposal(turn: ChainTurn, proposal: ChainProposal): void {
  const { block, height, round, by } = proposal;
  const { head, now } = turn.state;
  // Comes again and again; the same signature on something else is worth nothing.
  if (now.proposals[round]?.sig === proposal.sig) return;
  if (block.height === height) lookForSecond(turn, block);
  if (height !== head.height + 1 || by !== proposerOf(turn.authority.members, height, round)) return;
  if (now.proposals[round] !== undefined || round > now.round + maxRoundsAhead) return;
  if (block.round > round || !isAuthentic(turn.rules.seal, proposal)) return;
  if (blockDefect(block, head, turn.authority) !== undefined) return;
  if (proofRound(proposal, turn.authority) === undefined) return;
  noteRound(turn, by, round);
  keepProposal(turn, proposal);
}

/** Keeps the proof when a proposer has signed two blocks at one height, the final one among them. */
function lookForSecond(turn: ChainTurn, block: Block): void {
  const { links, head, now, equivocations } = turn.state;
  const isNext = block.height === head.height + 1;
  const kept = isNext ? now.seen[block.proposer] : links[block.height - 1]?.block;
  const isOther = kept?.proposer === block.proposer && blockHash(kept) !== blockHash(block);
  if ((kept !== undefined && !isOther) || !turn.authority.members.includes(block.proposer)) return;
  if (!isAuthenticBlock(turn.rules.seal, block)) return;
  if (kept === undefined) {
    if (isNext) changeRound(turn, { seen: { ...now.seen, [block.proposer]: block } });
    return;
  }
  const isKnown = ({ first }: { readonly first: Block }): boolean =>
    first.proposer === block.proposer && first.height === block.height;
  if (equivocations.some(isKnown)) return;
  const proof = { first: kept, second: block };
  turn.state = { ...turn.state, equivocations: [...equivocations, proof] };
  turn.outcomes.push({ type: "equivocation", proposer: block.proposer, proof });
}

export function onVote(turn: ChainTurn, vote: Prevote | Precommit): void {
  const { head, now } = turn.state;
  if (vote.height !== head.height + 1 || !turn.authority.members.includes(vote.by)) return;
  const known = vote.kind === "prevote" ? now.prevotes : now.precommits;
  if (known[vote.round]?.[vote.by] !== undefined) return;
  if (!isAuthentic(turn.rules.seal, vote)) return;
  noteRound(turn, vote.by, vote.round);
  if (vote.round <= now.round + maxRoundsAhead) keepVote(turn, vote);
}

function noteRound(turn: ChainTurn, member: string, round: number): void {
  const { rounds } = turn.state.now;
  if ((rounds[member] ?? -1) < round) changeRound(turn, { rounds: { ...rounds, [member]: round } });
}

/** Final blocks that were missed: each carries its proof. */
export function onLinks(turn: ChainTurn, links: readonly Link[]): void {
  for (const link of links) {
    const { head } = turn.state;
    lookForSecond(turn, link.block);
    if (link.block.height !== head.height + 1) continue;
    if (linkDefect(link, head, turn.authority) === undefined) append(turn, link);
  }
}

/** Gives one who has less of the chain the next blocks, and tells one who has more that these are missing here. */
export function onHeight(turn: ChainTurn, from: string, height: number): void {
  const { links, self } = turn.state;
  if (!turn.authority.members.includes(from) || from === self) return;
  if (height < links.length) {
    turn.out.push({ to: from, message: { kind: "links", links: links.slice(height, height + linksAtATime) } });
  } else if (height > links.length) {
    turn.out.push({ to: from, message: { kind: "height", height: links.length } });
  }
}

/** What may have been lost goes out again: to all while a block is under way, else the height alone, to one. */
export function repeat(turn: ChainTurn, rng: Rng): void {
  const { now, self, links } = turn.state;
  turn.timers["repeat"] = turn.rules.repeatMs;
  const height: ChainMessage = { kind: "height", height: links.length };
  if (now.stage === "idle") {
    const others = turn.authority.members.filter((member) => member !== self);
    const to = others[integerBelow(rng, Math.max(1, others.length))];
    if (to !== undefined) turn.out.push({ to, message: height });
    return;
  }
  const own = [now.proposals[now.round], now.prevotes[now.round]?.[self], now.precommits[now.round]?.[self]];
  for (const message of [height, ...ownTransactions(turn), ...own]) if (message !== undefined) sendToAll(turn, message);
}
