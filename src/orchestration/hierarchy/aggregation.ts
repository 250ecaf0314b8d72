import type { Json } from "#foundation";
import { childrenOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** What one agent has to pass on: its own results, and what those who answer to it have passed on. */
export interface Part {
  readonly agent: string;
  /** Results of its own, by step. */
  readonly results: Readonly<Record<string, Json>>;
  /** What came from below, by agent. */
  readonly below: Readonly<Record<string, Json>>;
}

/** The steps' results, each with its owner. */
export type OwnedResults = Readonly<Record<string, { readonly owner: string; readonly result: Json }>>;

/**
 * Passes results up the tree: `combine` makes one value of an agent's part, the leaves first, and the value of the root
 * is what all comes to. Each result is in one part, its owner's; of an owner that is not there any more it is in the
 * root's.
 */
export async function aggregateUp(
  tree: Tree,
  owned: OwnedResults,
  combine: (part: Part) => Promise<Json>,
): Promise<Json> {
  const isThere = (agent: string): boolean => agent === tree.root || Object.hasOwn(tree.parents, agent);
  const up = async (agent: string): Promise<Json> => {
    const own = Object.entries(owned).filter(([, { owner }]) => (isThere(owner) ? owner : tree.root) === agent);
    const results = Object.fromEntries(own.map(([step, { result }]) => [step, result]));
    const children = childrenOf(tree, agent);
    const values = await Promise.all(children.map(up));
    const below = Object.fromEntries(children.map((child, index) => [child, values[index] ?? null]));
    return combine({ agent, results, below });
  };
  return up(tree.root);
}

/** All results of a part and of what is below it, by step. */
export function merged({ results, below }: Part): Json {
  const parts = Object.values(below).filter((part) => typeof part === "object" && part !== null);
  return Object.assign({}, ...parts, results) as Json;
}
