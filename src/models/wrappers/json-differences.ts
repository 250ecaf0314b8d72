import { isPlainObject } from "#foundation";

/** Where two values of JSON differ, in words: `messages[1].content: recorded "a", asked "b"`. */
export function jsonDifferences(recorded: unknown, asked: unknown, path = ""): readonly string[] {
  if (Object.is(recorded, asked)) return [];
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const length = Math.max(recorded.length, asked.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      jsonDifferences(recorded[index], asked[index], `${path}[${index}]`),
    );
  }
  if (isPlainObject(recorded) && isPlainObject(asked)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(asked)]);
    return [...names].flatMap((name) =>
      jsonDifferences(recorded[name], asked[name], path === "" ? name : `${path}.${name}`),
    );
  }
  const from = firstDifference(recorded, asked);
  return [`${path || "value"}: recorded ${shown(recorded, from)}, asked ${shown(asked, from)}`];
}

/** In long texts what differs is shown with a little of what comes before. */
function firstDifference(a: unknown, b: unknown): number {
  if (typeof a !== "string" || typeof b !== "string") return 0;
  let place = 0;
  while (place < a.length && a[place] === b[place]) place++;
  return Math.max(0, place - 20);
}

const shownLength = 60;

function shown(value: unknown, from: number): string {
  if (value === undefined) return "nothing";
  if (typeof value !== "string") return cut(JSON.stringify(value));
  const text = JSON.stringify(value.slice(from, from + shownLength));
  return `${from > 0 ? "…" : ""}${text}${value.length > from + shownLength ? "…" : ""}`;
}

function cut(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
