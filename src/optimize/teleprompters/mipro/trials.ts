import { canonicalJson } from "#foundation";
import type { Rng } from "#foundation";
import { sampleConfiguration, settleConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import { auto } from "../../search/auto.ts";
import { gp } from "../../search/gp.ts";
import type { Sampler } from "../../search/sampler.ts";
import type { SearchState } from "../../search/search-state.ts";
import { tpe } from "../../search/tpe.ts";
import { estimatesOf } from "./estimates.ts";
import type { MiproSampler } from "./mipro-options.ts";
import type { MiproPlan } from "./mipro-plan.ts";
import { chanceOf, meanOf } from "./mipro-state.ts";
import type { MiproState, Trial } from "./mipro-state.ts";
import { baselineChoice, optionSpace } from "./option-pool.ts";

/** Up to `count` further trials of the present round. All chance is the state's own. */
export function nextTrials(state: MiproState, plan: MiproPlan, count: number): readonly Trial[] {
  const options = optionSpace(state);
  const chance = chanceOf(state).fork("trials");
  const trials: Trial[] = [];
  while (trials.length < count) {
    const known = { ...state, trials: [...state.trials, ...trials] };
    const number = known.trials.length + 1;
    const chosen =
      ablation(known, options) ??
      introduction(known, options, chance.fork(`trial ${number}`)) ??
      sampled(known, options, plan, chance);
    if (chosen === undefined) break;
    trials.push({
      id: `trial-${number}`,
      purpose: purposeOf(known, plan, chosen, number),
      round: state.round,
      choice: chosen,
      scores: {},
      isTold: false,
      isFull: false,
    });
  }
  return trials;
}

/**
 * Options that no trial has yet, one of each variable, in the best configuration so far: a search that starts with more
 * options than trials would else never see some, and what was proposed last is what most was learnt for. In the first round
 * each second trial has one new option alone, beside the baseline's texts and demonstrations and random values of the
 * other variables: a good text may be spoilt by demonstrations, and the other way round.
 */
function introduction(state: MiproState, options: Space, rng: Rng): Configuration | undefined {
  const { trials, texts, demoSets } = state;
  const used = (name: string, value: unknown): boolean => trials.some(({ choice }) => choice[name] === value);
  const fresh = [
    ...Object.entries(texts).map(
      ([name, values]) => [name, values.slice(1).find((value) => !used(name, value))] as const,
    ),
    ...Object.entries(demoSets).map(([name, sets]) => {
      return [
        name,
        sets
          .keys()
          .drop(1)
          .find((place) => !used(name, place)),
      ] as const;
    }),
  ].filter(([, value]) => value !== undefined);
  if (fresh.length === 0) return undefined;
  const isAlone = state.round === 0 && trials.length % 2 === 1;
  const introduced = isAlone ? [fresh[((trials.length - 1) / 2) % fresh.length] as (typeof fresh)[number]] : fresh;
  const around = isAlone ? variedBaseline(state, options, rng) : bestChoice(state, options);
  const chosen = settleConfiguration(options, { ...around, ...(Object.fromEntries(introduced) as Configuration) });
  return isTried(state, chosen) ? undefined : chosen;
}

/**
 * At the beginning of each later round the best so far with the baseline's value in the place of one of its texts or sets of
 * demonstrations: whether it is needed at all is what a sampler learns last, and a shorter prompt costs less ever after.
 */
function ablation(state: MiproState, options: Space): Configuration | undefined {
  const { round, trials, texts, demoSets } = state;
  if (round === 0 || trials.some((trial) => trial.round === round)) return undefined;
  const [base, best] = [baselineChoice(state, options), bestChoice(state, options)];
  return [...Object.keys(demoSets), ...Object.keys(texts)]
    .map((name) => settleConfiguration(options, { ...best, [name]: base[name] ?? null }))
    .find((chosen) => canonicalJson(chosen) !== canonicalJson(base) && !isTried(state, chosen));
}

function isTried({ trials }: MiproState, chosen: Configuration): boolean {
  const key = canonicalJson(chosen);
  return trials.some(({ choice }) => canonicalJson(choice) === key);
}

/** The baseline's texts and demonstrations, with random values of all other variables. */
function variedBaseline(state: MiproState, options: Space, rng: Rng): Configuration {
  const own = new Set([...Object.keys(state.texts), ...Object.keys(state.demoSets)]);
  const kept = Object.entries(baselineChoice(state, options)).filter(([name]) => own.has(name));
  return { ...sampleConfiguration(options, rng), ...Object.fromEntries(kept) };
}

/** The most promising choice so far, measured on all examples or not. */
export function bestChoice(state: MiproState, options: Space): Configuration {
  const base = meanOf(state.baseline) ?? -Infinity;
  const [best] = estimatesOf(state).toSorted((a, b) => b.mean - a.mean);
  return best !== undefined && best.mean > base ? best.trial.choice : baselineChoice(state, options);
}

/** What the sampler asks for when it is told of every trial as it is known now. */
function sampled(state: MiproState, options: Space, plan: MiproPlan, chance: Rng): Configuration | undefined {
  const sampler = samplerOf(plan);
  const first = { id: "baseline", configuration: baselineChoice(state, options) };
  const others = state.trials.map(({ id, choice }) => ({ id, configuration: settleConfiguration(options, choice) }));
  let search = sampler.issue(sampler.start(options), [first, ...others]);
  const base = meanOf(state.baseline);
  if (base !== undefined) search = sampler.tell(search, { id: "baseline", score: base });
  for (const { trial, mean: score } of estimatesOf(state)) search = sampler.tell(search, { id: trial.id, score });
  return sampler.ask(search, chance, 1)[0]?.configuration;
}

const samplers: Readonly<Record<MiproSampler, (startup: number, { trials }: MiproPlan) => Sampler<SearchState>>> = {
  gp: (startup) => gp({ startup }),
  tpe: (startup) => tpe({ startup }),
  auto: (startup, { trials }) => auto({ startup, budget: trials + 1 }),
};

/** A model is asked as soon as a quarter of the trials is known: with 10 random ones most short searches would be over. */
function samplerOf(plan: MiproPlan): Sampler<SearchState> {
  return samplers[plan.sampler](Math.min(10, Math.max(3, Math.ceil(plan.trials / 4))), plan);
}

function purposeOf({ texts, demoSets }: MiproState, plan: MiproPlan, chosen: Configuration, number: number): string {
  const parts = [
    ...plan.texts.map(({ name }) => [name, texts[name]?.indexOf(chosen[name] as string)] as const),
    ...plan.demos.map(({ name }) => [name, demoSets[name] === undefined ? undefined : chosen[name]] as const),
  ];
  return `trial ${number}: ${parts.map(([name, place]) => `${name} ${String(place)}`).join(", ")}`;
}
