/** A Store in this process's memory: for tests, for runs that nobody needs again. */

export { memoryStore } from "./memory-store.ts";
export type { MemoryStoreOptions } from "./memory-store.ts";
