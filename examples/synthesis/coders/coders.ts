import type { CoderId } from "./coder-parameters.ts";
import { branchCoder } from "./branch-coder.ts";
import type { Coder } from "./coder.ts";
import { enumCoder, listCoder } from "./enum-coder.ts";
import { extractCoder } from "./extract-coder.ts";
import { formatCoder } from "./format-coder.ts";
import { polyCoder } from "./poly-coder.ts";

/** The six search algorithms by id. */
export const coders: Readonly<Record<CoderId, Coder>> = {
  enumCoder,
  formatCoder,
  polyCoder,
  branchCoder,
  extractCoder,
  listCoder,
};
