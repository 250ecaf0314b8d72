import type { Json } from "#foundation";

/** How many tokens a text is likely to have: a quarter of its characters, as text variables count. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** The same of JSON, whose marks are tokens of their own: a third of its characters. */
export function jsonTokensOf(value: Json): number {
  return Math.ceil(JSON.stringify(value).length / 3);
}

/** The value with every text in it cut to so many characters: its beginning and its end stay. */
export function clipped(value: Json, maxCharacters: number): Json {
  if (typeof value === "string") {
    if (value.length <= maxCharacters) return value;
    const tail = Math.floor(maxCharacters / 4);
    return `${value.slice(0, maxCharacters - tail)} … ${value.slice(value.length - tail)}`;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => clipped(item, maxCharacters));
  const entries = Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, clipped(item, maxCharacters)]));
}
