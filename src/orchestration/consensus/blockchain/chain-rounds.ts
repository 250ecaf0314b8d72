import type { Block, ChainProposal, Precommit, Prevote } from "./chain-block.ts";
import { blockHash, signedBlock } from "./chain-block.ts";
import { append, changeRound, payloadFor, sendToAll } from "./chain-state.ts";
import type { ChainTurn } from "./chain-state.ts";
import { proofRound, proposerOf, quorumSize } from "./chain-verify.ts";
import { signed } from "../seal.ts";

/** Applies the rules of a round until none has anything to do. */
export function advance(turn: ChainTurn): void {
  const rules = [begin, decide, skip, prevoteProposal, lock, precommitNothing, armPrevote, armPrecommit];
  while (rules.some((rule) => rule(turn)));
}

/** A timer ran out: the round goes on without what it waited for. */
export function onRoundTimer(turn: ChainTurn, timer: string): void {
  const { stage, round, timed } = turn.state.now;
  if (timed[timer] !== true) return;
  if (timer === "propose" && stage === "propose") vote(turn, "prevote", null);
  if (timer === "prevote" && stage === "prevote") vote(turn, "precommit", null);
  if (timer === "precommit") startRound(turn, round + 1);
}

function begin(turn: ChainTurn): boolean {
  const { stage, rounds } = turn.state.now;
  if (stage !== "idle" || (Object.keys(rounds).length === 0 && payloadFor(turn).length === 0)) return false;
  startRound(turn, 0);
  return true;
}

function startRound(turn: ChainTurn, round: number): void {
  const { self, head } = turn.state;
  for (const timer of ["prevote", "precommit"]) turn.timers[timer] = null;
  changeRound(turn, { round, stage: "propose", timed: {} });
  if (proposerOf(turn.authority.members, head.height + 1, round) === self) propose(turn);
  else arm(turn, "propose");
}

/** The block that a quorum wanted, or its own: one at a height. */
function propose(turn: ChainTurn): void {
  const { self, head, now } = turn.state;
  const height = head.height + 1;
  const { round } = now;
  const body = { height, round, prevHash: head.hash, proposer: self, payload: payloadFor(turn) };
  const own = now.own ?? signedBlock(turn.rules.seal, body);
  const block = now.valid?.block ?? own;
  const said = { kind: "proposal", height, round, block, proof: now.valid?.proof ?? [] } as const;
  const proposal = signed(turn.rules.seal, self, said);
  const seen = { ...now.seen, [block.proposer]: now.seen[block.proposer] ?? block };
  const proposals = { ...now.proposals, [round]: proposal };
  changeRound(turn, { own: now.valid === null ? own : now.own, proposals, seen });
  turn.timers["propose"] = null;
  sendToAll(turn, proposal);
}

/** A quorum has signed: the block is final, whatever the round is by now. */
function decide(turn: ChainTurn): boolean {
  const { precommits, proposals } = turn.state.now;
  for (const votes of Object.values(precommits)) {
    const found = quorumHash(turn, Object.values(votes));
    const block = Object.values(proposals)
      .map((proposal) => proposal.block)
      .find((one) => typeof found === "string" && blockHash(one) === found);
    if (block === undefined) continue;
    append(turn, { block, certificate: Object.values(votes).filter(({ hash }) => hash === found) });
    return true;
  }
  return false;
}

/** More than may lie are in a later round. */
function skip(turn: ChainTurn): boolean {
  const { rounds, round } = turn.state.now;
  const reached = Object.values(rounds).toSorted((a, b) => b - a)[turn.authority.faults] ?? 0;
  if (reached <= round) return false;
  startRound(turn, reached);
  return true;
}

function prevoteProposal(turn: ChainTurn): boolean {
  const { stage, round, proposals, locked } = turn.state.now;
  const proposal = proposals[round];
  if (stage !== "propose" || proposal === undefined) return false;
  const hash = blockHash(proposal.block);
  const since = proofRound(proposal, turn.authority) ?? -1;
  const isFree = locked === null || locked.hash === hash || locked.round <= since;
  vote(turn, "prevote", isFree ? hash : null);
  return true;
}

function lock(turn: ChainTurn): boolean {
  const { stage, round, proposals, prevotes, valid } = turn.state.now;
  const proposal = proposals[round];
  if (proposal === undefined || (stage !== "prevote" && stage !== "precommit")) return false;
  const votes = Object.values(prevotes[round] ?? {});
  const hash = quorumHash(turn, votes);
  if (typeof hash !== "string" || (stage === "precommit" && valid?.proof[0]?.round === round)) return false;
  if (blockHash(proposal.block) !== hash) return false;
  changeRound(turn, { valid: { block: proposal.block, proof: votes.filter((one) => one.hash === hash) } });
  if (stage === "prevote") {
    changeRound(turn, { locked: { round, hash } });
    vote(turn, "precommit", hash);
  }
  return true;
}

function precommitNothing(turn: ChainTurn): boolean {
  const { stage, round, prevotes } = turn.state.now;
  if (stage !== "prevote" || quorumHash(turn, Object.values(prevotes[round] ?? {})) !== null) return false;
  vote(turn, "precommit", null);
  return true;
}

function armPrevote(turn: ChainTurn): boolean {
  const { stage, round, prevotes, timed } = turn.state.now;
  if (stage !== "prevote" || timed["prevote"] === true) return false;
  if (Object.keys(prevotes[round] ?? {}).length < quorumSize(turn.authority)) return false;
  arm(turn, "prevote");
  return true;
}

function armPrecommit(turn: ChainTurn): boolean {
  const { stage, round, precommits, timed } = turn.state.now;
  if (stage === "idle" || timed["precommit"] === true) return false;
  if (Object.keys(precommits[round] ?? {}).length < quorumSize(turn.authority)) return false;
  arm(turn, "precommit");
  return true;
}

function arm(turn: ChainTurn, timer: string): void {
  const { round, timed } = turn.state.now;
  changeRound(turn, { timed: { ...timed, [timer]: true } });
  turn.timers[timer] = turn.rules.roundMs * (1 + round);
}

/** The timers that ran before a crash. */
export function armAgain(turn: ChainTurn): void {
  changeRound(turn, { timed: {} });
  if (turn.state.now.stage === "propose") arm(turn, "propose");
}

function vote(turn: ChainTurn, kind: "prevote" | "precommit", hash: string | null): void {
  const { self, head, now } = turn.state;
  const body = { height: head.height + 1, round: now.round, hash };
  if (kind === "prevote") keepVote(turn, signed(turn.rules.seal, self, { kind, ...body }));
  else keepVote(turn, signed(turn.rules.seal, self, { kind: "precommit", ...body } as const));
  changeRound(turn, { stage: kind });
  const sent = kind === "prevote" ? turn.state.now.prevotes : turn.state.now.precommits;
  const own = sent[now.round]?.[self];
  if (own !== undefined) sendToAll(turn, own);
}

/** The first vote of a member in a round counts. */
export function keepVote(turn: ChainTurn, message: Prevote | Precommit): void {
  const { now } = turn.state;
  const { by, round } = message;
  if (message.kind === "prevote") {
    const known = now.prevotes[round] ?? {};
    changeRound(turn, { prevotes: { ...now.prevotes, [round]: { [by]: message, ...known } } });
  } else {
    const known = now.precommits[round] ?? {};
    changeRound(turn, { precommits: { ...now.precommits, [round]: { [by]: message, ...known } } });
  }
}

export function keepProposal(turn: ChainTurn, proposal: ChainProposal): void {
  const { proposals } = turn.state.now;
  if (proposals[proposal.round] === undefined) {
    changeRound(turn, { proposals: { ...proposals, [proposal.round]: proposal } });
  }
}

/** What a quorum of the votes names: a block, nothing, or `undefined` when they do not agree. */
function quorumHash(turn: ChainTurn, votes: readonly (Prevote | Precommit)[]): Block["prevHash"] | null | undefined {
  const counts = new Map<string | null, number>();
  for (const { hash } of votes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const quorum = quorumSize(turn.authority);
  return [...counts].find(([, count]) => count >= quorum)?.[0];
}
