import { kindOf } from "./value.ts";
import type { Kind } from "./value.ts";
import type { Pair } from "./visible-task.ts";

/** What a planner can tell from the visible pairs without solving the task. */
export interface Features {
  readonly argumentKinds: readonly (Kind | "other")[];
  readonly outputKind: Kind | "other";
  readonly argumentCount: number;
  /** The mean length of the first argument: characters, items or digits. */
  readonly inputLength: number;
}

/** A row and a column of a 3 × 3 routing table. */
export interface RoutingCell {
  /** What goes in. */
  readonly row: "number" | "text" | "list";
  /** What comes out. */
  readonly column: "number" | "text" | "list";
}

export const routingKinds: readonly RoutingCell["row"][] = ["number", "text", "list"];

/** The features of these pairs. */
export function featuresOf(pairs: readonly Pair[]): Features {
  const first = pairs[0];
  const lengths = pairs.map(({ input }) => (Array.isArray(input[0]) ? input[0].length : String(input[0] ?? "").length));
  return {
    argumentKinds: first?.input.map((value) => kindOf(value) ?? "other") ?? [],
    outputKind: kindOf(first?.output) ?? "other",
    argumentCount: first?.input.length ?? 0,
    inputLength: lengths.reduce((total, length) => total + length, 0) / Math.max(1, lengths.length),
  };
}

/** The routing cell of these pairs: the kind of the first argument and the kind of the output. */
export function routingCell(pairs: readonly Pair[]): RoutingCell {
  const { argumentKinds, outputKind } = featuresOf(pairs);
  return { row: routingKind(argumentKinds[0]), column: routingKind(outputKind) };
}

function routingKind(kind: Kind | "other" | undefined): RoutingCell["row"] {
  if (kind === "number" || kind === "flag") return "number";
  return kind === "text" ? "text" : "list";
}
