import { table } from "./rules.ts";

/**
 * Which of these folders of src stands directly on which, a line a folder, the highest first: what is also reached by a
 * way round is left out.
 */
export function diagram(there: readonly string[]): string[] {
  const isThere = (folder: string): boolean => folder in table && (folder === "" || there.includes(folder));
  const doorsOf = (folder: string): readonly string[] => table[folder]?.doors.filter(isThere) ?? [];
  const reached = (folder: string): readonly string[] => doorsOf(folder).flatMap((door) => [door, ...reached(door)]);
  const direct = (folder: string): readonly string[] =>
    doorsOf(folder).filter((door) => !doorsOf(folder).some((other) => reached(other).includes(door)));
  const folders = Object.keys(table)
    .filter(isThere)
    .toSorted((a, b) => new Set(reached(b)).size - new Set(reached(a)).size);
  const name = (folder: string): string => (folder === "" ? "src/*.ts" : folder);
  const width = Math.max(...folders.map((folder) => name(folder).length));
  return folders.map((folder) => `${name(folder).padEnd(width)} → ${direct(folder).join(", ")}`.replace(/ *→ $/, ""));
}
