import { isContent, stems } from "../words/features.ts";

/** The stems of a label's name: camelCase, snake_case and kebab-case are split. */
export function labelWords(label: string): string[] {
  return stems(label.replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, " ").replace(/[_\-./]+/g, " "));
}

/** Words of a label's name found in a text over the square root of how many it has; stop words count little. */
export function nameOverlap(name: readonly string[], textStems: ReadonlySet<string>): number {
  if (name.length === 0) return 0;
  const unique = new Set(name);
  let hits = 0;
  for (const stem of unique) if (textStems.has(stem)) hits += isContent(stem) ? 1 : 0.15;
  return hits / Math.sqrt(unique.size);
}
