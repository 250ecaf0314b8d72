import { createHash } from "node:crypto";
import { canonicalJson, isPlainObject } from "#foundation";
import type { Json, Store } from "#foundation";
import { programResource } from "#optimize";
import { readProgram } from "#programs";
import type { Program } from "#programs";
import type { Space } from "#variables";

const sourceKind = "program_source";

/** Where a stored program came from. */
interface ProgramSource {
  /** Absolute, or the name of a demo. */
  readonly file: string;
  /** The stored program's id. */
  readonly program: string;
}

/**
 * The id of the stored program for a program as a file has it: a new one at its first use and after every change. Of
 * several processes that come at once, one registers its program and the others take that one.
 */
export async function storedProgramOf(store: Store, file: string, program: Program, space: Space): Promise<string> {
  const key = hashOf({ file, program });
  const resource = programResource(store);
  for (;;) {
    const registered = await store.documents.get(sourceKind, key);
    const known = sourceIn(registered?.body);
    if (known !== undefined && (await readProgram(store, known.program)) !== undefined) return known.program;
    // Made first: what is registered must exist for whoever finds it.
    const { id } = await resource.create(program, { space });
    const body = { file, program: id };
    const answer = await store.documents.put(sourceKind, key, body, { expect: registered?.revision ?? 0 });
    if (answer.ok) return id;
    await resource.destroy(id);
  }
}

/** The files that stored programs came from, by program id. */
export async function programFiles(store: Store): Promise<ReadonlyMap<string, string>> {
  const stored = await store.documents.list(sourceKind);
  const sources = stored.flatMap(({ body }) => sourceIn(body) ?? []);
  return new Map(sources.map(({ program, file }) => [program, file]));
}

function sourceIn(body: Json | undefined): ProgramSource | undefined {
  return isPlainObject(body) && typeof body["program"] === "string" ? (body as unknown as ProgramSource) : undefined;
}

function hashOf(value: object): string {
  const text = canonicalJson(JSON.parse(JSON.stringify(value)) as Json);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
