import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { messageOf, UsageError } from "#foundation";
import { examplesFromRecords } from "#programs";
import type { Example, Signature } from "#programs";
import { readCsv } from "./csv.ts";
import { readJsonl } from "./jsonl.ts";

interface FileRecord {
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

const readers: Readonly<Record<string, (text: string, file: string) => FileRecord[]>> = {
  ".jsonl": readJsonl,
  ".ndjson": readJsonl,
  ".csv": readCsv,
};

/**
 * The examples in a JSONL or CSV file, whose keys or columns are named like the signature's fields. Throws `UsageError`
 * that names the file and the lines that are wrong; an empty file is wrong too. `note` hears of outputs that the file
 * seems to have under other names.
 */
export async function readExamplesFile(
  file: string,
  signature: Signature,
  note: (text: string) => void = () => {},
): Promise<Example[]> {
  const read = readers[extname(file).toLowerCase()];
  if (read === undefined)
    throw new UsageError(`${file}: expected a file of examples, .jsonl (one JSON object a line) or .csv`);
  const content = await contentOf(file);
  const records = read(content, file);
  if (records.length === 0) {
    const what = content.trim() === "" ? "the file is empty" : "there are no rows below the header";
    throw new UsageError(`${file}: expected at least one example, but ${what}`);
  }
  checkColumns(file, signature, records, note);
  return examplesFromRecords(
    signature,
    records.map(({ values }) => values),
    (record) => `${file}:${records[record - 1]?.line}`,
  );
}

/** Fields that no record has are told together with what the records have instead. */
function checkColumns(
  file: string,
  { inputs, outputs }: Signature,
  records: readonly FileRecord[],
  note: (text: string) => void,
): void {
  const found = new Set(records.flatMap(({ values }) => Object.keys(values)));
  const names = (fields: Signature["inputs"]): string => fields.map(({ name }) => name).join(", ");
  const absent = (fields: Signature["inputs"]): Signature["inputs"] => fields.filter(({ name }) => !found.has(name));
  const known = new Set([...inputs, ...outputs].map(({ name }) => name));
  const unknown = [...found].filter((name) => !known.has(name));
  const has = `found ${[...found].join(", ") || "nothing"}; expected ${names(inputs)} and ${names(outputs)}`;
  const missing = absent(inputs).filter(({ optional }) => optional !== true);
  if (missing.length > 0) throw new UsageError(`${file}: no record has ${names(missing)}: ${has}`);
  const unsaid = absent(outputs);
  if (unsaid.length > 0 && unknown.length > 0) note(`${file}: no record has ${names(unsaid)}: ${has}`);
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(resolve(file), "utf8");
  } catch (error) {
    throw new UsageError(`${file}: cannot read the examples: ${messageOf(error)}`);
  }
}
