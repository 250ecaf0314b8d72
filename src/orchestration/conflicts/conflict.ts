import { canonicalJson, describe, jsonDefect } from "#foundation";
import type { Json } from "#foundation";

/** Why the wishes do not go together: of one value, of one resource, or of one time. */
export type ConflictType = (typeof conflictTypes)[number];

const conflictTypes = ["value_incompatible", "resource_competition", "temporal_constraint"] as const;

/** Agents that want different things of one variable. Plain JSON. */
export interface VariableConflict {
  readonly variableId: string;
  /** Two or more, in the order in which they asked: ties go to the earlier. */
  readonly conflictingAgents: readonly string[];
  /** What each wants, in the order of the agents. Of a resource: how much, a number of at least 0. */
  readonly requestedValues: readonly Json[];
  readonly conflictType: ConflictType;
  /** Of a resource: how much there is. Without it agents get shares of 1. */
  readonly available?: number;
}

/** What an agent wants of a variable. */
export interface Wish {
  readonly agent: string;
  readonly value: Json;
}

/** The wishes of a conflict, or what is wrong with it. */
export type Wishes =
  | { readonly ok: true; readonly wishes: readonly Wish[] }
  | { readonly ok: false; readonly defect: string };

export function wishesOf(conflict: VariableConflict): Wishes {
  const defect = conflictDefect(conflict);
  if (defect !== undefined) return { ok: false, defect };
  const { conflictingAgents, requestedValues } = conflict;
  return {
    ok: true,
    wishes: conflictingAgents.map((agent, index) => ({ agent, value: requestedValues[index] ?? null })),
  };
}

/** The different values that are wished for, in the order of the first wish. */
export function candidatesOf(wishes: readonly Wish[]): readonly Json[] {
  return distinct(wishes.map(({ value }) => value));
}

/** Without those that come again; equal is what has the same canonical JSON. */
export function distinct(values: readonly Json[]): readonly Json[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

function conflictDefect(conflict: VariableConflict): string | undefined {
  const { conflictingAgents: agents, requestedValues: values, conflictType, available } = conflict;
  if (!conflictTypes.includes(conflictType)) return `${describe(conflictType)} is no type of conflict`;
  if (agents.length === 0) return "no agents";
  if (new Set(agents).size < agents.length) return "an agent is named twice";
  if (agents.length !== values.length) return `${agents.length} agents, but ${values.length} requested values`;
  for (const [index, value] of values.entries()) {
    const defect = value === undefined ? "value is nothing" : jsonDefect(value);
    if (defect !== undefined) return `what ${agents[index]} requests is not JSON: ${defect}`;
    if (conflictType === "resource_competition" && !isAmount(value)) {
      return `${agents[index]} requests ${describe(value)} of a resource, not a finite number of at least 0`;
    }
  }
  return available === undefined || isAmount(available)
    ? undefined
    : `${describe(available)} is available, not a finite number of at least 0`;
}

function isAmount(value: Json): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
