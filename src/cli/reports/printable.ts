/**
 * The same plain data with texts that a terminal prints as they are: what models wrote, or whoever wrote the examples,
 * must not move the cursor, colour the screen or set the window's title. Ends of lines and tabs stay.
 */
export function printable<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  // oxlint-disable-next-line no-control-regex
  if (typeof value === "string") return value.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, "\uFFFD");
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [cleaned(name), cleaned(inner)]));
}
