import { canonicalJson, pick, shuffle } from "#foundation";
import type { Json, Rng } from "#foundation";
import { choice, settleConfiguration, space, text } from "#variables";
import type { Configuration, Demo, Space, Variable } from "#variables";
import { completeConfiguration } from "../../proposal.ts";
import { demoSet } from "../../proposing/demo-set.ts";
import type { DemosTarget } from "../../proposing/demo-set.ts";
import { textRead, textValue } from "../../proposing/text-target.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import { chanceOf } from "./beacon-state.ts";
import type { BeaconState } from "./beacon-state.ts";

/** The state with the options that there are before anything is proposed. */
export function withFirstPools(state: BeaconState, plan: BeaconPlan): BeaconState {
  const texts = plan.texts.map((target) => {
    const given = [textValue(target, state.task.baseline), ...(target.variable.candidates ?? [])];
    const first = new Map(given.toReversed().map((value) => [textRead(target, value), value]));
    return [target.name, [...new Set(given.filter((value) => first.get(textRead(target, value)) === value))]] as const;
  });
  const started = { ...state, texts: Object.fromEntries(texts) };
  return plan.demos.reduce((now, target) => firstSets(now, plan, target), started);
}

/** The baseline's own, none, a labelled one, then sets with successes, each second one of half the size. */
function firstSets(state: BeaconState, plan: BeaconPlan, target: DemosTarget): BeaconState {
  const own = (state.task.baseline[target.name] ?? target.variable.default ?? []) as unknown as readonly Demo[];
  const chance = chanceOf(state).fork(`sets of ${target.name}`);
  let now = withSet(withSet(state, target, own, 0), target, []);
  for (let number = 1; number < plan.demoSets; number++) {
    const size = number > 1 && number % 2 === 1 ? Math.ceil(plan.maxDemos / 2) : plan.maxDemos;
    const bootstrapped = number === 1 ? 0 : plan.maxBootstrapped;
    const options = { size, bootstrapped, maxTokens: plan.maxDemoTokens };
    now = withSet(now, target, demoSet(chance.fork(String(number)), target, state.task, state.successes, options));
  }
  return now;
}

/**
 * The state with more sets for each demos variable: one of the newest successes, the best set so far with some members
 * exchanged for others that are known, and one made of the best two.
 */
export function withNewSets(state: BeaconState, plan: BeaconPlan, leaders: readonly Configuration[]): BeaconState {
  return plan.demos.reduce((before, target) => {
    const { name } = target;
    const rng = chanceOf(state).fork(`sets of ${name} after round ${state.round}`);
    const options = { size: plan.maxDemos, bootstrapped: plan.maxBootstrapped, maxTokens: plan.maxDemoTokens };
    const recent = state.successes.slice(-2 * plan.maxBootstrapped);
    const now = withSet(before, target, demoSet(rng.fork("new"), target, state.task, recent, options));
    const members = now.members[name] ?? [];
    const led = leaders.flatMap(({ [name]: places }) => (Array.isArray(places) ? [places as readonly number[]] : []));
    const [best, second] = led.filter((places) => places.length > 0);
    if (best === undefined) return now;
    const children = [exchanged(best, members.length, rng.fork("exchanged")), mixed(best, second ?? best, rng)];
    return children.reduce(
      (with_, places) =>
        withSet(
          with_,
          target,
          places.map((place) => members[place] as Demo),
        ),
      now,
    );
  }, state);
}

/** A quarter of the members, at least one, exchanged for others. */
function exchanged(places: readonly number[], count: number, rng: Rng): readonly number[] {
  const others = shuffle(
    rng.fork("others"),
    [...Array(count).keys()].filter((place) => !places.includes(place)),
  );
  const leaving = new Set(shuffle(rng.fork("leaving"), places).slice(0, Math.ceil(places.length / 4)));
  return places.map((place) => (leaving.has(place) ? (others.pop() ?? place) : place));
}

/** As many as the first has, from both. */
function mixed(one: readonly number[], other: readonly number[], rng: Rng): readonly number[] {
  const all = [...new Set([...one, ...other])];
  const kept = new Set(shuffle(rng.fork("mixed"), all).slice(0, pick(rng.fork("size"), [one.length, other.length])));
  return all.filter((place) => kept.has(place));
}

/** The state with another set, where it is new and as large as the variable wants it. */
function withSet(
  state: BeaconState,
  { name, variable }: DemosTarget,
  demos: readonly Demo[],
  least: number = variable.min ?? 0,
): BeaconState {
  if (demos.length < least) return state;
  const members = [...(state.members[name] ?? [])];
  const keys = members.map((demo) => canonicalJson(demo as unknown as Json));
  const places = demos.map((demo) => {
    const key = canonicalJson(demo as unknown as Json);
    const known = keys.indexOf(key);
    if (known >= 0) return known;
    keys.push(key);
    return members.push(demo) - 1;
  });
  const sets = state.sets[name] ?? [];
  if (sets.some((other) => other.join() === places.join())) return state;
  return {
    ...state,
    members: { ...state.members, [name]: members },
    sets: { ...state.sets, [name]: [...sets, places] },
  };
}

interface KnownSpace {
  readonly texts: BeaconState["texts"];
  readonly options: Space;
}

/** What is known of a space's features and configurations is kept with it: as long as the pools stay, so does the space. */
const spaces = new WeakMap<BeaconState["sets"], KnownSpace>();

/** The space with a choice among the options in the place of each text and each demos variable. */
export function optionSpace(state: BeaconState): Space {
  const known = spaces.get(state.sets);
  if (known !== undefined && known.texts === state.texts) return known.options;
  const options = builtSpace(state);
  spaces.set(state.sets, { texts: state.texts, options });
  return options;
}

function builtSpace({ task, texts, sets }: BeaconState): Space {
  const variables = task.space.variables.map((variable): Variable => {
    const { name, description, group } = variable;
    const about = { ...(description === undefined ? {} : { description }), ...(group === undefined ? {} : { group }) };
    const [candidates, own] = [texts[name], sets[name]];
    if (own !== undefined) return choice(name, own, about);
    if (variable.kind !== "text" || candidates === undefined) return variable;
    const { maxTokens } = variable;
    const [first = ""] = candidates;
    return text(name, { ...about, candidates, default: first, ...(maxTokens === undefined ? {} : { maxTokens }) });
  });
  const { when, constraints } = task.space;
  return space(variables, {
    ...(when === undefined ? {} : { when }),
    ...(constraints === undefined ? {} : { constraints }),
  });
}

/** The baseline as a choice among the options. */
export function baselineChoice({ task, sets }: BeaconState, options: Space): Configuration {
  const own = Object.entries(sets).map(([name, [first = []]]) => [name, first] as const);
  return settleConfiguration(options, { ...task.baseline, ...Object.fromEntries(own) });
}

/** The configuration that a choice among the options stands for. */
export function chosenConfiguration({ task, members }: BeaconState, chosen: Configuration): Configuration {
  const entries = Object.entries(chosen).map(([name, value]) => {
    const own = members[name];
    if (own === undefined || !Array.isArray(value)) return [name, value] as const;
    return [name, value.map((place) => own[Number(place)]) as unknown as Json] as const;
  });
  return completeConfiguration(task, Object.fromEntries(entries));
}
