import { isPlainObject, UsageError } from "#foundation";
import type { Id, Json, PutOptions, Store, StoredDocument, WriteResult } from "#foundation";
import { parseSpace } from "#variables";
import type { Space } from "#variables";
import { program } from "./program.ts";
import type { Program } from "./program.ts";

/** The form of stored programs. A newer one is refused. */
const schema = 1;
const programKind = "program";
const spaceKind = "space";

/** A program as a resource: with an identity, the space it belongs to and what its configuration is known to reach. */
export interface StoredProgram {
  readonly id: Id<"program">;
  /** For compare-and-set updates. */
  readonly revision: number;
  readonly program: Program;
  readonly space: Space | undefined;
  readonly spaceId: string | undefined;
  readonly performance: Performance | undefined;
  readonly createdAt: number;
}

/** The latest validated score of the stored configuration. */
export interface Performance {
  readonly score: number;
  /** The run that measured it. */
  readonly run: string;
  readonly at: number;
}

/** What may be written anew. */
export type ProgramRecord = Omit<StoredProgram, "revision" | "space">;

/** The program with its space; `undefined` when there is none of this id. */
export async function readProgram(store: Store, id: string): Promise<StoredProgram | undefined> {
  const stored = await store.documents.get(programKind, id);
  return stored === undefined ? undefined : parseStored(store, stored);
}

/** All programs, ordered by id. */
export async function readPrograms(store: Store): Promise<StoredProgram[]> {
  const stored: StoredDocument[] = [];
  for (let page = await store.documents.list(programKind); page.length > 0;) {
    stored.push(...page);
    page = await store.documents.list(programKind, { after: stored.at(-1)?.id ?? "" });
  }
  return Promise.all(stored.map((document) => parseStored(store, document)));
}

/** Writes the program if its revision is still `expect` (0: it must not exist). Answers whether it was. */
export async function writeProgram(store: Store, record: ProgramRecord, expect: number): Promise<boolean> {
  return (await putProgram(store, record, { expect })).ok;
}

/** Writes the program as the store's `put` does: with a fence, and with the answer told. */
export async function putProgram(store: Store, record: ProgramRecord, options: PutOptions): Promise<WriteResult> {
  const body = JSON.parse(JSON.stringify({ schema, ...record })) as Json;
  return store.documents.put(programKind, record.id, body, options);
}

/** Removes the program if its revision is still `expect`. Its runs and its space stay. */
export async function deleteProgram(store: Store, id: string, expect: number): Promise<boolean> {
  return (await store.documents.delete(programKind, id, { expect })).ok;
}

export async function writeSpace(store: Store, id: string, space: Space): Promise<void> {
  await store.documents.put(spaceKind, id, JSON.parse(JSON.stringify(space)) as Json);
}

/** Where a program's former configurations are kept. */
export function historyLogOf(id: string): string {
  return `program/${id}`;
}

async function parseStored(store: Store, { id, revision, body }: StoredDocument): Promise<StoredProgram> {
  const version = isPlainObject(body) ? body["schema"] : undefined;
  if (version !== schema)
    throw new UsageError(
      `stored program ${id}: expected form ${schema}, got ${String(version)}; a newer tutti may read it`,
    );
  const record = body as unknown as ProgramRecord;
  const space = record.spaceId === undefined ? undefined : await store.documents.get(spaceKind, record.spaceId);
  return {
    id: record.id,
    revision,
    program: program(record.program),
    spaceId: record.spaceId,
    space: space === undefined ? undefined : parseSpace(space.body),
    performance: record.performance,
    createdAt: record.createdAt,
  };
}
