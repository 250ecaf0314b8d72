/** An agent that works for a coordinator. */
export interface Subordinate {
  readonly agent: string;
  /** What it can do, in the words of the plan. */
  readonly capabilities: readonly string[];
  /** To whom it answers: the coordinator by default, or another subordinate. */
  readonly parent?: string;
}

/** How large a hierarchy may be. */
export interface TreeLimits {
  /** How many levels below the coordinator. */
  readonly maxDepth: number;
  /** How many answer to one agent. */
  readonly maxFanOut: number;
}

/** Who answers to whom: one root, one parent for everyone else, no rings. An immutable value; plain JSON. */
export interface Tree extends TreeLimits {
  readonly root: string;
  /** Everyone but the root, in the order of the subordinates. */
  readonly parents: Readonly<Record<string, string>>;
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
}

export type TreeResult = { readonly ok: true; readonly tree: Tree } | { readonly ok: false; readonly defect: string };

/** The tree of a coordinator and its subordinates, or what keeps it from being one. */
export function treeOf(root: string, subordinates: readonly Subordinate[], limits: TreeLimits): TreeResult {
  const names = subordinates.map(({ agent }) => agent);
  if (names.includes(root)) return failed(`the coordinator ${root} is its own subordinate`);
  if (new Set(names).size < names.length) return failed("a subordinate is named twice");
  const parents = Object.fromEntries(subordinates.map(({ agent, parent = root }) => [agent, parent]));
  const capabilities = Object.fromEntries(subordinates.map((one) => [one.agent, one.capabilities]));
  const tree: Tree = { ...limits, root, parents, capabilities };
  for (const agent of names) {
    const parent = parents[agent] ?? root;
    if (parent !== root && !names.includes(parent)) return failed(`${agent} answers to ${parent}, who is not there`);
    const depth = depthOf(tree, agent);
    if (depth === Infinity) return failed(`${agent} answers to itself`);
    if (depth > limits.maxDepth)
      return failed(`${agent} is ${depth} levels below ${root}, at most ${limits.maxDepth} may be`);
  }
  const crowded = [root, ...names].find((agent) => childrenOf(tree, agent).length > limits.maxFanOut);
  return crowded === undefined ? { ok: true, tree } : failed(`more than ${limits.maxFanOut} answer to ${crowded}`);
}

/** Everyone, the root first. */
export function agentsOf({ root, parents }: Tree): readonly string[] {
  return [root, ...Object.keys(parents)];
}

export function childrenOf({ parents }: Tree, agent: string): readonly string[] {
  return Object.keys(parents).filter((child) => parents[child] === agent);
}

/** From the root down to the agent, both included. */
export function pathTo(tree: Tree, agent: string): readonly string[] {
  const path = [agent];
  for (let parent = parentOf(tree, agent); parent !== undefined; parent = parentOf(tree, parent)) {
    if (path.includes(parent)) return [];
    path.unshift(parent);
  }
  return path;
}

/** Levels below the root; infinite for one that answers to itself. */
export function depthOf(tree: Tree, agent: string): number {
  const path = pathTo(tree, agent);
  return path.length === 0 ? Infinity : path.length - 1;
}

/**
 * The tree without an agent: the first who answered to it takes its place; the others, with who answers to them, find
 * one below it or, where the limits leave no room for them, elsewhere; in the end one by one, so that there is always
 * room. `undefined`: nobody is left.
 */
export function withoutAgent(tree: Tree, agent: string): Tree | undefined {
  if (!agentsOf(tree).includes(agent)) return tree;
  const [heir, ...orphans] = childrenOf(tree, agent);
  const above = parentOf(tree, agent);
  if (heir === undefined) return above === undefined ? undefined : kept(tree, (name) => name !== agent);
  const root = above === undefined ? heir : tree.root;
  const seated = Object.entries(tree.parents).flatMap(([child, parent]): [string, string][] => {
    if (child === agent || (child === heir && above === undefined)) return [];
    return [[child, child === heir ? (above ?? heir) : parent]];
  });
  const capabilities = Object.fromEntries(Object.entries(tree.capabilities).filter(([name]) => name !== agent));
  let next: Tree = { ...tree, root, parents: Object.fromEntries(seated), capabilities };
  for (const orphan of orphans) next = placed(next, orphan, heir);
  return next;
}

/** The branch of an orphan below someone with room for it, else the orphan alone and then those below it. */
function placed(tree: Tree, orphan: string, heir: string): Tree {
  const branch = byLevel(tree, orphan);
  const places = [...byLevel(tree, heir), ...byLevel(tree, tree.root)].filter((name) => !branch.includes(name));
  const whole = places.find((name) => hasRoom(tree, name, heightOf(tree, orphan)));
  const place = whole ?? places.find((name) => hasRoom(tree, name, 1));
  if (place === undefined) return kept(tree, (name) => !branch.includes(name));
  const seated = { ...tree, parents: { ...tree.parents, [orphan]: place } };
  if (whole !== undefined) return seated;
  const below = childrenOf(tree, orphan);
  const parents = Object.fromEntries(Object.entries(seated.parents).filter(([child]) => !below.includes(child)));
  return below.reduce((next, child) => placed(next, child, heir), { ...seated, parents });
}

function parentOf({ parents }: Tree, agent: string): string | undefined {
  return Object.hasOwn(parents, agent) ? parents[agent] : undefined;
}

/** An agent and everyone below it, the upper levels first. */
function byLevel(tree: Tree, agent: string): readonly string[] {
  const found = [agent];
  for (const name of found) found.push(...childrenOf(tree, name));
  return found;
}

function hasRoom(tree: Tree, place: string, height: number): boolean {
  return childrenOf(tree, place).length < tree.maxFanOut && depthOf(tree, place) + height <= tree.maxDepth;
}

/** Levels of an agent with everyone below it: 1 for one alone. */
function heightOf(tree: Tree, agent: string): number {
  return 1 + Math.max(0, ...childrenOf(tree, agent).map((child) => heightOf(tree, child)));
}

function kept(tree: Tree, stays: (agent: string) => boolean): Tree {
  const only = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => stays(name)));
  return { ...tree, parents: only(tree.parents), capabilities: only(tree.capabilities) };
}

function failed(defect: string): TreeResult {
  return { ok: false, defect };
}
