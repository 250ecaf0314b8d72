import { UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import type { Machine, MachineInput, MachineStep } from "../../protocols/machine.ts";
import { readChainMessage } from "./chain-block.ts";
import type { ChainMessage } from "./chain-block.ts";
import { onHeight, onLinks, onProposal, onTransaction, onVote, repeat } from "./chain-messages.ts";
import { advance, armAgain, onRoundTimer } from "./chain-rounds.ts";
import { freshRound, ownTransactions, sendToAll, startChain } from "./chain-state.ts";
import type { BlockchainOptions, ChainOutcome, ChainRules, ChainState, ChainTurn } from "./chain-state.ts";
import { verifyChain } from "./chain-verify.ts";

/**
 * A hash-chained log that a quorum signs; no mining. Members of a fixed list propose in turn (proof of authority), and
 * agree by the rounds of Tendermint (Buchman, Kwon and Milosevic 2018): prevote, precommit, lock. A block is final when
 * ⌈(n + f + 1) / 2⌉ members have precommitted to it in one round, and then for good, as long as at most f of n ≥ 3f + 1
 * lie. A `request` ends with `included`. A crashed member goes on from its stored chain, which it checks from the
 * beginning; members of one process share its fate.
 */
export function blockchain(options: BlockchainOptions): Machine<ChainState, ChainMessage, ChainOutcome> {
  const rules = rulesOf(options);
  return {
    name: "blockchain",
    start: (self, members) => startChain(rules, self, members),
    step: (state, input, rng) => stepChain(rules, { state, input, rng }),
    persistent: (state) => state,
    restart: (self, members, persisted) => recover(startChain(rules, self, members), persisted, rules),
  };
}

function rulesOf({ seal, chain = "tutti", faults, roundMs = 500, ...rest }: BlockchainOptions): ChainRules {
  const { repeatMs = roundMs / 2, maxPayload = 64 } = rest;
  for (const [name, value] of Object.entries({ roundMs, repeatMs })) {
    if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`expected ${name} to be positive, got ${value}`);
  }
  if (!Number.isSafeInteger(maxPayload) || maxPayload < 1) {
    throw new UsageError(`expected maxPayload to be a whole number from 1, got ${maxPayload}`);
  }
  return { seal, chain, faults, roundMs, repeatMs, maxPayload };
}

/** The stored state, as far as its chain holds. Votes above a damaged chain are of a height that it is no more at. */
function recover(fresh: ChainState, persisted: JsonObject, rules: ChainRules): ChainState {
  if (!Array.isArray(persisted["links"])) return fresh;
  const stored = persisted as unknown as ChainState;
  const check = verifyChain(stored.links, { seal: rules.seal, ...fresh.authority });
  const { head } = check;
  if (check.ok) return { ...stored, authority: fresh.authority, head };
  const { height, reason } = check;
  return { ...stored, links: stored.links.slice(0, height - 1), head, now: freshRound, damage: { height, reason } };
}

interface ChainStep {
  readonly state: ChainState;
  readonly input: MachineInput<ChainMessage>;
  readonly rng: Rng;
}

function stepChain(
  rules: ChainRules,
  { state, input, rng }: ChainStep,
): MachineStep<ChainState, ChainMessage, ChainOutcome> {
  const authority = { seal: rules.seal, ...state.authority };
  const turn: ChainTurn = { rules, authority, state, out: [], timers: {}, outcomes: [] };
  if (input.type === "begin") onBegin(turn, rng);
  else if (input.type === "request") submit(turn, input.request);
  else if (input.type === "timer") {
    if (input.timer === "repeat") repeat(turn, rng);
    else onRoundTimer(turn, input.timer);
  } else onMessage(turn, input);
  advance(turn);
  return { state: turn.state, out: turn.out, timers: turn.timers, outcomes: turn.outcomes };
}

function onBegin(turn: ChainTurn, rng: Rng): void {
  turn.timers["repeat"] = turn.rules.repeatMs * (0.5 + rng.next() / 2);
  armAgain(turn);
  const { damage } = turn.state;
  if (damage === null) return;
  turn.outcomes.push({ type: "damaged", ...damage });
  turn.state = { ...turn.state, damage: null };
}

function submit(turn: ChainTurn, data: Json): void {
  turn.state = { ...turn.state, wants: [...turn.state.wants, data] };
  const transaction = ownTransactions(turn).at(-1);
  if (transaction !== undefined) sendToAll(turn, transaction);
}

function onMessage(turn: ChainTurn, { from, message: sent }: { readonly from: string; readonly message: Json }): void {
  const message = readChainMessage(sent);
  if (message === undefined) return;
  switch (message.kind) {
    case "transaction":
      return onTransaction(turn, message);
    case "proposal":
      return onProposal(turn, message);
    case "prevote":
    case "precommit":
      return onVote(turn, message);
    case "height":
      return onHeight(turn, from, message.height);
    case "links":
      return onLinks(turn, message.links);
  }
}
