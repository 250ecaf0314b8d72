import { integerBelow, pick } from "tutti/foundation";
import type { Json, Rng } from "tutti/foundation";

/** A wrong output of the same kind: a number off by a little, a character or an item changed or lost. */
export function disturbed(output: Json, rng: Rng): Json {
  if (typeof output === "number") return output + pick(rng, [-3, -2, -1, 1, 2, 3]);
  if (typeof output === "string") return disturbedText(output, rng);
  if (!Array.isArray(output)) return output;
  const items: readonly Json[] = output;
  const at = integerBelow(rng, items.length);
  const lost = items.filter((_, index) => index !== at);
  if (items.length > 1 && rng.next() < 0.5) return lost;
  return items.map((item, index) => (index === at ? disturbed(item, rng) : item));
}

function disturbedText(text: string, rng: Rng): string {
  const at = integerBelow(rng, text.length);
  if (text.length > 1 && rng.next() < 0.5) return text.slice(0, at) + text.slice(at + 1);
  const other = text[at] === "q" ? "z" : "q";
  return text.slice(0, at) + other + text.slice(at + 1);
}
