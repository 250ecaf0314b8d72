import { describe, isPlainObject, UsageError } from "#foundation";
import { askAgents } from "../ask-agents.ts";
import type { Absence } from "../../conflicts/hearing.ts";
import type { Answers, AskAgentsOptions } from "../ask-agents.ts";
import { checkRules } from "./auction.ts";
import type { AuctionResult, AuctionRules, DutchRules, EnglishRules, SealedRules } from "./auction.ts";
import { replayAuction } from "./auction-log.ts";
import type { AuctionEntry } from "./auction-entry.ts";
import type { AuctionLog } from "./auction-log.ts";
import { amountText, isAmount } from "./money.ts";

/** What a bidder is asked. */
export type AuctionQuestion =
  /** A sealed bid: an amount, or `null` for none. */
  | { readonly type: "bid"; readonly rules: SealedRules }
  /** A commitment to a bid (`bidCommitment`), or `null` for none. */
  | { readonly type: "commitment"; readonly rules: SealedRules }
  /** The bid that was committed: `{ amount, nonce }`. All commitments are known by now. */
  | { readonly type: "reveal"; readonly rules: SealedRules; readonly commitments: Readonly<Record<string, string>> }
  /** Whether to stay at this price. */
  | { readonly type: "stay"; readonly rules: EnglishRules; readonly price: number; readonly staying: readonly string[] }
  /** Whether to take it at this price. */
  | { readonly type: "take"; readonly rules: DutchRules; readonly price: number };

/**
 * Answers questions, at once or later; the signal aborts when it is too late. What it answers is checked: nobody has to
 * trust it.
 */
export type Bidder = (question: AuctionQuestion, signal: AbortSignal) => unknown;

export interface AuctionRun {
  readonly result: AuctionResult;
  /** `replayAuction(log)` is the result. */
  readonly log: AuctionLog;
  /** Who threw, was late or said something unusable: no bid, out of the English auction, not at this price. */
  readonly absent: readonly Absence[];
}

/**
 * Holds an auction with bidders that really bid. Every question goes to all of them at once, and the auction goes on
 * when each has answered or its time is over; an answer that comes later counts for nothing. An English auction needs
 * `maxRounds`, or it would go on as long as two bidders like. Throws `UsageError` for rules that are none.
 */
export async function runAuction(
  rules: AuctionRules,
  bidders: Readonly<Record<string, Bidder>>,
  options: AskAgentsOptions = {},
): Promise<AuctionRun> {
  checkRules(rules);
  if (rules.format === "english" && rules.maxRounds === undefined)
    throw new UsageError("auction.maxRounds: expected a number of rounds for bidders that are asked, got nothing");
  const run = new Questions(bidders, options);
  if (rules.format === "english") await askToStay(rules, run);
  else if (rules.format === "dutch") await askToTake(rules, run);
  else if (rules.isCommitted === true) await askForCommitments(rules, run);
  else await askForBids(rules, run);
  const log: AuctionLog = { rules, bidders: run.names, entries: run.entries };
  return { result: replayAuction(log), log, absent: run.absent };
}

/** Asks bidders and takes down what counts. */
class Questions {
  readonly entries: AuctionEntry[] = [];
  readonly absent: Absence[] = [];
  readonly names: readonly string[];
  readonly #bidders: Readonly<Record<string, Bidder>>;
  readonly #options: AskAgentsOptions;

  constructor(bidders: Readonly<Record<string, Bidder>>, options: AskAgentsOptions) {
    this.names = Object.keys(bidders);
    this.#bidders = bidders;
    this.#options = options;
  }

  async ask<T>(
    names: readonly string[],
    question: AuctionQuestion,
    read: (answer: unknown) => { readonly value: T } | string,
  ): Promise<Answers<T>> {
    const heard = await askAgents(names, (name, signal) => this.#bidders[name]?.(structuredClone(question), signal), {
      ...this.#options,
      asked: question.type,
      read,
    });
    this.absent.push(...heard.absent);
    return heard;
  }
}

async function askForBids(rules: SealedRules, run: Questions): Promise<void> {
  const { answers } = await run.ask(run.names, { type: "bid", rules }, readBid);
  for (const { agent: bidder, answer: amount, at } of answers) {
    if (amount !== null) run.entries.push({ type: "bid", bidder, amount, at });
  }
}

async function askForCommitments(rules: SealedRules, run: Questions): Promise<void> {
  const { answers } = await run.ask(run.names, { type: "commitment", rules }, readCommitment);
  const made = answers.flatMap(({ agent, answer, at }) => (answer === null ? [] : [{ agent, commitment: answer, at }]));
  for (const { agent: bidder, commitment, at } of made)
    run.entries.push({ type: "commitment", bidder, commitment, at });
  const commitments = Object.fromEntries(made.map(({ agent, commitment }) => [agent, commitment]));
  const names = made.map(({ agent }) => agent);
  const revealed = await run.ask(names, { type: "reveal", rules, commitments }, readReveal);
  for (const { agent: bidder, answer, at } of revealed.answers) {
    run.entries.push({ type: "reveal", bidder, ...answer, at });
  }
}

async function askToStay(rules: EnglishRules, run: Questions): Promise<void> {
  const { reserve = 0, increment = 1, maxRounds = 1 } = rules;
  let staying = run.names;
  for (let round = 0; round < maxRounds && (staying.length > 1 || (round === 0 && staying.length > 0)); round++) {
    const price = reserve + round * increment;
    const { answers, absent } = await run.ask(staying, { type: "stay", rules, price, staying }, readDecision);
    const leaving = answers.filter(({ answer }) => !answer).map(({ agent, at }) => ({ agent, at }));
    // The absent have no time of their own: they left when the last answer was in.
    const end = Math.max(0, ...answers.map(({ at }) => at));
    for (const { agent: bidder, at } of [...leaving, ...absent.map(({ agent }) => ({ agent, at: end }))])
      run.entries.push({ type: "left", bidder, price, at });
    staying = answers.filter(({ answer }) => answer).map(({ agent }) => agent);
  }
}

async function askToTake(rules: DutchRules, run: Questions): Promise<void> {
  const { start, reserve = 0, decrement = 1 } = rules;
  for (let price = start; price >= reserve && run.entries.length === 0; price -= decrement) {
    const { answers } = await run.ask(run.names, { type: "take", rules, price }, readDecision);
    for (const { agent: bidder, answer, at } of answers) {
      if (answer) run.entries.push({ type: "taken", bidder, price, at });
    }
  }
}

function readBid(answer: unknown): { readonly value: number | null } | string {
  if (answer === null || isAmount(answer)) return { value: answer };
  return `expected ${amountText} or null, got ${describe(answer)}`;
}

function readCommitment(answer: unknown): { readonly value: string | null } | string {
  if (answer === null || (typeof answer === "string" && /^[0-9a-f]{64}$/.test(answer))) return { value: answer };
  return `expected 64 hex digits or null, got ${describe(answer)}`;
}

function readReveal(answer: unknown): { readonly value: { readonly amount: number; readonly nonce: string } } | string {
  const { amount, nonce } = isPlainObject(answer) ? answer : {};
  if (isAmount(amount) && typeof nonce === "string") return { value: { amount, nonce } };
  return `expected { amount, nonce }, got ${describe(answer)}`;
}

function readDecision(answer: unknown): { readonly value: boolean } | string {
  return typeof answer === "boolean" ? { value: answer } : `expected true or false, got ${describe(answer)}`;
}
