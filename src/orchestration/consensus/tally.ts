import { canonicalJson } from "#foundation";
import { defectOf } from "./ballot.ts";
import type { Ballot, BallotTerms, Vote } from "./ballot.ts";
import { shareOf, wholeWeights } from "./weights.ts";

export interface Tally {
  /** `null`: no decision. */
  readonly winner: string | null;
  /** The winner's part of the whole electorate's weight; 0 without a winner. */
  readonly confidence: number;
  /** Each choice's part of the whole electorate's weight, in the order of the choices. */
  readonly shares: readonly { readonly choice: string; readonly share: number }[];
  /** The part of the electorate's weight that was cast, abstentions included. */
  readonly turnout: number;
}

/** All that somebody else needs to count again. */
export interface Certificate {
  readonly terms: BallotTerms;
  readonly votes: readonly Vote[];
  readonly winner: string | null;
}

export type RecountErrorCode =
  | "other_terms"
  | "wrong_ballot"
  | "foreign"
  | "unknown_choice"
  | "double_vote"
  | "wrong_winner";

export type RecountResult =
  | { readonly ok: true; readonly value: Tally }
  | { readonly ok: false; readonly error: { readonly code: RecountErrorCode; readonly message: string } };

/** Counts what was cast. The order of the votes does not matter, neither do the names of voters and choices. */
export function tally({ terms, votes }: Ballot): Tally {
  const counted = countOf(terms, votes);
  const winner = winnerOf(terms, counted);
  const shares = terms.choices.map((choice) => ({
    choice,
    share: shareOf(counted.for.get(choice) ?? 0n, counted.total),
  }));
  return {
    winner,
    confidence: shares.find(({ choice }) => choice === winner)?.share ?? 0,
    shares,
    turnout: shareOf(counted.cast, counted.total),
  };
}

/** Whether some choice would win if these voters, silent until now, all voted for it. */
export function isOpen(ballot: Ballot, silent: readonly string[]): boolean {
  const { terms, votes } = ballot;
  const waiting = silent.filter((voter) => !votes.some((vote) => vote.voter === voter));
  return terms.choices.some((choice) => {
    const late = waiting.map((voter) => ({ ballot: terms.id, voter, choice }));
    return tally({ ...ballot, votes: [...votes, ...late] }).winner !== null;
  });
}

export function certificateOf(ballot: Ballot): Certificate {
  return { terms: ballot.terms, votes: ballot.votes, winner: tally(ballot).winner };
}

/**
 * Counts a certificate again, believing nothing in it: every vote of a different member of the electorate, for this
 * ballot and a choice of it, and the winner that they make. With `terms`, the ballot as one saw it open, the
 * certificate must be of exactly that; without, its own terms are taken as given.
 */
export function recount(certificate: Certificate, terms: BallotTerms = certificate.terms): RecountResult {
  const { votes, winner } = certificate;
  if (canonicalJson(termsJson(certificate.terms)) !== canonicalJson(termsJson(terms))) {
    return refuted("other_terms", `the certificate of ${certificate.terms.id} has other terms than the ballot`);
  }
  const seen = new Set<string>();
  for (const vote of votes) {
    const defect = defectOf(terms, vote);
    if (defect === "wrong_ballot" || defect === "foreign" || defect === "unknown_choice") {
      return refuted(defect, `${vote.voter}'s vote for ${vote.choice} does not belong to ballot ${terms.id}`);
    }
    if (seen.has(vote.voter)) return refuted("double_vote", `${vote.voter} has two votes`);
    seen.add(vote.voter);
  }
  const counted = tally({ terms, votes, equivocators: [] });
  if (counted.winner === winner) return { ok: true, value: counted };
  return refuted("wrong_winner", `the votes make ${counted.winner ?? "nothing"} win, not ${winner ?? "nothing"}`);
}

interface Count {
  readonly total: bigint;
  readonly cast: bigint;
  readonly for: ReadonlyMap<string, bigint>;
}

function countOf(terms: BallotTerms, votes: readonly Vote[]): Count {
  const weights = wholeWeights(
    terms.voters.map(({ weight }) => weight),
    `ballot ${terms.id}`,
  );
  const weightOf = new Map(terms.voters.map(({ voter }, place) => [voter, weights[place] ?? 0n]));
  const sums = new Map<string, bigint>();
  let cast = 0n;
  for (const { voter, choice } of votes) {
    const weight = weightOf.get(voter) ?? 0n;
    cast += weight;
    if (choice !== null) sums.set(choice, (sums.get(choice) ?? 0n) + weight);
  }
  return { total: weights.reduce((sum, weight) => sum + weight, 0n), cast, for: sums };
}

function winnerOf(terms: BallotTerms, { total, cast, for: sums }: Count): string | null {
  const [best, second] = [...sums].sort(([, a], [, b]) => Number(b > a) - Number(a > b));
  if (best === undefined || best[1] === 0n) return null;
  const [choice, weight] = best;
  const [needed = 0n, whole = 1n] = wholeWeights([terms.quorum, 1], `ballot ${terms.id}: quorum`);
  const isQuorum = cast * whole >= total * needed;
  const forSomething = [...sums.values()].reduce((sum, each) => sum + each, 0n);
  const wins = {
    majority: weight * 2n > total,
    majority_of_cast: isQuorum && weight * 2n > forSomething,
    plurality: isQuorum && weight > (second?.[1] ?? 0n),
    unanimous: weight === total,
  };
  return wins[terms.rule] ? choice : null;
}

/** The terms as JSON: the fields of a ballot and no others. */
function termsJson({ id, voters, choices, rule, quorum, closesAt }: BallotTerms): Parameters<typeof canonicalJson>[0] {
  const electorate = voters.map(({ voter, weight }) => ({ voter, weight }));
  return { id, voters: electorate, choices: [...choices], rule, quorum, closesAt };
}

function refuted(code: RecountErrorCode, message: string): RecountResult {
  return { ok: false, error: { code, message } };
}
