import { readFile, rename, writeFile } from "node:fs/promises";
import { messageOf, UsageError } from "#foundation";
import { Cassette, readCassette } from "./cassette.ts";

/**
 * A cassette in a JSON file, which need not be there yet. A recorded call ends when its recording is in the file; calls
 * at once share a writing. Rejects with `UsageError` for a file that is no cassette.
 */
export async function cassetteFile(path: string): Promise<Cassette> {
  const text = await readFile(path, "utf8").catch((thrown: unknown) => {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw new UsageError(`${path}: cannot be read: ${messageOf(thrown)}`);
  });
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const write = async (cassette: Cassette): Promise<void> => {
    next = undefined;
    // Whole or not at all: a test run that is killed leaves the old file.
    await writeFile(`${path}.new`, `${JSON.stringify(cassette, undefined, 2)}\n`);
    await rename(`${path}.new`, path);
  };
  return new Cassette(text === undefined ? [] : readCassette(parsed(text, path), path), (cassette) => {
    next ??= writing = writing.catch(() => {}).then(() => write(cassette));
    return next;
  });
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new UsageError(`${path}: not JSON: ${messageOf(thrown)}`);
  }
}
