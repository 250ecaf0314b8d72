import type { Json } from "tutti/foundation";

/** A value of a configuration for a person: numbers with two decimals at the most, lists without brackets. */
export function shortText(value: Json | undefined): string {
  if (typeof value === "number") return (Math.round(value * 100) / 100).toLocaleString("en");
  return Array.isArray(value) ? value.map(shortText).join(", ") : String(value);
}
