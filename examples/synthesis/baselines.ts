import type { Configuration } from "tutti/variables";
import type { CoderId } from "./coders/coder-parameters.ts";
import { coderIds, viewPool } from "./synthesis-team.ts";

/** A way to set up the team: values that differ from its default. */
export interface Baseline {
  readonly name: string;
  readonly overrides: Configuration;
}

/** The team as it was written first. */
export const asWritten: Baseline = { name: "default: enumCoder alone", overrides: {} };

const all = ["formatCoder", "extractCoder", "enumCoder", "polyCoder", "branchCoder", "listCoder"] as const;

/** All six at once with equal shares of operations and views; the reviewer chooses. */
export const allSix: Baseline = {
  name: "all six in parallel",
  overrides: { "team.coders": [...all], "team.net.pattern": "broadcast", ...views(all, viewPool / all.length) },
};

/** The planner routes by hand: numbers to polyCoder, texts to formatCoder, lists to listCoder. */
export const handWrittenStar: Baseline = {
  name: "hand-written star of three",
  overrides: {
    "team.coders": ["polyCoder", "formatCoder", "listCoder"],
    "team.net.pattern": "star",
    ...views(["polyCoder", "formatCoder", "listCoder"], 8),
  },
};

/** One agent alone. */
export interface Single extends Baseline {
  readonly coder: CoderId;
}

/** Each coder alone with a good share of the examples. */
export const singles: readonly Single[] = coderIds.map((coder) => ({
  name: `best single agent: ${coder}`,
  coder,
  overrides: { "team.coders": [coder], ...views([coder], 6) },
}));

/** One agent with as much as any team may spend on a task, and all examples. */
export function withLargestBudget({ coder, overrides }: Single): Baseline {
  return {
    name: "  the same, a team's budget",
    overrides: { ...overrides, "team.operations.total": 40_000, ...views([coder], 8) },
  };
}

function views(coders: readonly CoderId[], count: number): Configuration {
  return Object.fromEntries(coders.map((coder) => [`team.views.${coder}`, count]));
}
