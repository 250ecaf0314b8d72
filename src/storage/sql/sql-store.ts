import type { Clock, Store } from "#foundation";
import { sqlCache } from "./cache.ts";
import { sqlDocuments } from "./documents.ts";
import type { SqlEngine } from "./engine.ts";
import { sqlLeases } from "./leases.ts";
import { sqlLogs } from "./logs.ts";
import { sqlQueue } from "./queue.ts";
import { Session } from "./session.ts";
import { sqlWatch } from "./watch.ts";

/** A store over an engine whose tables are up to date. It owns the engine and closes it. */
export function sqlStore(engine: SqlEngine, clock: Clock): Store {
  const session = new Session(engine, clock);
  return {
    documents: sqlDocuments(session),
    logs: sqlLogs(session),
    cache: sqlCache(session),
    leases: sqlLeases(session),
    queue: sqlQueue(session),
    ...sqlWatch(session),
    [Symbol.asyncDispose]: () => session.close(),
  };
}
