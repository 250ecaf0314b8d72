import type { Json } from "tutti/foundation";

/** The ids of the six search algorithms. */
export type CoderId = "enumCoder" | "formatCoder" | "polyCoder" | "branchCoder" | "extractCoder" | "listCoder";

/** A local variable of a coder: its range and its default. */
export type CoderParameter =
  | {
      readonly name: string;
      readonly kind: "integer";
      readonly min: number;
      readonly max: number;
      readonly default: number;
    }
  | {
      readonly name: string;
      readonly kind: "float";
      readonly min: number;
      readonly max: number;
      readonly default: number;
    }
  | { readonly name: string; readonly kind: "choice"; readonly options: readonly Json[]; readonly default: Json };

const k: CoderParameter = { name: "k", kind: "choice", options: [1, 3, 5], default: 1 };

/** What may be tuned in each coder. */
export const coderParameters: Readonly<Record<CoderId, readonly CoderParameter[]>> = {
  enumCoder: [{ name: "maxSize", kind: "integer", min: 5, max: 11, default: 9 }, k],
  formatCoder: [{ name: "constPenalty", kind: "float", min: 0.4, max: 3, default: 1.5 }, k],
  polyCoder: [{ name: "degree", kind: "choice", options: ["auto", 1, 2], default: "auto" }, k],
  branchCoder: [{ name: "maxBranches", kind: "integer", min: 2, max: 4, default: 3 }, k],
  extractCoder: [k],
  listCoder: [{ name: "maxSize", kind: "integer", min: 5, max: 11, default: 9 }, k],
};
