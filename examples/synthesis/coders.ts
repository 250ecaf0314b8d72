import type { CoderId } from "./coder-parameters.ts";
import { branchCoder } from "./coders/branch-coder.ts";
import type { Coder } from "./coders/coder.ts";
import { enumCoder, listCoder } from "./coders/enum-coder.ts";
import { extractCoder } from "./coders/extract-coder.ts";
import { formatCoder } from "./coders/format-coder.ts";
import { polyCoder } from "./coders/poly-coder.ts";

export type { Coder, CoderLimits, Proposal } from "./coders/coder.ts";

/** The six search algorithms by id. */
export const coders: Readonly<Record<CoderId, Coder>> = {
  enumCoder,
  formatCoder,
  polyCoder,
  branchCoder,
  extractCoder,
  listCoder,
};
