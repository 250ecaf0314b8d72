import { describe, isPlainObject } from "#foundation";
import { askAgents } from "./ask-agents.ts";
import type { Absence } from "../conflicts/hearing.ts";
import type { AskAgentsOptions } from "./ask-agents.ts";
import { preferenceDefect } from "./negotiation.ts";
import type { Preference } from "./negotiation.ts";

/**
 * What an agent is asked for its preference: it answers `{ value, weight? }`, or `null` when it does not mind. The signal
 * aborts when its answer would be too late.
 */
export type Proposer = (variable: string, signal: AbortSignal) => unknown;

export interface Gathered {
  /** In the order of the agents. */
  readonly preferences: readonly Preference[];
  /** Who threw, was late or said something unusable. */
  readonly absent: readonly Absence[];
}

/** Asks agents what they want a variable to be, for `negotiateValue`. Never rejects for what an agent does. */
export async function gatherPreferences(
  variable: string,
  agents: Readonly<Record<string, Proposer>>,
  options: AskAgentsOptions = {},
): Promise<Gathered> {
  const { answers, absent } = await askAgents(
    Object.keys(agents),
    (agent, signal) => agents[agent]?.(variable, signal),
    {
      ...options,
      asked: `a value for ${variable}`,
      read: readProposal,
    },
  );
  const preferences = answers.flatMap(({ agent, answer }) => (answer === null ? [] : [{ agent, ...answer }]));
  return { preferences, absent };
}

function readProposal(answer: unknown): { readonly value: Omit<Preference, "agent"> | null } | string {
  if (answer === null) return { value: null };
  if (!isPlainObject(answer)) return `expected { value, weight? } or null, got ${describe(answer)}`;
  const { value, weight } = answer;
  const defect = preferenceDefect({ agent: "its preference", value, weight });
  if (defect !== undefined) return defect;
  const proposal = (weight === undefined ? { value } : { value, weight }) as Omit<Preference, "agent">;
  return { value: proposal };
}
