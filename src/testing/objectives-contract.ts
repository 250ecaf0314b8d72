import assert from "node:assert/strict";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Objectives, Outcome, Trial } from "#optimize";
import { validateConfiguration } from "#variables";
import type { Contract } from "./contract.ts";
import { playSearch } from "./played-search.ts";
import type { PlayedSearch, PlayOptions } from "./played-search.ts";
import type { OpenSampler } from "./sampler-contract.ts";

const objectives: Objectives = { quality: "maximize", cost: "minimize", seconds: "minimize" };

/** What a Sampler must do besides when it searches several objectives. */
export const objectivesContract: Contract<OpenSampler> = {
  "with objectives every trial fits the space, none has been tried, none shares its id": async (open) => {
    const { trials, space } = play(open, 3);
    for (const { configuration } of trials) assert.ok(validateConfiguration(space, configuration).ok);
    assert.equal(new Set(trials.map(({ configuration }) => canonicalJson(configuration))).size, trials.length);
    assert.equal(new Set(trials.map(({ id }) => id)).size, trials.length);
  },

  "the order in which objectives are told changes nothing": async (open) => {
    const { sampler, state } = play(open, 3);
    const out = sampler.ask(state, seededRng("batch"), 4);
    const issued = sampler.issue(state, out);
    const [forward, backward] = [out, out.toReversed()].map((order) =>
      order.reduce((now, trial) => sampler.tell(now, outcomeOf(trial)), issued),
    );
    const next = (from: unknown): readonly Trial[] => sampler.ask(from, seededRng("next"), 3);
    assert.deepEqual(next(forward), next(backward));
  },

  "the state with objectives is JSON: one read back in the middle goes on the same": async (open) => {
    const { trials, state } = play(open, 2);
    const reread = play(open, 2, { isReread: true });
    assert.deepEqual(reread.trials, trials);
    assert.deepEqual(reread.state, state);
  },

  "where all fails the search goes on": async (open) => {
    const { trials } = play(open, 3);
    const failing = play(open, 3, { outcomeOf: ({ id }) => ({ id, failed: true }) });
    assert.ok(failing.trials.length >= trials.length / 2);
  },

  "what was measured again may come to something else": async (open) => {
    const { sampler, state, trials } = play(open, 3);
    const [first] = trials;
    assert.ok(first !== undefined);
    const again = { ...first, id: "again" };
    const told = sampler.tell(sampler.issue(state, [again]), outcomeOf({ ...again, configuration: {} }));
    const next = sampler.ask(told, seededRng("next"), 3);
    for (const trial of next)
      assert.ok(
        trials.every(({ configuration }) => canonicalJson(configuration) !== canonicalJson(trial.configuration)),
      );
  },

  "a search with objectives has no best": async (open) => {
    const { sampler, space } = open();
    refused(() => sampler.best(sampler.start(space, { objectives })));
  },

  "objectives that are none are refused": async (open) => {
    const { sampler, space } = open();
    refused(() => sampler.start(space, { objectives, goal: "maximize" }));
    refused(() => sampler.start(space, { objectives: {} }));
    for (const wrong of [[], "cost", { cost: "up" }, { quality: "maximize", cost: undefined }])
      refused(() => sampler.start(space, { objectives: wrong as unknown as Objectives }));
  },

  "a trial tells exactly the objectives of its search, each a finite number": async (open) => {
    const { sampler, space } = open();
    const start = sampler.start(space, { objectives });
    const [trial] = sampler.ask(start, seededRng("a"), 1);
    assert.ok(trial !== undefined);
    const { id } = trial;
    const state = sampler.issue(start, [trial]);
    const values = { quality: 1, cost: 2, seconds: 3 };
    const { cost, ...missing } = values;
    const wrong: object[] = [
      { score: 1 },
      { score: 1, objectives: values },
      { failed: true, objectives: values },
      { objectives: [1, 2, 3] },
      { objectives: missing },
      { objectives: { ...values, tokens: 4 } },
      { objectives: values, cost: -cost },
      ...[Number.NaN, Infinity, "1", null].map((quality) => ({ objectives: { ...values, quality } })),
    ];
    for (const outcome of wrong) refused(() => sampler.tell(state, { id, ...outcome } as Outcome));
    const told = sampler.tell(state, { id, objectives: values, cost });
    refused(() => sampler.tell(told, { id, objectives: values }));
  },
};

function play(open: OpenSampler, count: number, options: Partial<PlayOptions> = {}): PlayedSearch {
  return playSearch(open(), count, { outcomeOf, search: { objectives }, ...options });
}

/** Made from the configuration's text, in coarse steps so that some are equal; one trial in eight fails. */
function outcomeOf({ id, configuration }: Trial): Outcome {
  const rng = seededRng(canonicalJson(configuration));
  if (rng.next() < 1 / 8) return { id, failed: true };
  const [quality = 0, cost = 0, seconds = 0] = [rng, rng, rng].map(() => Math.floor(rng.next() * 6));
  return { id, objectives: { quality, cost, seconds }, cost: 1 };
}

function refused(attempt: () => unknown): void {
  assert.throws(attempt, UsageError);
}
