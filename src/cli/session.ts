import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "#foundation";
import type { Store } from "#foundation";
import { CliError } from "./cli-error.ts";
import { errorCode } from "./exit-code.ts";
import type { Output } from "./terminal/output.ts";

/** What every command has besides its own arguments. */
export interface Session {
  readonly out: Output;
  /** The store's file, absolute. */
  readonly storePath: string;
  /** `--model`, as it was given. */
  readonly model: string | undefined;
  /** Aborts at the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}

/** The file of the store: `--store`, else `TUTTI_STORE`, else `.tutti/tutti.db` in the working directory. */
export function storePathOf(option: string | undefined): string {
  const fromEnvironment = process.env["TUTTI_STORE"];
  return resolve(option ?? (fromEnvironment === undefined || fromEnvironment === "" ? defaultStore : fromEnvironment));
}

const defaultStore = ".tutti/tutti.db";

/** The session's store, created if it does not exist. */
export async function openStore({ storePath }: Session): Promise<Store> {
  const { sqliteStore } = await import("#storage/sqlite");
  return sqliteStore({ path: storePath });
}

/** The session's store for commands that look at what is there: they leave no empty file behind. */
export async function openExistingStore(session: Session): Promise<Store> {
  if (hasStore(session)) return openStore(session).catch((error: unknown) => Promise.reject(notReadable(error)));
  throw new UsageError(
    `there is no store at ${session.storePath}; tutti optimize creates one, --store or TUTTI_STORE names another`,
  );
}

/** Whoever only wants to look does not expect that a store must be writable. */
function notReadable(error: unknown): unknown {
  if (!(error instanceof Error) || errorCode(error) !== "inaccessible") return error;
  const message = `${error.message}\nReading needs it too: the store keeps its log and its locks beside the file. Copy the file to a place of your own and name that with --store.`;
  return new CliError("configuration", message, { cause: error });
}

export function hasStore({ storePath }: Session): boolean {
  return existsSync(storePath);
}
