import { pick } from "tutti/foundation";
import type { Rng } from "tutti/foundation";
import { listToList, listToNumber } from "../../programs/list-components.ts";
import { numberComponents } from "../../programs/number-components.ts";
import { treeHypothesis } from "../../programs/tree.ts";
import type { Tree } from "../../programs/tree.ts";
import type { GroundTruth } from "./ground-truth.ts";
import { integerBetween } from "./integer-between.ts";

/**
 * A chain of two to four operations on a list of whole numbers; in three of five, one number of what is left; in one of
 * five, an arithmetic combination of two numbers of it, which lists alone do not express.
 */
export function listTruth(rng: Rng): GroundTruth {
  const kind = rng.next();
  let tree: Tree = { argument: 0 };
  for (let left = kind < 0.8 ? integerBetween(rng, 2, 4) : 1; left > 0; left--) {
    tree = { component: pick(rng, listToList), operands: [tree] };
  }
  const reduced = (): Tree => ({ component: pick(rng, listToNumber), operands: [tree] });
  if (kind >= 0.2 && kind < 0.8) tree = reduced();
  if (kind >= 0.8) tree = { component: pick(rng, numberComponents.slice(0, 5)), operands: [reduced(), reduced()] };
  return {
    ...treeHypothesis(tree),
    sample: (chance) => [Array.from({ length: integerBetween(chance, 4, 9) }, () => integerBetween(chance, -9, 20))],
  };
}
