import { hash32 } from "./words/hash.ts";

/** Counts how often each prompt was asked before, for the last `maxPrompts` different prompts. */
export function repetitionCounter(maxPrompts = 10_000): (prompt: string) => number {
  const counts = new Map<string, number>();
  return (prompt) => {
    const key = `${prompt.length} ${hash32(prompt, 1)} ${hash32(prompt, 2)}`;
    const before = counts.get(key) ?? 0;
    if (before === 0 && counts.size >= maxPrompts) for (const oldest of counts.keys()) if (counts.delete(oldest)) break;
    counts.set(key, before + 1);
    return before;
  };
}
