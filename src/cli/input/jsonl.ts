import { isPlainObject, messageOf, UsageError } from "#foundation";
import { shortened } from "../terminal/words.ts";

/** One line of a JSONL file. */
export interface JsonlRecord {
  /** Counted from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Reads one JSON object a line; blank lines are left out. Throws `UsageError` that lists the broken lines. */
export function readJsonl(text: string, file: string): JsonlRecord[] {
  const defects: string[] = [];
  const records: JsonlRecord[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, content] of lines.entries()) {
    if (content.trim() === "") continue;
    const values = parseLine(content);
    if (typeof values === "string") defects.push(`${file}:${index + 1}: ${values}`);
    else records.push({ line: index + 1, values });
  }
  if (defects.length === 0) return records;
  const more = defects.length > 10 ? [`and ${defects.length - 10} more`] : [];
  const all = records.length + defects.length;
  throw new UsageError(`${file}: ${defects.length} of ${all} lines are no JSON objects`, [
    ...defects.slice(0, 10),
    ...more,
  ]);
}

function parseLine(content: string): Record<string, unknown> | string {
  const shown = shortened(content, 60);
  try {
    const value: unknown = JSON.parse(content);
    return isPlainObject(value) ? value : `expected a JSON object, got ${shown}`;
  } catch (error) {
    return `expected a JSON object, got ${shown} (${shortened(messageOf(error), 80)})`;
  }
}
