import { describe, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Variable } from "#variables";
import { auctionedValue } from "./auctioned-value.ts";
import type { AuctionedValue, ValueAuction } from "./auctioned-value.ts";
import { evolvedValue } from "./evolved-value.ts";
import type { EvolvedValue } from "./evolved-value.ts";
import type { EvolutionOptions } from "./genetic/evolve-agreement.ts";
import { hierarchicalValue } from "./hierarchy-of-values.ts";
import type { HierarchicalValue, HierarchyOptions } from "./hierarchy-of-values.ts";
import { checkPreferences, notNegotiated } from "./negotiation.ts";
import type { NotNegotiated, Preference, WeightedPreference } from "./negotiation.ts";
import { trustedOpinion } from "./trust.ts";
import type { Opinions, TrustOptions } from "./trust.ts";
import {
  boundsOf,
  checkConstraints,
  constraintsOf,
  isContradictory,
  isFeasible,
  nearestFeasible,
} from "./value-constraints.ts";
import type { Feasible, ValueConstraints } from "./value-constraints.ts";
import { areNumbers, weightedMean, weightedMiddle, weightedPlurality } from "./weighted-values.ts";

/** How agents come to a value. Its name alone where it needs to be told nothing. */
export type NegotiationStrategy =
  | StrategyName
  /** Σ w·v / Σ w; what has the most weight behind it, where values are no numbers. */
  | { readonly name: "weighted_consensus" }
  /** Everyone listens to those they trust until all say the same. */
  | ({ readonly name: "consensus" } & TrustOptions)
  /** The highest bid says the value. */
  | ({ readonly name: "auction" } & ValueAuction)
  /** The value v of the largest −Σ w·|v − vᵢ|: the weighted median. Nobody gains by saying another value than their own. */
  | { readonly name: "market_based" }
  /** The coordinator says the value, or the median comes up the tree. */
  | ({ readonly name: "hierarchical" } & HierarchyOptions)
  /** Values are bred for Σ w·exp(−((v − vᵢ)/range)²). */
  | ({ readonly name: "genetic" } & Omit<EvolutionOptions, "rng">);

export type StrategyName = "weighted_consensus" | "consensus" | "auction" | "market_based" | "hierarchical" | "genetic";

export interface NegotiateValueOptions {
  /** "weighted_consensus" unless told. */
  readonly strategy?: NegotiationStrategy;
  /** They hold together with what the variable itself allows. */
  readonly constraints?: ValueConstraints;
  /** For `genetic`; a fixed one unless told. */
  readonly rng?: Rng;
}

export type NegotiationResult =
  | {
      readonly ok: true;
      readonly value: Json;
      /** What the strategy came to, before the constraints. */
      readonly negotiated: Json;
      /** What the strategy has to tell of how it came to it. */
      readonly report: NegotiationReport;
    }
  | NotNegotiated;

export type NegotiationReport =
  | { readonly strategy: "weighted_consensus" | "market_based" }
  | ({ readonly strategy: "consensus" } & Omit<Opinions, "ok" | "value">)
  | ({ readonly strategy: "auction" } & Omit<AuctionedValue, "ok" | "value">)
  | ({ readonly strategy: "hierarchical" } & Omit<HierarchicalValue, "ok" | "value">)
  | ({ readonly strategy: "genetic" } & Omit<EvolvedValue, "ok" | "value">);

/**
 * One value of what several agents want, by a strategy, within the constraints. A number that is not allowed becomes
 * the nearest that is (the lower of two); other values take part only if they are allowed. A variable that is named only
 * has no range of its own. Never throws for what agents want; `UsageError` for options that are none.
 */
export function negotiateValue(
  variable: Variable | string,
  preferences: readonly Preference[],
  options: NegotiateValueOptions = {},
): NegotiationResult {
  const { strategy: told = "weighted_consensus", constraints = {}, rng } = options;
  const feasible: Feasible = [
    checkConstraints(constraints),
    ...(typeof variable === "string" ? [] : constraintsOf(variable)),
  ];
  const strategy = typeof told === "string" ? ({ name: told } as Exclude<NegotiationStrategy, string>) : told;
  const checked = checkPreferences(preferences);
  if (!checked.ok) return checked;
  if (isContradictory(feasible)) return notNegotiated("constraint_violation", "the constraints allow nothing");
  const stranger = strangerIn(strategy, checked.value);
  if (stranger !== undefined) return notNegotiated("unknown_agent", `${stranger} has no preference`);
  // Numbers can be moved to what is allowed, and parts of a value are not the value.
  const isWhole = !areNumbers(checked.value) && !(strategy.name === "auction" && strategy.format === "combinatorial");
  const taking = isWhole ? checked.value.filter(({ value }) => isFeasible(value, feasible)) : checked.value;
  if (taking.every(({ weight }) => weight === 0))
    return notNegotiated("constraint_violation", "nothing that anybody wants is allowed");
  const range = rangeOf(taking, feasible);
  const reached = reachedBy(strategy, taking, { variable, feasible, range, rng });
  if (!reached.ok) return reached;
  const { value: negotiated, report } = reached;
  const numbers = taking.flatMap(({ value }) => (typeof value === "number" ? value : []));
  const value = isFeasible(negotiated, feasible) ? negotiated : projected(negotiated, feasible, numbers);
  if (value === undefined)
    return notNegotiated("constraint_violation", `${describe(negotiated)} is not allowed, nor is anything near`);
  return { ok: true, value, negotiated, report };
}

interface Frame {
  readonly variable: Variable | string;
  readonly feasible: Feasible;
  readonly range: number;
  readonly rng: Rng | undefined;
}

type Reached = { readonly ok: true; readonly value: Json; readonly report: NegotiationReport } | NotNegotiated;

function reachedBy(
  strategy: Exclude<NegotiationStrategy, string>,
  preferences: readonly WeightedPreference[],
  frame: Frame,
): Reached {
  switch (strategy.name) {
    case "weighted_consensus":
      return { ok: true, value: meanOf(preferences), report: { strategy: strategy.name } };
    case "market_based":
      return { ok: true, value: weightedMiddle(preferences), report: { strategy: strategy.name } };
    case "consensus":
      return told(strategy.name, trustedOpinion(preferences, frame.range, strategy));
    case "auction":
      return told(strategy.name, auctionedValue(preferences, strategy));
    case "hierarchical":
      return told(strategy.name, hierarchicalValue(preferences, strategy));
    case "genetic": {
      const { rng } = frame;
      return told(
        strategy.name,
        evolvedValue(preferences, frame, { ...strategy, ...(rng === undefined ? {} : { rng }) }),
      );
    }
    default: {
      const { name } = strategy as { readonly name: unknown };
      const names = "weighted_consensus, consensus, auction, market_based, hierarchical or genetic";
      throw new UsageError(`negotiateValue.strategy: expected ${names}, got ${describe(name)}`);
    }
  }
}

function told(
  strategy: StrategyName,
  result: ({ readonly ok: true; readonly value: Json } & object) | NotNegotiated,
): Reached {
  if (!result.ok) return result;
  const { ok: _ok, value, ...report } = result;
  // Each strategy's result is its report and the value; the union of both pairs them by name.
  return { ok: true, value, report: { strategy, ...report } as NegotiationReport };
}

function meanOf(preferences: readonly WeightedPreference[]): Json {
  return areNumbers(preferences) ? weightedMean(preferences) : weightedPlurality(preferences);
}

function projected(value: Json, feasible: Feasible, proposals: readonly number[]): Json | undefined {
  return typeof value === "number" ? nearestFeasible(value, feasible, proposals) : undefined;
}

/** How far apart values can be: by the constraints, else by what is proposed. */
function rangeOf(preferences: readonly WeightedPreference[], feasible: Feasible): number {
  const numbers = preferences.flatMap(({ value }) => (typeof value === "number" ? value : []));
  const { low, high } = boundsOf(feasible);
  const range = high - low;
  if (Number.isFinite(range)) return Math.max(0, range);
  return numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers);
}

/** Someone whom the strategy names without a preference of theirs. Only a hierarchy has places for such. */
function strangerIn(
  strategy: Exclude<NegotiationStrategy, string>,
  preferences: readonly WeightedPreference[],
): string | undefined {
  const named =
    strategy.name === "auction"
      ? Object.keys(strategy.bids ?? {})
      : strategy.name === "consensus"
        ? Object.entries(strategy.trust ?? {}).flatMap(([agent, row]) => [agent, ...Object.keys(row)])
        : [];
  const agents = new Set(preferences.map(({ agent }) => agent));
  return named.find((agent) => !agents.has(agent));
}
