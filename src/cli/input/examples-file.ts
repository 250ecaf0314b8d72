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
 * that names the file and the lines that are wrong; an empty file is wrong too.
 */
export async function readExamplesFile(file: string, signature: Signature): Promise<Example[]> {
  const read = readers[extname(file).toLowerCase()];
  if (read === undefined)
    throw new UsageError(`${file}: expected a file of examples, .jsonl (one JSON object a line) or .csv`);
  const records = read(await contentOf(file), file);
  if (records.length === 0) throw new UsageError(`${file}: expected at least one example, but the file is empty`);
  return examplesFromRecords(
    signature,
    records.map(({ values }) => values),
    (record) => `${file}:${records[record - 1]?.line}`,
  );
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(resolve(file), "utf8");
  } catch (error) {
    throw new UsageError(`${file}: cannot read the examples: ${messageOf(error)}`);
  }
}
