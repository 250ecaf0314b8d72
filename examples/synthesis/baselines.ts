import type { Configuration } from "tutti/variables";
import type { CoderId } from "./coder-parameters.ts";
import { coderIds, viewPool } from "./synthesis-team.ts";

/** What one would set up by hand: values that differ from the team's default. */
export interface Baseline {
  readonly name: string;
  readonly overrides: Configuration;
}

const all = ["formatCoder", "extractCoder", "enumCoder", "polyCoder", "branchCoder", "listCoder"] as const;

/** All six at once with equal shares of operations and views; the reviewer chooses. */
export const allSix: Baseline = {
  name: "all six in parallel",
  overrides: { "team.coders": [...all], "team.net.pattern": "broadcast", ...views(all, viewPool / all.length) },
};

/** The planner routes by hand: numbers to polyCoder, texts to formatCoder, lists to listCoder. */
export const handWrittenStar: Baseline = {
  name: "hand-written star",
  overrides: {
    "team.coders": ["polyCoder", "formatCoder", "listCoder"],
    "team.net.pattern": "star",
    ...views(["polyCoder", "formatCoder", "listCoder"], 8),
  },
};

/** Each coder alone with as many examples as it can be shown. */
export const singles: readonly Baseline[] = coderIds.map((coder: CoderId) => ({
  name: `${coder} alone`,
  overrides: { "team.coders": [coder], ...views([coder], 6) },
}));

function views(coders: readonly CoderId[], count: number): Configuration {
  return Object.fromEntries(coders.map((coder) => [`team.views.${coder}`, count]));
}

/** One agent with all that a team may spend on a task. */
export function withLargestBudget({ name, overrides }: Baseline): Baseline {
  const coders = overrides["team.coders"] as readonly CoderId[];
  return {
    name: `${name}, largest budget`,
    overrides: { ...overrides, "team.operations.total": 40_000, ...views(coders, 8) },
  };
}
