import type { Store } from "tutti/foundation";
import type { Teleprompter } from "tutti/optimize";
import type { LiveTeam, Team } from "tutti/orchestration";
import type { Configuration } from "tutti/variables";
import { optimizeTeam } from "tutti/teams";
import type { OptimizedTeam } from "tutti/teams";
import type { Examples } from "./examples.ts";
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
  /** A stored run to go on with. */
  readonly resume?: string | undefined;
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
export function optimise(place: Workplace, team: Team, options: OptimiseOptions): Promise<OptimizedTeam> {
  const { store, live, examples, teleprompter, evaluations, seed, resume, signal, onProgress } = options;
  return optimizeTeam(team, {
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
    source: { kind: "example", example: "synthesis", seed, evaluations },
    ...(resume === undefined ? {} : { resume }),
    ...(signal === undefined ? {} : { signal }),
    onEvent: (event, runner) => {
      const { spend, bestScore } = runner.status();
      if (event.type === "told") {
        const { evaluations: tried } = spend;
        onProgress?.({ run: runner.id, evaluations: tried, best: bestScore, configuration: runner.bestConfig() });
      }
    },
  });
}
