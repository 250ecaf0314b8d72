/** The tables as the queries see them. Bodies are JSON texts: what went in comes out, key for key, on every engine. */
export interface Tables {
  readonly documents: {
    readonly kind: string;
    readonly id: string;
    readonly revision: number;
    /** 1: only the revision is left, to go on counting from. */
    readonly deleted: number;
    readonly body: string;
  };
  readonly logs: { readonly name: string; readonly length: number };
  readonly log_entries: { readonly log: string; readonly position: number; readonly body: string };
  readonly changes: {
    readonly sequence: number;
    readonly type: "document" | "log";
    /** The document's kind, or the log's name. */
    readonly name: string;
    /** The document's id; empty for a log. */
    readonly id: string;
    /** The document's revision, or the log's length. */
    readonly revision: number;
    readonly deleted: number;
  };
  readonly counters: { readonly name: CounterName; readonly value: number };
  readonly cache: { readonly key: string; readonly value: string };
  readonly leases: {
    readonly name: string;
    readonly epoch: number;
    /** Null: given back. */
    readonly holder: string | null;
    readonly expires_at: number;
  };
  readonly tasks: {
    readonly id: number;
    readonly queue: string;
    readonly payload: string;
    readonly delivery: number;
    /** 0 until the first claim. */
    readonly held_until: number;
    readonly worker: string | null;
  };
}

export type CounterName = "changes" | "tasks";
