import { programResource } from "#optimize";
import type { StoredProgram } from "#programs";
import { typeText } from "#programs";
import { programFiles } from "../code/stored-program.ts";
import { standingRuns } from "../code/run-standing.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { configurationText } from "../reports/configuration-text.ts";
import { printable } from "../reports/printable.ts";
import { runsTable } from "../reports/runs-table.ts";
import { hasStore, openExistingStore } from "../session.ts";
import type { Session } from "../session.ts";
import { localTime } from "../terminal/local-time.ts";
import { table } from "../terminal/table.ts";
import { count, score } from "../terminal/words.ts";

/** `tutti programs ls`: the stored programs with what their configurations are known to reach. */
export async function listProgramsCommand(session: Session): Promise<ExitCode> {
  const { out, storePath } = session;
  if (!hasStore(session)) {
    out.print(`no programs in ${storePath}; tutti optimize stores the program that it works on`);
    out.event({ type: "result", store: storePath, programs: [] });
    return exitCodes.ok;
  }
  await using store = await openExistingStore(session);
  const resource = programResource(store);
  const files = await programFiles(store);
  const programs = await Promise.all(
    (await resource.list()).map(async (stored) => {
      const { id, program, performance } = stored;
      const runs = (await resource.runs(id)).length;
      return { id, name: program.name, performance: performance?.score ?? null, runs, file: files.get(id) };
    }),
  );
  const rows = programs.map(({ id, name, performance, runs, file = "–" }) => [
    id,
    name,
    score(performance),
    count(runs),
    file,
  ]);
  const right = "right" as const;
  const columns = [
    { title: "PROGRAM" },
    { title: "NAME" },
    { title: "PERFORMANCE", align: right },
    { title: "RUNS", align: right },
    { title: "FILE" },
  ];
  out.print(...(rows.length === 0 ? [`no programs in ${storePath}`] : table(columns, rows)));
  out.event({ type: "result", store: storePath, programs });
  return exitCodes.ok;
}

/** `tutti programs show ID`: the program, its configuration and its runs. */
export async function showProgramCommand(id: string, session: Session): Promise<ExitCode> {
  const { out } = session;
  await using store = await openExistingStore(session);
  const resource = programResource(store);
  const stored = await resource.read(id);
  const runs = await standingRuns(store, await resource.runs(id));
  const file = (await programFiles(store)).get(id);
  out.print(...programText(stored, file), "", ...(runs.length === 0 ? ["no runs"] : runsTable(runs)));
  const { program, space, performance, createdAt, revision } = stored;
  const runIds = runs.map(({ record }) => record.id);
  out.event({
    type: "result",
    id,
    revision,
    program,
    space,
    performance: performance ?? null,
    createdAt,
    file,
    runs: runIds,
  });
  return exitCodes.ok;
}

function programText(
  { id, program, space, performance, createdAt }: StoredProgram,
  file: string | undefined,
): string[] {
  const { name, signature, pipeline, configuration } = program;
  const side = (fields: typeof signature.inputs): string =>
    fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(", ");
  const reached =
    performance === undefined ? "not measured yet" : `${score(performance.score)} (run ${performance.run})`;
  const lines: readonly (readonly [string, string])[] = [
    ["program", `${name} (${id})`],
    ["file", file ?? "–"],
    ["stored", localTime(createdAt)],
    ["performance", reached],
    ["signature", `${side(signature.inputs)} -> ${side(signature.outputs)}`],
    [
      "pipeline",
      pipeline.map((stage) => (stage.id === stage.module ? stage.id : `${stage.id} (${stage.module})`)).join(" → "),
    ],
    [
      "space",
      space === undefined ? "–" : space.variables.map((variable) => `${variable.name} (${variable.kind})`).join(", "),
    ],
  ];
  return [
    ...lines.map(([title, text]) => `${title.padEnd(11)}  ${text}`),
    "configuration",
    ...configurationText(printable(configuration)),
  ];
}
