import { existsSync } from "node:fs";
import { messageOf, UsageError } from "#foundation";
import { asTool } from "#interop";
import { programResource } from "#optimize";
import type { StoredProgram } from "#programs";
import type { ServedProgram } from "#mcp";
import { openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";
import { chosenProgram } from "./chosen-program.ts";
import { chooseModel, modelNamed } from "./model-named.ts";
import { programFiles } from "./stored-program.ts";
import { loadUserCode, loadUserPrograms } from "./user-file.ts";

export interface FileChoice {
  readonly program?: string | undefined;
  readonly from?: string | undefined;
}

/** The programs of the files with their code, their model and, with `from`, what a run chose for the only one. */
export async function programsOfFiles(
  files: readonly string[],
  { program: name, from }: FileChoice,
  session: Session,
): Promise<ServedProgram[]> {
  const served: ServedProgram[] = [];
  for (const file of files) {
    const found = await loadUserPrograms(file, name);
    const { model, note } = await chooseModel(session.model, found[0]?.model, file);
    if (note !== undefined) session.out.note(note);
    served.push(...found.map(({ program, modules }) => ({ program, modules, model })));
  }
  const [only] = served;
  if (from === undefined || only === undefined) return served;
  if (served.length > 1) {
    const names = served.map(({ program }) => program.name).join(", ");
    throw new UsageError(`--from: a run is about one program, not about ${names}; choose one by --program`);
  }
  const { program, overrides } = await chosenProgram(from, only.program, session);
  return [{ ...only, program, overrides }];
}

/** The programs of the store, with the code of the files that they came from. Says which of them cannot be served. */
export async function programsOfStore(taken: readonly ServedProgram[], session: Session): Promise<ServedProgram[]> {
  await using store = await openExistingStore(session);
  const stored = await programResource(store).list();
  const files = await programFiles(store);
  const names = [...taken, ...stored].map(({ program }) => program.name);
  const served: ServedProgram[] = [];
  for (const record of stored) {
    const isAlone = names.filter((name) => name === record.program.name).length === 1;
    try {
      const own = await storedWithCode(record, files.get(record.id), session);
      const one = isAlone ? own : { ...own, name: distinctName(record) };
      asTool(one.program, one);
      served.push(one);
    } catch (error) {
      session.out.note(`${record.program.name} (${record.id}) is not served: ${messageOf(error)}`);
    }
  }
  return served;
}

async function storedWithCode(
  { program }: StoredProgram,
  file: string | undefined,
  session: Session,
): Promise<ServedProgram> {
  if (file === undefined || !existsSync(file)) return { program, model: await modelNamed(session.model ?? "icl") };
  const { modules, model: exported } = await loadUserCode(file);
  const { model, note } = await chooseModel(session.model, exported, file);
  if (note !== undefined) session.out.note(note);
  return { program, modules, model };
}

/** For programs of one name: every change of a file makes a new one. */
function distinctName({ id, program }: StoredProgram): string {
  return `${program.name.replaceAll(/[^\w-]+/g, "_").slice(0, 63 - id.length)}_${id}`;
}
