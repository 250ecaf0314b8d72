import { messageOf, StoreError } from "#foundation";
import type { StoreErrorCode } from "#foundation";

// SQLite's primary result codes, https://sqlite.org/rescode.html
const meanings: Readonly<Record<number, readonly [code: StoreErrorCode, advice: string]>> = {
  3: ["inaccessible", "check the permissions of the file and its directory"],
  8: ["inaccessible", "the file, its directory or the disk is read-only; check the permissions"],
  10: ["inaccessible", "the disk could not be read or written; check that it works and has space"],
  13: ["inaccessible", "the disk is full; make space and try again"],
  14: ["inaccessible", "check that the path is a file in a directory that you can write to"],
  11: ["corrupt", "the file is damaged; restore it from a copy, or choose another path"],
  26: ["corrupt", "the file is not a SQLite database; choose another path"],
};

/** Whether another connection was in the way. */
export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === 5 || code === 6;
}

/** What SQLite, or the file system under it, said in the store's words. A store error stays what it is. */
export function storeErrorOf(thrown: unknown, place: string): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const [code, advice] = meanings[primaryCode(thrown)] ?? ["engine", "this is not expected; see the cause"];
  return new StoreError(code, `The store ${place} failed: ${messageOf(thrown)}; ${advice}.`, { cause: thrown });
}

function primaryCode(thrown: unknown): number {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return 0;
  return thrown.errcode & 0xff;
}
