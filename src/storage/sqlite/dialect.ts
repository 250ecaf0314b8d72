import type { DatabaseSync } from "node:sqlite";
import { SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Dialect, DialectAdapter, Driver } from "kysely";
import { Connection } from "./connection.ts";

/** Kysely's dialect for an open `node:sqlite` database. Whoever opened the database closes it. */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return {
    createDriver: () => createDriver(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => adapter,
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

const adapter: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: false,
  // Kysely's own adapter for SQLite says no; SQLite itself has always rolled back its tables with everything else.
  supportsTransactionalDdl: true,
  supportsReturning: true,
  // BEGIN IMMEDIATE is the lock.
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
};

function createDriver(database: DatabaseSync): Driver {
  const connection = new Connection(database);
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    // At once with the right to write: a transaction that asks for it later can be refused halfway.
    beginTransaction: async () => database.exec("begin immediate"),
    commitTransaction: async () => database.exec("commit"),
    rollbackTransaction: async () => {
      // SQLite rolls back by itself when the disk fails.
      if (database.isTransaction) database.exec("rollback");
    },
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}
