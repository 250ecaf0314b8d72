import { describe, isPlainObject, jsonDefect, messageOf, systemClock, systemRng, UsageError } from "#foundation";
import type { Clock, JsonObject, Rng } from "#foundation";
import { openBallot } from "./ballot.ts";
import type { Ballot, Voter } from "./ballot.ts";
import { choicesOf, collectVotes } from "./collect-votes.ts";
import type { AbsentAgent, AskForVote } from "./collect-votes.ts";
import type { ConsensusAlgorithm, Link } from "./consensus-algorithm.ts";
import { consensusAlgorithmNamed } from "./consensus-algorithms.ts";
import { certificateOf, isOpen, tally } from "./tally.ts";
import type { Certificate } from "./tally.ts";
import type { Weight } from "./weights.ts";

export interface EstablishConsensusOptions {
  /** Asks an agent for its vote. One that throws, is late or says something else is absent. */
  readonly vote: AskForVote;
  /** By name, or one of your own; "simple_majority" by default. */
  readonly algorithm?: string | ConsensusAlgorithm;
  /** For "weighted_voting": what agents count; 1 unless told. */
  readonly weights?: Readonly<Record<string, Weight>>;
  /** The name of the ballot; "changes" by default. */
  readonly ballot?: string;
  /** How long agents may think, then how long a protocol may take to bring their votes together; 30,000 by default. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly rng?: Rng;
  /** Aborting it rejects with its reason. */
  readonly signal?: AbortSignal;
  /** For faults: what happens to messages between members. */
  readonly link?: Link;
}

/**
 * `no_majority`: enough was heard, nothing won. `no_quorum`: too few took part for anything to win. `timeout`: late votes
 * could have decided. `invalid_configuration`: the question cannot be put like this.
 */
export type ConsensusErrorCode = "no_majority" | "no_quorum" | "timeout" | "invalid_configuration";

export interface AgreedChanges {
  readonly changes: JsonObject;
  /** The part of all agents, by weight, that voted for it. */
  readonly confidence: number;
  readonly certificate: Certificate;
  readonly absent: readonly AbsentAgent[];
}

export interface ConsensusError {
  readonly code: ConsensusErrorCode;
  readonly message: string;
  readonly absent: readonly AbsentAgent[];
  /** The votes that did not suffice. */
  readonly certificate?: Certificate;
}

export type ConsensusResult =
  | { readonly ok: true; readonly value: AgreedChanges }
  | { readonly ok: false; readonly error: ConsensusError };

/**
 * Lets agents vote on changes (variable → value): on one set of them, which comes about or not, or on several, of which
 * one can win. All are asked at the same time and all are waited for, so that the confidence does not depend on
 * who is fast. The result has a certificate that anybody can `recount`.
 */
export async function establishConsensus(
  agents: readonly string[],
  changes: JsonObject | readonly JsonObject[],
  options: EstablishConsensusOptions,
): Promise<ConsensusResult> {
  const question = questionOf(agents, changes, options);
  if (typeof question === "string") return failed("invalid_configuration", question, []);
  const { algorithm, alternatives } = question;
  const { vote, signal, timeoutMs = 30_000, clock = systemClock } = options;
  const { ballot, absent } = await collectVotes(question.ballot, { alternatives, vote, timeoutMs, clock, signal });
  const needed = algorithm.quorum?.(agents.length) ?? 0;
  if (ballot.votes.length < needed) {
    const message = `${algorithm.name}: ${ballot.votes.length} of ${agents.length} agents take part, ${needed} are needed`;
    return failed("no_quorum", message, absent, ballot);
  }
  const agreed = await agreedBallot(ballot, algorithm, options);
  if (!agreed.ok) return failed(agreed.error.code, agreed.error.message, absent, ballot);
  return resultOf(agreed.ballot, { algorithm, alternatives, absent });
}

interface Question {
  readonly algorithm: ConsensusAlgorithm;
  readonly alternatives: readonly JsonObject[];
  readonly ballot: Ballot;
}

/** The question that is put, or why it cannot be. */
function questionOf(
  agents: readonly string[],
  changes: JsonObject | readonly JsonObject[],
  options: EstablishConsensusOptions,
): Question | string {
  try {
    const alternatives = alternativesOf(changes);
    const { algorithm: named = "simple_majority", ballot: id = "changes" } = options;
    const algorithm = typeof named === "string" ? consensusAlgorithmNamed(named) : named;
    requireTime(options.timeoutMs ?? 30_000);
    const defect = algorithm.defect?.(agents.length);
    if (defect !== undefined) return `${algorithm.name}: ${defect}`;
    const voters = algorithm.weighted === true ? weightsOf(agents, options.weights ?? {}) : agents;
    if (algorithm.weighted !== true && options.weights !== undefined) return `${algorithm.name} knows no weights`;
    return {
      algorithm,
      alternatives,
      ballot: openBallot({ id, voters, choices: choicesOf(alternatives), rule: algorithm.rule }),
    };
  } catch (error) {
    if (error instanceof UsageError) return messageOf(error);
    throw error;
  }
}

type Agreed =
  | { readonly ok: true; readonly ballot: Ballot }
  | { readonly ok: false; readonly error: { readonly code: "no_quorum" | "timeout"; readonly message: string } };

/** The ballot as all members know it. */
async function agreedBallot(
  ballot: Ballot,
  algorithm: ConsensusAlgorithm,
  options: EstablishConsensusOptions,
): Promise<Agreed> {
  if (algorithm.agree === undefined || ballot.votes.length === 0) return { ok: true, ballot };
  const { clock = systemClock, rng = systemRng(), timeoutMs = 30_000, signal, link } = options;
  const members = ballot.terms.voters.map(({ voter }) => voter);
  const room = { members, clock, rng, timeoutMs, signal, ...(link && { link }) };
  const result = await algorithm.agree(ballot.votes, room);
  return result.ok ? { ok: true, ballot: { ...ballot, votes: result.votes } } : result;
}

function resultOf(
  ballot: Ballot,
  { algorithm, alternatives, absent }: Omit<Question, "ballot"> & { readonly absent: readonly AbsentAgent[] },
): ConsensusResult {
  const { winner, confidence, shares, turnout } = tally(ballot);
  const changes = winner === "yes" ? alternatives[0] : alternatives[Number(winner ?? Number.NaN)];
  if (changes !== undefined) {
    return { ok: true, value: { changes, confidence, certificate: certificateOf(ballot), absent } };
  }
  const counts = shares.map(({ choice, share }) => `${choice} ${share}`).join(", ");
  const message = `${algorithm.name}: ${turnout} of the electorate voted: ${counts}`;
  return failed(winner === null ? codeOf(ballot, absent) : "no_majority", message, absent, ballot);
}

/** Why nothing has won: who could have changed it. */
function codeOf(ballot: Ballot, absent: readonly AbsentAgent[]): ConsensusErrorCode {
  const late = absent.filter(({ reason }) => reason === "late").map(({ agent }) => agent);
  if (late.length > 0 && isOpen(ballot, late)) return "timeout";
  const present = ballot.votes.map(({ voter }) => voter);
  return isOpen({ ...ballot, votes: [] }, present) ? "no_majority" : "no_quorum";
}

function failed(
  code: ConsensusErrorCode,
  message: string,
  absent: readonly AbsentAgent[],
  ballot?: Ballot,
): ConsensusResult {
  return { ok: false, error: { code, message, absent, ...(ballot && { certificate: certificateOf(ballot) }) } };
}

function alternativesOf(changes: JsonObject | readonly JsonObject[]): readonly JsonObject[] {
  const alternatives = Array.isArray(changes) ? (changes as readonly JsonObject[]) : [changes as JsonObject];
  if (alternatives.length === 0) throw new UsageError("establishConsensus: expected changes to vote on, got none");
  for (const each of alternatives) {
    const defect = isPlainObject(each) ? jsonDefect(each) : `got ${describe(each)}`;
    if (defect !== undefined)
      throw new UsageError(`establishConsensus: expected changes as variable → value; ${defect}`);
  }
  return alternatives;
}

function weightsOf(agents: readonly string[], weights: Readonly<Record<string, Weight>>): readonly Voter[] {
  const stranger = Object.keys(weights).find((agent) => !agents.includes(agent));
  if (stranger !== undefined) throw new UsageError(`establishConsensus: ${stranger} has a weight and does not vote`);
  return agents.map((voter) => ({ voter, weight: Object.hasOwn(weights, voter) ? (weights[voter] ?? 1) : 1 }));
}

function requireTime(timeoutMs: number): void {
  if (!(timeoutMs > 0) || !Number.isFinite(timeoutMs)) {
    throw new UsageError(`establishConsensus: expected timeoutMs as a finite time above 0, got ${describe(timeoutMs)}`);
  }
}
