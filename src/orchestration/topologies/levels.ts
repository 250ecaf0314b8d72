import type { Edge } from "../trace.ts";

/**
 * The members in levels, each after all that send to it (Kahn 1962, a level at a time); `undefined` when they send in a
 * circle.
 */
export function levelsOf(members: readonly string[], edges: readonly Edge[]): string[][] | undefined {
  const levels: string[][] = [];
  let left = [...members];
  while (left.length > 0) {
    const waiting = new Set(edges.filter(({ from }) => left.includes(from)).map(({ to }) => to));
    const level = left.filter((member) => !waiting.has(member));
    if (level.length === 0) return undefined;
    levels.push(level);
    left = left.filter((member) => waiting.has(member));
  }
  return levels;
}
