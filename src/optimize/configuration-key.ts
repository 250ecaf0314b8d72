import { canonicalJson } from "#foundation";
import type { Configuration } from "#variables";

/** What makes two configurations the same. Remembered: they hold texts and demonstrations, never change, and are compared often. */
export function keyOf(configuration: Configuration): string {
  const known = keys.get(configuration);
  if (known !== undefined) return known;
  const key = canonicalJson(configuration);
  keys.set(configuration, key);
  return key;
}

const keys = new WeakMap<Configuration, string>();
