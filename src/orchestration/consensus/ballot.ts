import { describe, UsageError } from "#foundation";
import { wholeWeights } from "./weights.ts";
import type { Weight } from "./weights.ts";

/**
 * What wins. `majority`: more than half of the electorate, so that who abstains or is silent counts against everything.
 * `majority_of_cast`: more than half of the votes for something, if the quorum has voted. `plurality`: more than every
 * other choice, if the quorum has voted. `unanimous`: all of the electorate. A tie is no decision in any of them.
 */
export type VotingRule = "majority" | "majority_of_cast" | "plurality" | "unanimous";

export interface Voter {
  readonly voter: string;
  readonly weight: Weight;
}

/** What is fixed when a ballot opens. */
export interface BallotTerms {
  readonly id: string;
  /** The electorate. */
  readonly voters: readonly Voter[];
  readonly choices: readonly string[];
  readonly rule: VotingRule;
  /** The part of the electorate's weight that must be cast, abstentions included. */
  readonly quorum: Weight;
  /** Later votes do not count. `null`: it closes when it is counted. */
  readonly closesAt: number | null;
}

export interface BallotOptions {
  readonly id: string;
  /** Who may vote; who comes without a weight counts 1. */
  readonly voters: readonly (string | Voter)[];
  readonly choices: readonly string[];
  /** "majority" by default. */
  readonly rule?: VotingRule;
  /** For `majority_of_cast` and `plurality`, between 0 and 1; a half by default. */
  readonly quorum?: Weight;
  readonly closesAt?: number;
}

/** A vote; `null` abstains. */
export interface Vote {
  readonly ballot: string;
  readonly voter: string;
  readonly choice: string | null;
}

export interface Ballot {
  readonly terms: BallotTerms;
  /** The first vote of each voter. */
  readonly votes: readonly Vote[];
  /** Who has voted for more than one thing. */
  readonly equivocators: readonly string[];
}

export type VoteRefusal = "wrong_ballot" | "foreign" | "unknown_choice" | "late" | "duplicate" | "equivocation";

export interface CastResult {
  readonly ballot: Ballot;
  /** Why the vote does not count. */
  readonly refused?: VoteRefusal;
}

const rules: readonly VotingRule[] = ["majority", "majority_of_cast", "plurality", "unanimous"];

/**
 * Opens a ballot: from now on nobody comes into the electorate, and weights that change elsewhere do not matter to it.
 * Throws a `UsageError` without voters or choices, for doubled ones, for weights that are negative, not finite or all
 * zero, and for a quorum that its rule does not know.
 */
export function openBallot(options: BallotOptions): Ballot {
  const { id, choices, rule = "majority", closesAt = null } = options;
  const where = `ballot ${id}`;
  const voters = options.voters.map((voter) => (typeof voter === "string" ? { voter, weight: 1 } : { ...voter }));
  const electorate = voters.map(({ voter }) => voter);
  requireDistinct(electorate, `${where}: voters`);
  requireDistinct(choices, `${where}: choices`);
  if (
    wholeWeights(
      voters.map(({ weight }) => weight),
      where,
    ).every((weight) => weight === 0n)
  ) {
    throw new UsageError(`${where}: expected a voter with a weight above 0`);
  }
  if (!rules.includes(rule))
    throw new UsageError(`${where}: expected a rule of ${rules.join(", ")}, got ${describe(rule)}`);
  if (closesAt !== null && !Number.isFinite(closesAt)) {
    throw new UsageError(`${where}: expected closesAt as a finite time, got ${describe(closesAt)}`);
  }
  return {
    terms: { id, voters, choices: [...choices], rule, quorum: quorumOf(options, rule), closesAt },
    votes: [],
    equivocators: [],
  };
}

/**
 * Takes a vote in. The first vote of a voter counts and stays; the same again changes nothing, another one is reported
 * as equivocation. Votes of others, for other ballots, for something that is no choice and after the end change nothing.
 */
export function castVote(ballot: Ballot, vote: Vote, at: number): CastResult {
  const { terms, votes, equivocators } = ballot;
  const { voter, choice } = vote;
  const refused = defectOf(terms, vote) ?? (terms.closesAt !== null && at > terms.closesAt ? "late" : undefined);
  if (refused !== undefined) return { ballot, refused };
  const first = votes.find((earlier) => earlier.voter === voter);
  if (first === undefined) return { ballot: { ...ballot, votes: [...votes, { ballot: terms.id, voter, choice }] } };
  if (first.choice === choice) return { ballot, refused: "duplicate" };
  const reported = equivocators.includes(voter) ? ballot : { ...ballot, equivocators: [...equivocators, voter] };
  return { ballot: reported, refused: "equivocation" };
}

/** What is wrong with a vote whenever it comes. */
export function defectOf(terms: BallotTerms, { ballot, voter, choice }: Vote): VoteRefusal | undefined {
  if (ballot !== terms.id) return "wrong_ballot";
  if (!terms.voters.some((member) => member.voter === voter)) return "foreign";
  return choice === null || terms.choices.includes(choice) ? undefined : "unknown_choice";
}

function quorumOf({ id, quorum }: BallotOptions, rule: VotingRule): Weight {
  if (rule === "majority" || rule === "unanimous") {
    if (quorum === undefined) return 0;
    throw new UsageError(`ballot ${id}: expected no quorum with ${rule}, which asks for votes of the whole electorate`);
  }
  const [part = 0n, whole = 0n] = wholeWeights([quorum ?? 0.5, 1], `ballot ${id}: quorum`);
  if (part > whole) throw new UsageError(`ballot ${id}: expected a quorum between 0 and 1, got ${describe(quorum)}`);
  return quorum ?? 0.5;
}

function requireDistinct(names: readonly string[], where: string): void {
  if (names.length === 0) throw new UsageError(`${where}: expected at least one`);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new UsageError(`${where}: expected each once, got ${describe(twice)} twice`);
}
