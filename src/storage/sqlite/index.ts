/** A Store in one SQLite file, through `node:sqlite`: nothing to install, several processes at once. */

export { sqliteStore } from "./sqlite-store.ts";
export type { SqliteStoreOptions } from "./sqlite-store.ts";
