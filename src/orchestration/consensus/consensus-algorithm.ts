import type { Clock, Rng } from "#foundation";
import type { Vote, VotingRule } from "./ballot.ts";

/**
 * How agents come to one decision: what wins, and how all of them come to know the same votes. The agents' votes are the
 * input; a protocol may lose some of them, it never makes one.
 */
export interface ConsensusAlgorithm {
  /** Snake case, as configurations name it. */
  readonly name: string;
  readonly rule: VotingRule;
  /** Whether agents may have weights; otherwise each counts 1. */
  readonly weighted?: boolean;
  /** How many of so many agents must take part for a decision to be possible. */
  readonly quorum?: (members: number) => number;
  /** Why it cannot work with so many agents. */
  readonly defect?: (members: number) => string | undefined;
  /** Brings the votes to agreement; not needed where one place counts them. */
  readonly agree?: (votes: readonly Vote[], room: AgreementRoom) => Promise<AgreementResult>;
}

export interface AgreementRoom {
  /** All agents. Those without a vote do not take part: they are down. */
  readonly members: readonly string[];
  readonly clock: Clock;
  readonly rng: Rng;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Loses, delays and repeats messages; all arrive at once and once unless told. */
  readonly link?: Link;
}

/** After how many milliseconds each copy of a message arrives: none is a loss, two are a repetition. */
export type Link = (message: { readonly from: string; readonly to: string }) => readonly number[];

export type AgreementResult =
  | { readonly ok: true; readonly votes: readonly Vote[] }
  | { readonly ok: false; readonly error: { readonly code: "no_quorum" | "timeout"; readonly message: string } };
