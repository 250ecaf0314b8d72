import { canonicalJson, describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { notNegotiated } from "./negotiation.ts";
import type { NotNegotiated, WeightedPreference } from "./negotiation.ts";
import { areNumbers } from "./weighted-values.ts";

export interface TrustOptions {
  /** How much each agent (outer) believes each (inner), relative to the others; the weights of the preferences unless told. */
  readonly trust?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How far opinions may be apart in the end, as a part of `range`; 1e-6 unless told. */
  readonly tolerance?: number;
  /** 100 unless told. */
  readonly maxRounds?: number;
}

/** What repeated listening came to. */
export interface Opinions {
  readonly ok: true;
  readonly value: Json;
  readonly rounds: number;
  /** How far the last opinions are apart. */
  readonly spread: number;
}

/**
 * Everyone takes the mean of all opinions, weighted by trust, again and again: x ← W·x (DeGroot, 1974). Opinions about
 * numbers are numbers; about anything else, shares of the proposed values, of which the largest wins in the end (of
 * equal ones the first proposed). `no_consensus` where opinions stay apart.
 */
export function trustedOpinion(
  preferences: readonly WeightedPreference[],
  range: number,
  { trust, tolerance = 1e-6, maxRounds = 100 }: TrustOptions = {},
): Opinions | NotNegotiated {
  for (const [key, limit] of Object.entries({ tolerance, maxRounds })) {
    if (!Number.isFinite(limit) || limit < 0)
      throw new UsageError(`consensus.${key}: expected a finite number of at least 0, got ${describe(limit)}`);
  }
  // By name: no sum depends on who spoke first.
  const agents = preferences.toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
  const rows = trustRows(agents, trust);
  if (!rows.ok) return rows;
  const numbers = areNumbers(preferences);
  const options = distinct(preferences.map(({ value }) => value));
  let opinions = agents.map(({ value }) =>
    numbers ? [value as number] : options.map((option) => Number(canonicalJson(option) === canonicalJson(value))),
  );
  const limit = tolerance * (numbers ? range : 1);
  for (let rounds = 0; ; rounds++) {
    const spread = spreadOf(opinions);
    if (spread <= limit) {
      const middle = middleOf(opinions);
      const heaviest = middle.reduce((best, share, index) => (share > (middle[best] ?? 0) + 1e-9 ? index : best), 0);
      return { ok: true, value: numbers ? (middle[0] ?? 0) : (options[heaviest] ?? null), rounds, spread };
    }
    if (rounds >= maxRounds)
      return notNegotiated("no_consensus", `after ${rounds} rounds opinions are still ${spread} apart`);
    opinions = rows.value.map((row) => listened(row, opinions));
  }
}

type Rows = { readonly ok: true; readonly value: readonly (readonly number[])[] } | NotNegotiated;

/** The rows of W: what everyone gives everyone, together 1. */
function trustRows(agents: readonly WeightedPreference[], trust: TrustOptions["trust"]): Rows {
  const rows: number[][] = [];
  for (const { agent } of agents) {
    const told = trust !== undefined && Object.hasOwn(trust, agent) ? trust[agent] : undefined;
    const row = agents.map((other) => (told === undefined ? other.weight : (told[other.agent] ?? 0)));
    if (!row.every((part) => Number.isFinite(part) && part >= 0) || row.every((part) => part === 0))
      return notNegotiated("invalid_configuration", `trust of ${agent}: expected parts of at least 0, not all 0`);
    const largest = Math.max(...row);
    const total = row.reduce((sum, part) => sum + part / largest, 0);
    rows.push(row.map((part) => part / largest / total));
  }
  return { ok: true, value: rows };
}

function listened(row: readonly number[], opinions: readonly (readonly number[])[]): number[] {
  return (opinions[0] ?? []).map((_, place) => {
    const heard = opinions.map((opinion) => opinion[place] ?? 0);
    const mean = heard.reduce((sum, each, index) => sum + (row[index] ?? 0) * each, 0);
    // Inside what was heard, whatever the rounding.
    return Math.min(Math.max(mean, Math.min(...heard)), Math.max(...heard));
  });
}

function spreadOf(opinions: readonly (readonly number[])[]): number {
  return Math.max(
    ...(opinions[0] ?? [0]).map((_, place) => {
      const each = opinions.map((opinion) => opinion[place] ?? 0);
      return Math.max(...each) - Math.min(...each);
    }),
  );
}

function middleOf(opinions: readonly (readonly number[])[]): readonly number[] {
  return (opinions[0] ?? []).map((_, place) => {
    const each = opinions.map((opinion) => opinion[place] ?? 0);
    const [low, high] = [Math.min(...each), Math.max(...each)];
    return low === high ? low : low / 2 + high / 2;
  });
}

function distinct(values: readonly Json[]): readonly Json[] {
  return [...new Map(values.toReversed().map((value) => [canonicalJson(value), value] as const)).values()].toReversed();
}
