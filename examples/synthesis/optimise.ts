import { canonicalJson, isPlainObject, present, UsageError } from "tutti/foundation";
import type { JsonObject, Store } from "tutti/foundation";
import { readRecord } from "tutti/optimize";
import type { Teleprompter } from "tutti/optimize";
import { actionsBetween, configured } from "tutti/orchestration";
import type { LiveTeam, Team } from "tutti/orchestration";
import { optimizeTeam } from "tutti/teams";
import type { OptimizedTeam } from "tutti/teams";
import type { Configuration } from "tutti/variables";
import type { Examples } from "./tasks/examples.ts";
import { synthesisMetric } from "./synthesis-metric.ts";
import type { Workplace } from "./workplace.ts";

export interface OptimiseOptions {
  readonly store: Store;
  /** Every agent ready. */
  readonly live: LiveTeam;
  readonly examples: Examples;
  readonly teleprompter: Teleprompter;
  /** Configurations that may be tried, the final comparison's two included. */
  readonly evaluations: number;
  readonly seed: number;
  /** A stored run to go on with; one that has ended is taken as it is. */
  readonly resume?: string | undefined;
  /** The command that goes on with it, less its id: for whoever finds the run in the store. */
  readonly command?: string;
  readonly signal?: AbortSignal | undefined;
  /** Hears after every evaluation how far it is. */
  readonly onProgress?: (progress: SearchProgress) => void;
}

export interface SearchProgress {
  readonly run: string;
  /** Evaluations so far. */
  readonly evaluations: number;
  /** The best score on the training tasks, and whose it is. */
  readonly best: number | undefined;
  readonly configuration: Configuration;
}

/** Searches the team's whole space on the training tasks. */
export async function optimise(place: Workplace, team: Team, options: OptimiseOptions): Promise<OptimizedTeam> {
  const { store, live, examples, teleprompter, evaluations, seed, resume, command, signal, onProgress } = options;
  const ended = resume === undefined ? undefined : await endedSearch(store, { run: resume, team });
  if (ended !== undefined) return ended;
  return await optimizeTeam(team, {
    store,
    live,
    modules: place.modules,
    metric: synthesisMetric(place.examiner),
    teleprompter,
    // Nothing is learned from the tasks but which set-up is good: all of them are there to choose by.
    train: examples.train,
    validation: examples.train,
    ...(examples.test.length === 0 ? {} : { test: examples.test }),
    budget: { evaluations },
    seed,
    deterministic: true,
    source: { ...sourceOf({ seed, evaluations, search: teleprompter.name }), ...present({ resume: command }) },
    ...(resume === undefined ? {} : { resume }),
    ...(signal === undefined ? {} : { signal }),
    onEvent: (event, runner) => {
      if (event.type !== "told") return;
      const { spend, bestScore: best } = runner.status();
      onProgress?.({ run: runner.id, evaluations: spend.evaluations, best, configuration: runner.bestConfig() });
    },
  });
}

/** What a run that has ended came to; `undefined` for one that can go on. */
async function endedSearch(
  store: Store,
  { run, team }: { readonly run: string; readonly team: Team },
): Promise<OptimizedTeam | undefined> {
  const { report } = await readRecord(store, run);
  if (report === undefined || report.status === "failed") return undefined;
  const { configuration } = report;
  const actions = actionsBetween(team, team.configuration, configuration);
  return { run, team: configured(team, configuration), configuration, actions, report };
}

/** What a run was started for. */
interface Started {
  readonly seed: number;
  readonly evaluations: number;
  /** The name of its teleprompter. */
  readonly search: string;
}

/** Rejects with `UsageError` when a stored run was started for other tasks, another size or another search. */
export async function checkResumed(
  store: Store,
  { run, ...wanted }: Started & { readonly run: string },
): Promise<void> {
  const { source } = await readRecord(store, run);
  const { resume: _, ...started } = isPlainObject(source) ? source : {};
  const [expected, got] = [canonicalJson(sourceOf(wanted)), canonicalJson(started)];
  if (got === expected) return;
  throw new UsageError(
    `run ${run}: expected one of ${expected}, got ${got}; give --seed and --quick as it was started`,
  );
}

/** What a run says of where it comes from. */
function sourceOf(started: Started): JsonObject {
  return { kind: "example", example: "synthesis", ...started };
}
