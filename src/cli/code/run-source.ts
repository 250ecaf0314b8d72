import { canonicalJson, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { RunCode, RunRecord } from "#optimize";
import { exactMatch } from "#programs";
import type { Program } from "#programs";
import { chooseModel } from "./model-named.ts";
import { loadUserFile } from "./user-file.ts";

/** Where a run's code is found again. Plain JSON, stored with the run. */
export type RunSource =
  | {
      readonly kind: "file";
      /** Absolute. */
      readonly file: string;
      readonly program: string;
      /** As `--model` had it; absent when the file's own was used. */
      readonly model?: string;
      readonly metric: "exported" | "exact_match";
    }
  | { readonly kind: "demo"; readonly demo: "triage" };

/** Everything of a run's code but the store. */
export type FoundCode = Omit<RunCode, "store">;

/**
 * The code of a stored run. `model` wins over the one that it was started with. Throws `UsageError` when the run was not
 * started from here or its file no longer exports what it needs.
 */
export async function codeOfRun(record: RunRecord, model: string | undefined): Promise<FoundCode> {
  const source = parseSource(record);
  if (source.kind === "demo") {
    const { triageCode } = await import("../demos/triage/demo.ts");
    return triageCode();
  }
  const found = await loadUserFile(source.file, source.program).catch((error: unknown) => {
    throw new UsageError(`run ${record.id} needs its file: ${error instanceof Error ? error.message : String(error)}`);
  });
  checkSameProgram(record, found.program, source.file);
  if (source.metric === "exported" && found.metric === undefined)
    throw new UsageError(`run ${record.id} needs the metric that ${source.file} exported when it started`);
  const name = model ?? source.model;
  if (name === undefined && found.model === undefined)
    throw new UsageError(`run ${record.id} needs the model that ${source.file} exported when it started, or --model`);
  const chosen = await chooseModel(name, found.model, source.file);
  const metric = source.metric === "exported" && found.metric !== undefined ? found.metric : exactMatch();
  return { metric, model: chosen.model, modules: found.modules };
}

/** Where the run's code is, in words for a person. */
export function sourceText({ source }: RunRecord): string {
  if (!isPlainObject(source)) return "–";
  return source["kind"] === "demo" ? `demo ${String(source["demo"])}` : String(source["file"] ?? "–");
}

function parseSource({ id, source }: RunRecord): RunSource {
  if (isPlainObject(source) && (source["kind"] === "file" || source["kind"] === "demo")) return source as RunSource;
  const resume = isPlainObject(source) ? source["resume"] : undefined;
  if (typeof resume === "string") throw new UsageError(`run ${id} goes on where its code is, with:\n  ${resume} ${id}`);
  throw new UsageError(`run ${id} was not started by the command line: resume it with resumeRun() where its code is`);
}

/** Demonstrations and scores are about one task: a run does not go on with another. */
function checkSameProgram({ id, program }: RunRecord, found: Program, file: string): void {
  const shape = ({ signature: { inputs, outputs }, pipeline }: Program): string =>
    canonicalJson(JSON.parse(JSON.stringify({ inputs, outputs, pipeline })) as Json);
  if (shape(found) === shape(program)) return;
  throw new UsageError(
    `run ${id} was started with another form of ${found.name}: the fields or the pipeline in ${file} have changed since; start a new run`,
  );
}
