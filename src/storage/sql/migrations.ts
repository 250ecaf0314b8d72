import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Tables } from "./tables.ts";

/**
 * Every step from an empty database to today's tables, in order. A published step is never edited: a change of the
 * tables is a new step with the next number.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001_records": { up: createRecords },
  "0002_queue": { up: createQueue },
};

async function createRecords(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("documents")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("deleted", "integer", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("documents_key", ["kind", "id"])
    .execute();
  await schema
    .createTable("logs")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("length", "integer", (column) => column.notNull())
    .execute();
  await schema
    .createTable("log_entries")
    .addColumn("log", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("log_entries_key", ["log", "position"])
    .execute();
  await schema
    .createTable("cache")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("leases")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("epoch", "integer", (column) => column.notNull())
    .addColumn("holder", "text")
    .addColumn("expires_at", "double precision", (column) => column.notNull())
    .execute();
  await createChanges(db);
}

/** Counters instead of the engine's own sequences: those leave gaps and are not handed out in the order of commits. */
async function createChanges(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("counters")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("value", "integer", (column) => column.notNull())
    .execute();
  await db.insertInto("counters").values({ name: "changes", value: 0 }).execute();
  await db.schema
    .createTable("changes")
    // On SQLite only "integer" makes the key the row's own number; 2^31 changes are enough elsewhere.
    .addColumn("sequence", "integer", (column) => column.primaryKey())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("deleted", "integer", (column) => column.notNull())
    .execute();
}

async function createQueue(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("tasks")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("queue", "text", (column) => column.notNull())
    .addColumn("payload", "text", (column) => column.notNull())
    .addColumn("delivery", "integer", (column) => column.notNull())
    .addColumn("held_until", "double precision", (column) => column.notNull())
    .addColumn("worker", "text")
    .execute();
  await db.schema.createIndex("tasks_by_age").on("tasks").columns(["queue", "id", "held_until"]).execute();
  await db.insertInto("counters").values({ name: "tasks", value: 0 }).execute();
}
