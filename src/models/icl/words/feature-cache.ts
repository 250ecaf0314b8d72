import { features } from "./features.ts";
import type { Features } from "./features.ts";

/** Features by text. */
export type FeatureSource = (text: string) => Features;

/**
 * Remembers the features of the latest texts, up to `maxCharacters` of them in all (demos come back with every call).
 * A character costs about a hundred bytes of features.
 */
export function cachedFeatures(read: FeatureSource = features, maxCharacters = 300_000): FeatureSource {
  const known = new Map<string, Features>();
  let characters = 0;
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    const fresh = read(text);
    known.set(text, fresh);
    characters += text.length;
    for (const oldest of known.keys()) {
      if (characters <= maxCharacters) break;
      known.delete(oldest);
      characters -= oldest.length;
    }
    return fresh;
  };
}
