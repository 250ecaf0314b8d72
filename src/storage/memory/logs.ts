import type { Json, Logs } from "#foundation";
import { checkCount, checkName, jsonText } from "../rules/check-call.ts";
import { refusalOf } from "../rules/write-decision.ts";
import type { MemoryState } from "./memory-store.ts";

export function memoryLogs({ lifetime, changes, leases }: MemoryState): Logs {
  const logs = new Map<string, string[]>();
  return {
    append: async (log, entries, options = {}) => {
      checkName("log", log);
      checkCount("expect", options.expect);
      const texts = entries.map((entry, index) => jsonText(`entries[${index}]`, entry));
      lifetime.assertOpen();
      const kept = logs.get(log) ?? [];
      const lease = options.fence === undefined ? undefined : leases.get(options.fence.lease);
      const refusal = refusalOf(kept.length, lease, options);
      if (refusal !== undefined) return refusal;
      if (texts.length > 0) {
        for (const text of texts) kept.push(text);
        logs.set(log, kept);
        changes.add({ type: "log", log, length: kept.length });
      }
      return { ok: true, revision: kept.length };
    },
    read: async (log, { from = 0, limit = 10_000 } = {}) => {
      checkName("log", log);
      checkCount("from", from);
      checkCount("limit", limit);
      lifetime.assertOpen();
      const kept = logs.get(log) ?? [];
      return kept.slice(from, from + limit).map((text) => JSON.parse(text) as Json);
    },
    length: async (log) => {
      checkName("log", log);
      lifetime.assertOpen();
      return logs.get(log)?.length ?? 0;
    },
  };
}
