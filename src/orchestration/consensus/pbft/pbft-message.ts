import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { Signed } from "../seal.ts";
import { anything, flag, list, literal, nullable, record, text, whole } from "../shape.ts";
import type { Shape } from "../shape.ts";

/** What a client wants. `time` grows from request to request of one client: each is executed at most once. */
export type PbftRequest = Signed<{ readonly kind: "request"; readonly time: number; readonly operation: Json }>;

type Placed<Kind extends string> = Signed<{
  readonly kind: Kind;
  readonly view: number;
  readonly sequence: number;
  readonly digest: string;
}>;

/** The primary gives a number to a request. */
export type Order = Placed<"pre-prepare">;
export type Prepare = Placed<"prepare">;
export type Commit = Placed<"commit">;

/** An order and what it orders. `null` fills a gap that a change of views left. */
export type Proposal = { readonly kind: "proposal"; readonly order: Order; readonly request: PbftRequest | null };

/** Proof that a quorum knew of this order, so that no other request can have this number in this view. */
export type Prepared = {
  readonly order: Order;
  readonly request: PbftRequest | null;
  readonly prepares: readonly Prepare[];
};

/** Proof that a quorum was prepared, so that every later view keeps this request at this number. */
export type Committed = {
  readonly kind: "committed";
  readonly order: Order;
  readonly request: PbftRequest | null;
  readonly commits: readonly Commit[];
};

export type Checkpoint = Signed<{ readonly kind: "checkpoint"; readonly sequence: number; readonly digest: string }>;

/** A state that a quorum has come to. Sequence 0, the beginning, needs no proof. */
export type Stable = { readonly sequence: number; readonly digest: string; readonly proof: readonly Checkpoint[] };

export type ViewChange = Signed<{
  readonly kind: "view-change";
  readonly view: number;
  readonly stable: Stable;
  readonly prepared: readonly Prepared[];
}>;

export type NewView = Signed<{
  readonly kind: "new-view";
  readonly view: number;
  readonly changes: readonly ViewChange[];
  readonly orders: readonly Order[];
}>;

export type Reply = Signed<{
  readonly kind: "reply";
  readonly client: string;
  readonly time: number;
  readonly result: Json;
}>;

/** How far somebody is; whoever is further answers with what is missing. Proves nothing, needs no signature. */
export type Status = {
  readonly kind: "status";
  readonly view: number;
  readonly changing: boolean;
  readonly executed: number;
  readonly stable: number;
};

/** What executing has led to. The last answer to each client belongs to it: it says what has been executed. */
export type PbftSnapshot = {
  readonly application: Json;
  readonly answers: Readonly<Record<string, { readonly time: number; readonly result: Json }>>;
};

export type Snapshot = { readonly kind: "snapshot"; readonly stable: Stable; readonly state: PbftSnapshot };

export type PbftMessage =
  | PbftRequest
  | Proposal
  | Prepare
  | Commit
  | Reply
  | Checkpoint
  | ViewChange
  | NewView
  | Status
  | Committed
  | Snapshot;

/** What was sent as a message, or `undefined` when it has not the form of one. */
export function readPbftMessage(value: Json): PbftMessage | undefined {
  const kind = isPlainObject(value) ? value["kind"] : undefined;
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return undefined;
  return shapes[kind]?.(value) === true ? (value as PbftMessage) : undefined;
}

const said = { by: text, sig: text };
const placed = (kind: string): Shape =>
  record({ ...said, kind: literal(kind), view: whole, sequence: whole, digest: text });
const request = record({ ...said, kind: literal("request"), time: whole, operation: anything });
const order = placed("pre-prepare");
const prepare = placed("prepare");
const commit = placed("commit");
const checkpoint = record({ ...said, kind: literal("checkpoint"), sequence: whole, digest: text });
const stable = record({ sequence: whole, digest: text, proof: list(checkpoint) });
const prepared = record({ order, request: nullable(request), prepares: list(prepare) });
const viewChange = record({ ...said, kind: literal("view-change"), view: whole, stable, prepared: list(prepared) });
const state = record({ application: anything, answers: record({}) });

const shapes: Readonly<Record<string, Shape>> = {
  request,
  prepare,
  commit,
  checkpoint,
  proposal: record({ order, request: nullable(request) }),
  reply: record({ ...said, client: text, time: whole, result: anything }),
  "view-change": viewChange,
  "new-view": record({ ...said, view: whole, changes: list(viewChange), orders: list(order) }),
  status: record({ view: whole, changing: flag, executed: whole, stable: whole }),
  committed: record({ order, request: nullable(request), commits: list(commit) }),
  snapshot: record({ stable, state }),
};
