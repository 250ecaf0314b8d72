import { canonicalJson } from "#foundation";
import type { Rng } from "#foundation";
import { settleConfiguration } from "#variables";
import type { Configuration } from "#variables";
import { fittedConfiguration } from "./proposing/prompt-length.ts";
import type { Task } from "./teleprompter.ts";

/** A configuration that is to be tried, with whatever else its maker says of it. */
export interface Proposal {
  readonly configuration: Configuration;
}

/** What of a task a configuration of it is completed by. */
type SearchedSpace = Pick<Task, "space" | "baseline"> & Partial<Pick<Task, "program" | "maxPromptTokens">>;

/** How often a proposal is drawn anew when its configuration was tried before; then the space counts as exhausted. */
const maxRedraws = 50;

/**
 * The configuration settled in the task's space, with the baseline's paths that the space says nothing of, and without the
 * last demonstrations where its prompts would be longer than the task allows.
 */
export function completeConfiguration(
  { space, baseline, program, maxPromptTokens }: SearchedSpace,
  configuration: Configuration,
): Configuration {
  const own = new Set(space.variables.map(({ name }) => name));
  const beside = Object.entries(baseline).filter(([path]) => !own.has(path));
  const whole = { ...Object.fromEntries(beside), ...settleConfiguration(space, configuration) };
  return program === undefined || maxPromptTokens === undefined
    ? whole
    : fittedConfiguration({ program, space, maxPromptTokens }, whole);
}

/**
 * The first drawn proposal whose completed configuration was not tried before; `undefined` after 50 draws. `tried` holds
 * canonical JSON; a baseline that leaves defaults unsaid is not tried again with them said.
 */
export function untriedProposal<P extends Proposal>(
  task: Task,
  tried: Iterable<string>,
  rng: Rng,
  draw: (rng: Rng) => P,
): P | undefined {
  const known = new Set([...tried, canonicalJson(completeConfiguration(task, task.baseline))]);
  for (let redraw = 0; redraw < maxRedraws; redraw++) {
    const proposal = draw(rng.fork(`draw ${redraw}`));
    const configuration = completeConfiguration(task, proposal.configuration);
    if (!known.has(canonicalJson(configuration))) return { ...proposal, configuration };
  }
  return undefined;
}
