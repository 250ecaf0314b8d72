import { describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { choice } from "#variables";
import type { ChoiceVariable } from "#variables";
import type { ManagedAgents } from "./agent.ts";

/** Who can do a kind of step, in the order in which the agents are given. */
export type Candidates = ReadonlyMap<string, readonly string[]>;

/** Who does a kind of step. */
export type Assignment = ReadonlyMap<string, string>;

/** The kinds of steps in the order in which they are first listed, each with those who list it. */
export function candidatesOf(agents: ManagedAgents): Candidates {
  const kinds = [...new Set(Object.values(agents).flatMap((agent) => agent.kinds))];
  return new Map(
    kinds.map((kind) => [kind, Object.keys(agents).filter((id) => agents[id]?.kinds.includes(kind) === true)]),
  );
}

/** The setting that says who does a kind of step. */
export function assignmentSetting(kind: string): string {
  return `agent_for_${kind}`;
}

/** A variable for each kind that more than one agent can do. */
export function assignmentVariables(candidates: Candidates): ChoiceVariable[] {
  return [...candidates]
    .filter(([, ids]) => ids.length > 1)
    .map(([kind, ids]) =>
      choice(assignmentSetting(kind), ids, { description: `The agent that does the steps of kind ${kind}` }),
    );
}

/**
 * Who does what: the configuration's choice, else the first candidate. Throws `UsageError` for an agent that is no
 * candidate.
 */
export function assign(candidates: Candidates, setting: (name: string) => Json | undefined): Assignment {
  return new Map(
    [...candidates].map(([kind, ids]): [string, string] => {
      const name = assignmentSetting(kind);
      const told = setting(name);
      const chosen = told === undefined ? ids[0] : told;
      if (typeof chosen === "string" && ids.includes(chosen)) return [kind, chosen];
      throw new UsageError(`configuration ${name}: expected one of ${ids.join(", ")}, got ${describe(chosen)}`);
    }),
  );
}
