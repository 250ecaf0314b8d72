import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { describe, StoreError, systemClock, UsageError } from "#foundation";
import type { Clock, Store } from "#foundation";
import { migrate, schemaState } from "../sql/migrate.ts";
import type { SchemaState } from "../sql/migrate.ts";
import { sqlStore } from "../sql/sql-store.ts";
import type { Tables } from "../sql/tables.ts";
import { nodeSqliteDialect } from "./dialect.ts";
import { withPatience } from "./patience.ts";
import type { Patience } from "./patience.ts";
import { prepareFile } from "./prepare-file.ts";
import { SqliteEngine } from "./sqlite-engine.ts";

export interface SqliteStoreOptions {
  /** The file, for example `.tutti/tutti.db`. It and its directory are created when they do not exist. */
  readonly path: string;
  /** Ends leases and claims, paces polling and waiting; the machine's clock unless told. */
  readonly clock?: Clock;
  /** How often a watch looks for changes of other processes, ms; 10 unless told. One look takes microseconds. */
  readonly pollMs?: number;
  /** How long a call waits for other processes before it rejects with "busy", ms; 10,000 unless told. */
  readonly patienceMs?: number;
}

/**
 * Opens a store in a SQLite file (WAL mode, so on a local disk). Several stores, also in several processes, may have
 * the file open at once. Rejects with `StoreError`: "newer_schema" before anything is changed, "inaccessible" and
 * "corrupt" where the file cannot be used, each saying what to do.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { clock = systemClock, pollMs = 10, patienceMs = 10_000 } = options;
  const patience: Patience = { place: resolvePath(options.path), clock, patienceMs };
  await prepareFile(patience.place);
  const state = await withPatience(() => inspect(patience.place), patience);
  const database = await withPatience(() => openForWriting(patience.place), patience);
  try {
    if (state !== "current") await withPatience(() => migrateFile(database, patience.place), patience);
  } catch (error) {
    database.close();
    throw error;
  }
  return sqlStore(new SqliteEngine(database, { ...patience, pollMs }), clock);
}

function resolvePath(path: string): string {
  if (typeof path === "string" && path !== "" && !path.startsWith(":") && !path.startsWith("file:"))
    return resolve(path);
  throw new UsageError(
    `path: expected the path of a file, for example ".tutti/tutti.db", got ${describe(path)}; ` +
      `for a store in memory use memoryStore()`,
  );
}

/** Looks through a connection that cannot write, so that a file which is not ours stays byte for byte as it is. */
async function inspect(path: string): Promise<SchemaState> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return "empty";
  using database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
  const state = await schemaState(new Kysely<Tables>({ dialect: nodeSqliteDialect(database) }), path);
  if (state !== "foreign") return state;
  const message = `The file ${path} is a database of another program, not a store of tutti; choose another path.`;
  throw new StoreError("corrupt", message);
}

async function openForWriting(path: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    const { journal_mode: mode } = database.prepare("pragma journal_mode = wal").get() ?? {};
    if (mode === "wal") return database;
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  const message = `The disk under ${path} does not allow SQLite's WAL mode (a network disk?); choose a path on a local disk.`;
  throw new StoreError("inaccessible", message);
}

function migrateFile(database: DatabaseSync, path: string): Promise<void> {
  return migrate(new Kysely<Tables>({ dialect: nodeSqliteDialect(database) }), path);
}
