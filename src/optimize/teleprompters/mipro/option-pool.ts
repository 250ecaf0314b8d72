import { canonicalJson, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { choice, settleConfiguration, space, text } from "#variables";
import type { Configuration, Demo, Space, Variable } from "#variables";
import { completeConfiguration } from "../../proposal.ts";
import { demoSet } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import { textRead, textValue } from "../../proposing/text-target.ts";
import type { Task } from "../../teleprompter.ts";
import type { MiproPlan } from "./mipro-plan.ts";
import { chanceOf } from "./mipro-state.ts";
import type { MiproState } from "./mipro-state.ts";

/** The state with the options that there are before anything is proposed. */
export function withFirstOptions(state: MiproState, plan: MiproPlan): MiproState {
  const { task } = state;
  const texts = plan.texts.map((target) => {
    const given = [textValue(target, task.baseline), ...(target.variable.candidates ?? [])];
    const byReading = new Map(given.toReversed().map((value) => [textRead(target, value), value]));
    return [target.name, given.filter((value) => byReading.get(textRead(target, value)) === value)] as const;
  });
  const sets = plan.demos.map((target) => [target.name, firstSets(state, plan, target)] as const);
  return {
    ...state,
    texts: Object.fromEntries(texts.map(([name, values]) => [name, [...new Set(values)]])),
    demoSets: Object.fromEntries(sets),
  };
}

/** The baseline's own, a labelled one, then sets with successes, each second one of half the size. */
function firstSets(state: MiproState, plan: MiproPlan, target: DemosTarget): readonly (readonly Demo[])[] {
  const own = (state.task.baseline[target.name] ?? target.variable.default ?? []) as unknown as readonly Demo[];
  const chance = chanceOf(state).fork(`sets of ${target.name}`);
  let sets: readonly (readonly Demo[])[] = [own];
  for (let number = 1; number < plan.demoSets; number++) {
    const size = number > 1 && number % 2 === 1 ? Math.ceil(plan.maxDemos / 2) : plan.maxDemos;
    const bootstrapped = number === 1 ? 0 : plan.maxBootstrapped;
    const options = { size, bootstrapped, maxTokens: plan.maxDemoTokens };
    sets = withSet(target, sets, demoSet(chance.fork(String(number)), target, state.task, state.successes, options));
  }
  return sets;
}

/** The state with one more set for each demos variable, of the newest successes. */
export function withNewSets(state: MiproState, plan: MiproPlan): MiproState {
  const demoSets = plan.demos.map((target) => {
    const sets = state.demoSets[target.name] ?? [];
    const options = { size: plan.maxDemos, bootstrapped: plan.maxBootstrapped, maxTokens: plan.maxDemoTokens };
    const rng = chanceOf(state).fork(`set of ${target.name} after round ${state.round}`);
    const recent = state.successes.slice(-2 * plan.maxBootstrapped);
    return [target.name, withSet(target, sets, demoSet(rng, target, state.task, recent, options))] as const;
  });
  return { ...state, demoSets: Object.fromEntries(demoSets) };
}

/** The sets with another one, where it is new and as large as the variable wants it. */
function withSet(
  { variable: { min = 0 } }: DemosTarget,
  sets: readonly (readonly Demo[])[],
  set: readonly Demo[],
): readonly (readonly Demo[])[] {
  const isKnown = sets.some(
    (other) => canonicalJson(other as unknown as Json) === canonicalJson(set as unknown as Json),
  );
  return isKnown || set.length < min ? sets : [...sets, set];
}

/** The space with a choice among the options in the place of each text and each demos variable. */
export function optionSpace({ task, texts, demoSets }: MiproState): Space {
  const variables = task.space.variables.map((variable): Variable => {
    const { name } = variable;
    const [candidates, sets] = [texts[name], demoSets[name]];
    const { description, group } = variable;
    const about = { ...(description === undefined ? {} : { description }), ...(group === undefined ? {} : { group }) };
    if (sets !== undefined) return choice(name, sets.keys().toArray(), about);
    if (variable.kind !== "text" || candidates === undefined) return variable;
    const [first = ""] = candidates;
    const { maxTokens } = variable;
    return text(name, { ...about, candidates, default: first, ...(maxTokens === undefined ? {} : { maxTokens }) });
  });
  const { when, constraints } = task.space;
  return space(variables, {
    ...(when === undefined ? {} : { when }),
    ...(constraints === undefined ? {} : { constraints }),
  });
}

/** The baseline as a choice among the options. */
export function baselineChoice({ task, demoSets }: MiproState, options: Space): Configuration {
  const sets = Object.keys(demoSets).map((name) => [name, 0] as const);
  return settleConfiguration(options, { ...task.baseline, ...Object.fromEntries(sets) });
}

/** The configuration that a choice among the options stands for. */
export function chosenConfiguration(
  task: Task,
  demoSets: MiproState["demoSets"],
  chosen: Configuration,
): Configuration {
  const entries = Object.entries(chosen).map(([name, value]) => {
    const sets = demoSets[name];
    if (sets === undefined) return [name, value] as const;
    const set = sets[value as number];
    if (set === undefined) throw new UsageError(`mipro: there is no set ${String(value)} of ${name}`);
    return [name, set as unknown as Json] as const;
  });
  return completeConfiguration(task, Object.fromEntries(entries));
}
