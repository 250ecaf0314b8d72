import assert from "node:assert/strict";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Outcome, Trial } from "#optimize";
import { space, validateConfiguration } from "#variables";
import type { Configuration } from "#variables";
import type { Contract } from "./contract.ts";
import { frozen, maxTrials, playSearch } from "./played-search.ts";
import type { PlayedSearch, PlayOptions, SamplerHarness } from "./played-search.ts";

export type OpenSampler = () => SamplerHarness;

/** What every Sampler must do, whatever it searches. */
export const samplerContract: Contract<OpenSampler> = {
  "every trial fits the space, none has been tried, none shares its id": async (open) => {
    const { trials, space: searched } = play(open(), 3);
    for (const { configuration } of trials) assert.ok(validateConfiguration(searched, configuration).ok);
    assert.equal(new Set(trials.map(({ configuration }) => canonicalJson(configuration))).size, trials.length);
    assert.equal(new Set(trials.map(({ id }) => id)).size, trials.length);
  },

  "asking changes nothing: the same state, chance and count ask the same": async (open) => {
    const { sampler, state } = play(open(), 2);
    assert.deepEqual(sampler.ask(state, seededRng("a"), 3), sampler.ask(state, seededRng("a"), 3));
    assert.deepEqual(sampler.ask(state, seededRng("a"), 0), []);
  },

  "trials that are out are not asked for again": async (open) => {
    const { sampler, space: searched } = open();
    let state = sampler.start(searched);
    const seen = new Set<string>();
    for (let ask = 0; ask < maxTrials; ask++) {
      const trials = sampler.ask(state, seededRng("a"), 1);
      for (const { configuration } of trials) {
        assert.ok(!seen.has(canonicalJson(configuration)));
        seen.add(canonicalJson(configuration));
      }
      state = frozen(sampler.issue(state, trials));
    }
  },

  "the caller's own trials count as asked": async (open) => {
    const { sampler, space: searched } = open();
    const start = sampler.start(searched);
    const [first] = sampler.ask(start, seededRng("a"), 1);
    assert.ok(first !== undefined);
    const state = sampler.issue(start, [{ id: "mine", configuration: first.configuration }]);
    const next = sampler.ask(state, seededRng("a"), 2);
    assert.ok(next.every(({ configuration }) => !isSame(configuration, first.configuration)));
    const told = sampler.tell(state, { id: "mine", score: 1 });
    assert.deepEqual(sampler.best(told)?.configuration, first.configuration);
  },

  "the order in which outcomes are told changes nothing": async (open) => {
    const { sampler, state, trials } = play(open(), 3);
    const out = sampler.ask(state, seededRng("batch"), 4);
    const issued = sampler.issue(state, out);
    const [forward, backward] = [out, out.toReversed()].map((order) =>
      order.reduce((now, trial) => sampler.tell(now, outcomeOf(trial)), issued),
    );
    const next = (from: unknown): readonly Trial[] => sampler.ask(from, seededRng(trials.length), 3);
    assert.deepEqual(next(forward), next(backward));
    assert.deepEqual(sampler.best(forward), sampler.best(backward));
  },

  "the state is JSON: one read back in the middle goes on the same": async (open) => {
    const { trials, state } = play(open(), 2);
    const reread = play(open(), 2, { isReread: true });
    assert.deepEqual(reread.trials, trials);
    assert.deepEqual(reread.state, state);
  },

  "the best is the highest score told, or the lowest, and never a failed trial": async (open) => {
    const { sampler, space: searched } = open();
    assert.equal(sampler.best(sampler.start(searched)), undefined);
    for (const goal of ["maximize", "minimize"] as const) {
      const played = play(open(), 2, { search: { goal } });
      const scores = played.trials.map(outcomeOf).flatMap((outcome) => ("score" in outcome ? [outcome.score] : []));
      const best = scores.length === 0 ? undefined : (goal === "maximize" ? Math.max : Math.min)(...scores);
      assert.equal(sampler.best(played.state)?.score, best);
    }
  },

  "what was measured again has the mean of its scores": async (open) => {
    const { sampler, space: searched } = open();
    const start = sampler.start(searched);
    const [first] = sampler.ask(start, seededRng("a"), 1);
    assert.ok(first !== undefined);
    const state = sampler.issue(sampler.issue(start, [first]), [{ ...first, id: "again" }]);
    const told = sampler.tell(sampler.tell(state, { id: first.id, score: 1 }), { id: "again", score: 0 });
    const { score, measurements } = sampler.best(told) ?? {};
    assert.deepEqual({ score, measurements }, { score: 0.5, measurements: 2 });
  },

  "several objectives are searched or refused at the start": async (open) => {
    const { sampler, space: searched } = open();
    try {
      sampler.start(searched, { objectives: { quality: "maximize", cost: "minimize" } });
    } catch (error) {
      assert.ok(error instanceof UsageError);
    }
  },

  "the caller's mistakes are named at once": async (open) => {
    const { sampler, space: searched } = open();
    const start = sampler.start(searched);
    const [first] = sampler.ask(start, seededRng("a"), 1);
    assert.ok(first !== undefined);
    const { id } = first;
    const state = sampler.issue(start, [first]);
    const told = sampler.tell(state, { id, score: 1 });
    refused(() => sampler.start(space([])));
    refused(() => sampler.ask(start, seededRng("a"), -1));
    refused(() => sampler.issue(state, [first]));
    refused(() => sampler.issue(start, [{ id, configuration: { "no.such.path": 1 } }]));
    refused(() => sampler.tell(state, { id: "unknown", score: 1 }));
    refused(() => sampler.tell(told, { id, score: 1 }));
    for (const score of [Number.NaN, Infinity, -Infinity]) refused(() => sampler.tell(state, { id, score }));
    refused(() => sampler.tell(state, { id } as Outcome));
    refused(() => sampler.tell(state, { id, score: 1, cost: Number.NaN }));
    refused(() => sampler.tell(state, { id, objectives: { score: 1 } }));
  },
};

function play(harness: SamplerHarness, count: number, options: Partial<PlayOptions> = {}): PlayedSearch {
  return playSearch(harness, count, { outcomeOf, ...options });
}

/** Made from the configuration's text; one trial in eight fails. */
function outcomeOf({ id, configuration }: Trial): Outcome {
  const rng = seededRng(canonicalJson(configuration));
  return rng.next() < 1 / 8 ? { id, failed: true } : { id, score: rng.next(), cost: 1 };
}

function refused(attempt: () => unknown): void {
  assert.throws(attempt, UsageError);
}

function isSame(one: Configuration, other: Configuration): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
