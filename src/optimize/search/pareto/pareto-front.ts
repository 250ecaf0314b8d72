import { UsageError } from "#foundation";
import { gainsOf } from "./objectives.ts";
import { frontsOf } from "./pareto-ranks.ts";
import type { ObjectiveValues, Trial } from "../sampler.ts";
import { measuredConfigurations } from "../search-state.ts";
import type { MeasuredConfiguration, SearchState } from "../search-state.ts";

/** A configuration that no other one dominates. */
export interface FrontTrial extends Trial {
  /** The mean of each objective. */
  readonly objectives: ObjectiveValues;
  /** How many outcomes these are the means of. */
  readonly measurements: number;
}

/**
 * The best compromises of a search with objectives: the configurations measured for which there is no other one that is
 * at least as good in every objective and better in one, in the order of their issue. Where one was measured more than
 * once its means count. Those that are out or failed are not among them. Throws `UsageError` for a search for one score.
 */
export function front(state: SearchState): readonly FrontTrial[] {
  const { objectives } = state;
  if (objectives === undefined)
    throw new UsageError("front: expected a search with objectives, got one for a score, which has a best");
  const measured = measuredConfigurations(state);
  const [places = []] = frontsOf(measured.map(({ values }) => gainsOf(values, objectives)));
  return places.map((place) => {
    const { trial, values, measurements } = measured[place] as MeasuredConfiguration;
    return { id: trial.id, configuration: trial.configuration, objectives: values, measurements };
  });
}
