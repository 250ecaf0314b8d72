import { describe, isPlainObject, jsonDefect } from "#foundation";
import type { Json } from "#foundation";

/** What an agent wants a variable to be. */
export interface Preference {
  readonly agent: string;
  readonly value: Json;
  /** How much it counts, relative to the others: at least 0, 1 unless told. */
  readonly weight?: number;
}

/** A preference that has been checked. */
export interface WeightedPreference extends Preference {
  readonly weight: number;
}

/** Why agents did not come to a value, an allocation or a price. */
export type NegotiationErrorCode =
  | "no_preferences"
  /** A value that is no JSON, a weight that is none, two preferences of one agent. */
  | "invalid_preference"
  | "zero_weight"
  /** Someone is named who takes no part. */
  | "unknown_agent"
  /** No value that anybody could agree on is allowed. */
  | "constraint_violation"
  | "no_consensus"
  | "no_bids"
  /** There were bids, none as high as the reserve. */
  | "below_reserve"
  | "invalid_configuration";

export interface NegotiationError {
  readonly code: NegotiationErrorCode;
  readonly message: string;
}

/** A negotiation that came to nothing. */
export interface NotNegotiated {
  readonly ok: false;
  readonly error: NegotiationError;
}

export function notNegotiated(code: NegotiationErrorCode, message: string): NotNegotiated {
  return { ok: false, error: { code, message } };
}

/** The preferences with all weights, or why they cannot be negotiated. */
export function checkPreferences(
  preferences: readonly Preference[],
): { readonly ok: true; readonly value: readonly WeightedPreference[] } | NotNegotiated {
  if (preferences.length === 0) return notNegotiated("no_preferences", "nobody wants anything");
  const agents = new Set<string>();
  for (const preference of preferences) {
    const defect = isPlainObject(preference) ? preferenceDefect(preference) : "expected { agent, value, weight? }";
    if (defect !== undefined) return notNegotiated("invalid_preference", defect);
    if (agents.has(preference.agent))
      return notNegotiated("invalid_preference", `${preference.agent} has two preferences`);
    agents.add(preference.agent);
  }
  const value = preferences.map((preference) => ({ ...preference, weight: preference.weight ?? 1 }));
  return value.every(({ weight }) => weight === 0)
    ? notNegotiated("zero_weight", "every weight is 0")
    : { ok: true, value };
}

/** What is wrong with a preference; it may be anything. */
export function preferenceDefect({
  agent,
  value,
  weight,
}: Partial<Record<keyof Preference, unknown>>): string | undefined {
  if (typeof agent !== "string" || agent === "") return `expected an agent's name, got ${describe(agent)}`;
  const defect = jsonDefect(value);
  if (defect !== undefined) return `${agent}: expected a JSON value, but ${defect}`;
  if (weight === undefined) return undefined;
  const isWeight = typeof weight === "number" && Number.isFinite(weight) && weight >= 0;
  return isWeight ? undefined : `${agent}: expected a weight of at least 0, got ${describe(weight)}`;
}
