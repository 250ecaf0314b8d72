import type { Json } from "tutti/foundation";
import { kindOf } from "../programs/value.ts";
import type { Pair } from "../tasks/task.ts";

export type RoutingKind = "number" | "text" | "list";
export const routingKinds: readonly RoutingKind[] = ["number", "text", "list"];

/** A row and a column of the planner's 3 × 3 routing table. */
export interface RoutingCell {
  /** What goes in. */
  readonly row: RoutingKind;
  /** What comes out. */
  readonly column: RoutingKind;
}

/** The routing cell of these pairs: the kind of the first argument and the kind of the output. */
export function routingCell([first]: readonly Pair[]): RoutingCell {
  return { row: routingKind(first?.input[0]), column: routingKind(first?.output) };
}

function routingKind(value: Json | undefined): RoutingKind {
  const kind = kindOf(value);
  if (kind === "number" || kind === "flag") return "number";
  return kind === "text" ? "text" : "list";
}
