import { sql } from "kysely";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { messageOf, StoreError } from "#foundation";
import { migrations } from "./migrations.ts";
import type { Tables } from "./tables.ts";

const bookkeeping = { migrationTableName: "tutti_migration", migrationLockTableName: "tutti_migration_lock" } as const;

/**
 * `"empty"`: no tables at all; `"foreign"`: tables, but never a step of ours; else whether all steps are taken. Steps
 * that this version does not know reject with `StoreError("newer_schema")`; nothing is written in any case.
 */
export type SchemaState = "empty" | "foreign" | "older" | "current";

export async function schemaState(db: Kysely<Tables>, place: string): Promise<SchemaState> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === bookkeeping.migrationTableName))
    return tables.length === 0 ? "empty" : "foreign";
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(bookkeeping.migrationTableName)}`.execute(
    db,
  );
  const unknown = rows.find(({ name }) => !Object.hasOwn(migrations, name));
  if (unknown !== undefined) throw newerSchema(place, unknown.name);
  return rows.length === Object.keys(migrations).length ? "current" : "older";
}

/** Takes the steps that are missing, all or none. Several processes may ask at once. */
export async function migrate(db: Kysely<Tables>, place: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations }, ...bookkeeping });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  // Another process may have run a newer version of tutti between the look and the lock.
  await schemaState(db, place);
  if (error instanceof Error && "errcode" in error) throw error;
  throw new StoreError("corrupt", `The store ${place} could not be brought up to date: ${messageOf(error)}`, {
    cause: error,
  });
}

function newerSchema(place: string, step: string): StoreError {
  const newest = Object.keys(migrations).at(-1);
  return new StoreError(
    "newer_schema",
    `The store ${place} was written by a newer version of tutti: it has the schema step "${step}", this version ` +
      `knows the steps up to "${newest}". Update tutti, or choose another path. Nothing was changed.`,
  );
}
