import { describe } from "#foundation";
import type { Issue } from "#variables";

/** Something that can only start when others are done. */
export interface Needing {
  readonly id: string;
  readonly needs: readonly string[];
}

export type NeedsOrder =
  /** Everyone's needs are in earlier levels; one level can run at once. */
  | { readonly ok: true; readonly levels: readonly (readonly string[])[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** The order in which all can run, or why there is none: an id given twice, an unknown need, a cycle. */
export function orderByNeeds(nodes: readonly Needing[], what: string): NeedsOrder {
  const issues = [...duplicates(nodes, what), ...unknownNeeds(nodes, what)];
  if (issues.length > 0) return { ok: false, issues };
  const levels: string[][] = [];
  const done = new Set<string>();
  let rest = nodes;
  while (rest.length > 0) {
    const level = rest.filter(({ needs }) => needs.every((need) => done.has(need))).map(({ id }) => id);
    if (level.length === 0) return { ok: false, issues: [cycleIssue(rest, what)] };
    for (const id of level) done.add(id);
    levels.push(level);
    rest = rest.filter(({ id }) => !done.has(id));
  }
  return { ok: true, levels };
}

/** The issues as lines for people and planners. */
export function issueLines(issues: readonly Issue[]): string[] {
  return issues.map(({ path, expected, received }) => `${path}: expected ${expected}, got ${received}`);
}

function duplicates(nodes: readonly Needing[], what: string): Issue[] {
  const seen = new Set<string>();
  return nodes.flatMap(({ id }, index) => {
    const isTaken = seen.has(id);
    seen.add(id);
    return isTaken
      ? [{ path: `${what}[${index}].id`, expected: "an id of its own", received: `${describe(id)} again` }]
      : [];
  });
}

function unknownNeeds(nodes: readonly Needing[], what: string): Issue[] {
  const ids = new Set(nodes.map(({ id }) => id));
  return nodes.flatMap(({ needs }, index) =>
    needs.flatMap((need, place) =>
      ids.has(need)
        ? []
        : [{ path: `${what}[${index}].needs[${place}]`, expected: `an id of ${what}`, received: describe(need) }],
    ),
  );
}

/** Among nodes that all wait for one another: whoever follows needs must come back to where it has been. */
function cycleIssue(waiting: readonly Needing[], what: string): Issue {
  const byId = new Map(waiting.map((node) => [node.id, node]));
  const path: string[] = [];
  let next = waiting[0]?.id;
  while (next !== undefined && !path.includes(next)) {
    path.push(next);
    next = byId.get(next)?.needs.find((need) => byId.has(need));
  }
  const cycle = next === undefined ? path : [...path.slice(path.indexOf(next)), next];
  return { path: what, expected: "no cycle", received: cycle.join(" needs ") };
}
