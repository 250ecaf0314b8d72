import { canonicalJson, UsageError } from "#foundation";
import { completeConfiguration } from "#optimize";
import type { EvaluateWork, Incumbent, Task, Teleprompter, Told, Work } from "#optimize";
import { restrictSpace } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { strategyOf, variablesOf } from "./mutation-strategy.ts";
import type { MutationStrategy } from "./mutation-strategy.ts";

export interface RestrictedState<State> {
  /** The whole space, and what every candidate starts from. */
  readonly space: Space;
  readonly baseline: Configuration;
  /** The names of what the strategies change. */
  readonly varying: readonly string[];
  readonly inner: State;
}

export interface RestrictionOptions {
  /** As stored runs name it. */
  readonly name: string;
  readonly mutationStrategies: readonly MutationStrategy[];
}

type Frame = Omit<RestrictedState<unknown>, "inner">;

/**
 * A search that never leaves the baseline but where the strategies may go: the inner teleprompter sees only the space
 * of their variables, and each configuration it proposes is completed with the baseline's other values. Variables that
 * only a new agent or topology activates, and that no strategy changes, have their defaults.
 */
export function restrictedSearch<State>(
  inner: Teleprompter<State>,
  { name, mutationStrategies }: RestrictionOptions,
): Teleprompter<RestrictedState<State>> {
  return {
    name,
    options: { ...inner.options, mutationStrategies },
    start: (task) => startState(task, inner, mutationStrategies),
    ask: (state, rng, capacity) => inner.ask(state.inner, rng, capacity).map((work) => outward(state, work)),
    tell: (state, told) => ({ ...state, inner: inner.tell(state.inner, toldInward(state, told)) }),
    finished: (state) => inner.finished(state.inner),
    incumbent: (state) => incumbent(state, inner.incumbent(state.inner)),
  };
}

function startState<State>(
  task: Task,
  inner: Teleprompter<State>,
  strategies: readonly MutationStrategy[],
): RestrictedState<State> {
  const { space, baseline } = task;
  const names = variablesOf(space, strategies).map(({ name }) => name);
  const restricted = restrictSpace(space, names, baseline);
  if (restricted.variables.length === 0)
    throw new UsageError(`the team's space has no variables for ${strategies.join(", ")} in the baseline`);
  const variables = restricted.variables.map((variable) => ({ ...variable, group: strategyOf(variable) }));
  const varying = variables.map(({ name }) => name);
  return { space, baseline, varying, inner: inner.start({ ...task, space: { ...restricted, variables } }) };
}

function outward(frame: Frame, work: Work): Work {
  if (work.kind === "complete") return work;
  const { configuration, race } = work;
  const against = race && { race: { ...race, against: whole(frame, race.against) } };
  return { ...work, configuration: whole(frame, configuration), ...against };
}

function incumbent(frame: Frame, found: Incumbent | undefined): Incumbent | undefined {
  return found && { ...found, configuration: whole(frame, found.configuration) };
}

function toldInward(frame: Frame, told: Told): Told {
  switch (told.type) {
    case "issued":
      return { ...told, work: told.work.map((work) => (work.kind === "evaluate" ? inward(frame, work) : work)) };
    case "evaluated":
      return { ...told, work: inward(frame, told.work) };
    case "completed":
      return told;
  }
}

/** The work as the inner teleprompter asked for it. */
function inward(frame: Frame, work: EvaluateWork): EvaluateWork {
  return { ...work, configuration: varied(frame, work.configuration) };
}

/** The baseline with the configuration's values of what varies. */
function varied({ baseline, varying }: Frame, configuration: Configuration): Configuration {
  const names = new Set(varying);
  return {
    ...Object.fromEntries(Object.entries(baseline).filter(([path]) => !names.has(path))),
    ...Object.fromEntries(Object.entries(configuration).filter(([path]) => names.has(path))),
  };
}

/** What the inner teleprompter proposed as a configuration of the whole space. The baseline stays as it came. */
function whole(frame: Frame, proposed: Configuration): Configuration {
  const { space, baseline } = frame;
  const configuration = varied(frame, proposed);
  if (canonicalJson(configuration) === canonicalJson(varied(frame, baseline))) return baseline;
  return completeConfiguration({ space, baseline }, configuration);
}
