import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { readLiteral } from "../dialects/python-literal.ts";
import { listIn, nameKey } from "./material.ts";

/**
 * The records that a text holds, in whichever of these forms: a list (or lines) of JSON or Python dicts, DSPy's
 * `Example({…})`, Markdown headings under `# Example 1`, blocks of `Name: value` lines.
 */
export function readRecords(text: string): JsonObject[] {
  const listed = listIn(text);
  if (listed !== undefined) return listed.flatMap(recordOf);
  const written = writtenRecords(text);
  if (written.length > 0) return written;
  return /^#+ /m.test(text) ? markdownRecords(text) : cuedRecords(text);
}

function recordOf(item: Json): JsonObject[] {
  if (typeof item === "string") return readRecords(item);
  return isPlainObject(item) ? [item] : [];
}

/** Every dict that begins where none is open. */
function writtenRecords(text: string): JsonObject[] {
  const records: JsonObject[] = [];
  for (let at = text.indexOf("{"); at >= 0;) {
    const read = readLiteral(text, at);
    const end = read !== undefined && isPlainObject(read.value) ? read.end : at + 1;
    if (read !== undefined && isPlainObject(read.value)) {
      const keys = /^\)\s*\(input_keys=\{([^}]*)\}\)/.exec(text.slice(end, end + 400))?.[1];
      records.push(keys === undefined ? read.value : splitByKeys(read.value, keys));
    }
    at = text.indexOf("{", end);
  }
  return records;
}

function splitByKeys(record: JsonObject, keys: string): JsonObject {
  const inputs = new Set([...keys.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, one, other]) => one ?? other));
  const part = (isInput: boolean): JsonObject =>
    Object.fromEntries(Object.entries(record).filter(([name]) => inputs.has(name) === isInput));
  return { inputs: part(true), expected: part(false) };
}

interface Section {
  readonly name: string;
  readonly level: number;
  readonly lines: string[];
}

/** GEPA's form: a heading per example, below it headings for inputs, outputs and feedback, below those the fields. */
function markdownRecords(text: string): JsonObject[] {
  const records: Section[][] = [];
  for (const line of text.split("\n")) {
    const { marks, name } = /^(?<marks>#{1,6}) (?<name>.+)$/.exec(line)?.groups ?? {};
    if (marks?.length === 1) records.push([]);
    const sections = records.at(-1);
    if (marks === undefined || name === undefined) sections?.at(-1)?.lines.push(line);
    else if (marks.length > 1) {
      if (sections === undefined) records.push([{ name: name.trim(), level: marks.length, lines: [] }]);
      else sections.push({ name: name.trim(), level: marks.length, lines: [] });
    }
  }
  return records.filter((sections) => sections.length > 0).map(nestSections);
}

function nestSections(sections: readonly Section[]): JsonObject {
  const record: Record<string, Json> = {};
  let at = 0;
  while (at < sections.length) {
    const { name, level, lines } = sections[at] as Section;
    let end = at + 1;
    while (end < sections.length && (sections[end] as Section).level > level) end++;
    record[name] = end > at + 1 ? nestSections(sections.slice(at + 1, end)) : lines.join("\n").trim();
    at = end;
  }
  return record;
}

const cue = /^(?:[-*] )?(?<name>\p{L}[\p{L}\p{N} _-]{0,40}):(?<rest>.*)$/u;

/** Blocks of `Name: value` lines; the name that comes first begins each block. */
function cuedRecords(text: string): JsonObject[] {
  const records: Record<string, string>[] = [];
  let [first, current] = ["", ""];
  for (const line of text.split("\n")) {
    const { name, rest = "" } = cue.exec(line)?.groups ?? {};
    const record = records.at(-1);
    if (name !== undefined) {
      if (first === "") first = name;
      current = name;
      if (nameKey(name) === nameKey(first) || record === undefined) records.push({ [name]: rest.trim() });
      else record[name] = rest.trim();
    } else if (record !== undefined && line.trim() !== "") record[current] = `${record[current] ?? ""}\n${line}`.trim();
  }
  return records;
}
