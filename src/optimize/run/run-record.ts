import { createHash } from "node:crypto";
import { canonicalJson, isPlainObject } from "#foundation";
import type { Fence, Id, Json, JsonObject, Store, StoredDocument } from "#foundation";
import type { Example, Program } from "#programs";
import type { Configuration, Space } from "#variables";
import type { Budget, Spend } from "./account/budget.ts";
import type { CostWeight } from "./account/cost-weight.ts";
import type { Report } from "./report.ts";
import { RunError } from "./run-error.ts";
import type { RunEta } from "./run-eta.ts";
import type { RunEvent, RunStatus } from "./run-event.ts";
import type { Split } from "../teleprompter.ts";

/** The form of stored runs. A newer one is refused. */
const schema = 1;

/** A run as the store keeps it beside its log: what it was started with and, for lists, how far it is. */
export interface RunRecord {
  readonly schema: typeof schema;
  readonly id: Id<"run">;
  readonly program: Program;
  /** The stored program that the run belongs to. */
  readonly programId?: string;
  /** Runs on one scope come one after the other. */
  readonly scope?: string;
  readonly space: Space;
  readonly baseline: Configuration;
  readonly teleprompter: { readonly name: string; readonly options: JsonObject };
  readonly model: string;
  /** Ids of the stored example lists, each the hash of its content. */
  readonly data: Readonly<Record<Split, string>>;
  readonly sizes: Readonly<Record<Split, number>>;
  readonly budget: Budget;
  readonly costWeight?: CostWeight;
  readonly maxPromptTokens?: number;
  readonly seed: string;
  readonly concurrency: number;
  readonly deterministic: boolean;
  /** How many examples and proposals it was likely to take in all, by an estimate before it began. */
  readonly expectedRuns?: number;
  /** Whatever the starter needs to find metric and model again. */
  readonly source?: Json;
  readonly createdAt: number;
  readonly progress: RunProgress;
  readonly report?: Report;
}

/** How far a run is. */
export interface RunProgress {
  readonly status: RunStatus;
  readonly reason?: string;
  /** Configurations measured on validation. */
  readonly candidates: number;
  readonly baselineScore?: number;
  readonly bestScore?: number;
  readonly spend: Spend;
  /** When it is likely to end; absent where that is unknown. Not stored: it would soon be wrong. */
  readonly eta?: RunEta;
}

/** A request to a running run from another process. */
export interface RunRequest {
  readonly request: "pause" | "stop" | "resume";
}

export const runKind = "run";
export const requestKind = "run_request";
const dataKind = "examples";

export function logOf(id: string): string {
  return `run/${id}`;
}

export async function readRecord(store: Store, id: string): Promise<RunRecord> {
  const stored = await store.documents.get(runKind, id);
  if (stored === undefined) throw new RunError("unknown_run", `there is no run ${id} in this store`);
  return parseRecord(id, stored.body);
}

/** All runs, oldest first. */
export async function listRuns(store: Store): Promise<RunRecord[]> {
  const records = (await storedRuns(store)).map(({ id, body }) => parseRecord(id, body));
  return records.sort((a, b) => a.createdAt - b.createdAt);
}

/** The runs whose records can be read, oldest first, and why others cannot. */
export async function listReadableRuns(
  store: Store,
): Promise<{ readonly records: readonly RunRecord[]; readonly unreadable: readonly RunError[] }> {
  const records: RunRecord[] = [];
  const unreadable: RunError[] = [];
  for (const { id, body } of await storedRuns(store)) {
    try {
      records.push(parseRecord(id, body));
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      unreadable.push(error);
    }
  }
  return { records: records.sort((a, b) => a.createdAt - b.createdAt), unreadable };
}

async function storedRuns(store: Store): Promise<StoredDocument[]> {
  const stored: StoredDocument[] = [];
  for (let page = await store.documents.list(runKind); page.length > 0;) {
    stored.push(...page);
    page = await store.documents.list(runKind, { after: page.at(-1)?.id ?? "" });
  }
  return stored;
}

export async function writeRecord(store: Store, record: RunRecord, fence: Fence): Promise<void> {
  const answer = await store.documents.put(runKind, record.id, asJson(record), { fence });
  if (!answer.ok) throw takenOver(record.id);
}

export async function writeExamples(store: Store, examples: readonly Example[]): Promise<string> {
  const body = asJson(examples);
  const id = examplesId(examples);
  await store.documents.put(dataKind, id, body, { expect: 0 });
  return id;
}

/** The id that a list of examples is stored under: the hash of its content. */
export function examplesId(examples: readonly Example[]): string {
  return createHash("sha256")
    .update(canonicalJson(asJson(examples)))
    .digest("hex")
    .slice(0, 32);
}

export async function readExamples(store: Store, id: string): Promise<readonly Example[]> {
  const stored = await store.documents.get(dataKind, id);
  if (!Array.isArray(stored?.body)) throw new RunError("damaged", `the examples ${id} are missing in this store`);
  return stored.body;
}

/** The run's log from that place on, read in pages. */
export async function readEvents(store: Store, id: string, from: number = 0): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await store.logs.read(logOf(id), { from: from + events.length });
    if (page.length === 0) return events;
    events.push(...(page as unknown as RunEvent[]));
  }
}

export function takenOver(id: string): RunError {
  return new RunError("taken_over", `run ${id} was taken over by another process`);
}

/** Values of ours that are JSON by construction, without the type system's index signatures. */
export function asJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function parseRecord(id: string, body: Json): RunRecord {
  const version = isPlainObject(body) ? body["schema"] : undefined;
  if (version === schema) return body as unknown as RunRecord;
  const found =
    typeof version === "number" && version > schema ? `form ${version}, which is newer than ${schema}` : "no form";
  throw new RunError("damaged", `run ${id} is stored in ${found}; a newer version of tutti may read it`);
}
