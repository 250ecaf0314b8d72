import type { Documents, Json, PutOptions, StoredDocument, WriteResult } from "#foundation";
import { checkCount, checkName, jsonText } from "../rules/check-call.ts";
import { refusalOf } from "../rules/write-decision.ts";
import type { MemoryState } from "./memory-store.ts";

interface Row {
  readonly revision: number;
  /** `undefined` once the document was deleted: the revision goes on counting. */
  readonly text: string | undefined;
}

export function memoryDocuments({ lifetime, changes, leases }: MemoryState): Documents {
  const kinds = new Map<string, Map<string, Row>>();

  const write = (kind: string, id: string, text: string | undefined, options: PutOptions): WriteResult => {
    const rows = kinds.get(kind) ?? new Map<string, Row>();
    const row = rows.get(id);
    const exists = row?.text !== undefined;
    const lease = options.fence === undefined ? undefined : leases.get(options.fence.lease);
    const refusal = refusalOf(exists ? row.revision : 0, lease, options);
    if (refusal !== undefined) return refusal;
    const written = row?.revision ?? 0;
    if (text === undefined && !exists) return { ok: true, revision: written };
    kinds.set(kind, rows);
    rows.set(id, { revision: written + 1, text });
    changes.add({ type: "document", kind, id, revision: written + 1, deleted: text === undefined });
    return { ok: true, revision: written + 1 };
  };

  return {
    get: async (kind, id) => {
      checkAddress(kind, id);
      lifetime.assertOpen();
      const row = kinds.get(kind)?.get(id);
      return row === undefined ? undefined : documentOf(kind, id, row);
    },
    list: async (kind, { after = "", limit = 1_000 } = {}) => {
      checkName("kind", kind);
      checkCount("limit", limit);
      lifetime.assertOpen();
      return [...(kinds.get(kind) ?? [])]
        .filter(([id]) => byCodePoint(id, after) > 0)
        .sort(([a], [b]) => byCodePoint(a, b))
        .map(([id, row]) => documentOf(kind, id, row))
        .filter((document) => document !== undefined)
        .slice(0, limit);
    },
    put: async (kind, id, body, options = {}) => {
      checkAddress(kind, id);
      checkCount("expect", options.expect);
      const text = jsonText("body", body);
      lifetime.assertOpen();
      return write(kind, id, text, options);
    },
    delete: async (kind, id, options = {}) => {
      checkAddress(kind, id);
      checkCount("expect", options.expect);
      lifetime.assertOpen();
      return write(kind, id, undefined, options);
    },
  };
}

function checkAddress(kind: string, id: string): void {
  checkName("kind", kind);
  checkName("id", id);
}

function documentOf(kind: string, id: string, { revision, text }: Row): StoredDocument | undefined {
  return text === undefined ? undefined : { kind, id, revision, body: JSON.parse(text) as Json };
}

/** The order of UTF-8, which every engine has in common; JavaScript's own differs beyond U+FFFF. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
