import { memoryStore } from "#storage/memory";
import { canonicalJson, systemClock } from "#foundation";
import { iclModel } from "#models/icl";
import { startRun } from "#optimize";
import type { Runner, Task } from "#optimize";
import { evaluate } from "#programs";
import type { Configuration } from "#variables";
import type { TuningContestant } from "./tuning-contestants.ts";
import type { TuningData } from "./tuning-data.ts";

/** What one run came to. */
export interface TuningRun {
  /** Held-out scores of the program as it was and with the best configuration by validation. */
  readonly before: number;
  readonly after: number;
  /** The held-out score of the best so far, from so many calls on. */
  readonly curve: readonly { readonly calls: number; readonly score: number }[];
  readonly spent: { readonly calls: number; readonly evaluations: number; readonly ms: number };
  readonly candidates: number;
  readonly reason: string;
  /** Whether the report says that the winner is better, and uses it. */
  readonly isAdopted: boolean;
}

export interface TuningRunOptions {
  readonly seed: number;
  /** Of the search; the comparison on test examples comes on top. */
  readonly calls: number;
}

/** Where the search stood when its best changed. */
interface Stand {
  readonly calls: number;
  readonly configuration: Configuration;
}

/** Runs a contestant on the offline model, then scores every best-so-far of the search on the held-out examples. */
export async function tuningRun(
  contestant: TuningContestant,
  data: TuningData,
  { seed, calls }: TuningRunOptions,
): Promise<TuningRun> {
  const { program, metric, train, validation, test } = data;
  const whole: Task = { program, space: data.space, baseline: {}, train, validation };
  const space = contestant.space?.(whole) ?? data.space;
  await using runner = await startRun({
    program,
    space,
    metric,
    train,
    validation,
    test,
    teleprompter: contestant.make({ ...whole, space }, calls),
    model: iclModel(),
    store: memoryStore(),
    budget: { calls: calls + 2 * test.length },
    seed,
    deterministic: true,
  });
  const began = systemClock.now();
  const stands = followBest(runner);
  const report = await runner.finished;
  const ms = systemClock.now() - began;
  const scores = await heldOutScores(data, [{}, ...stands.map(({ configuration }) => configuration)]);
  const [before = Number.NaN, ...others] = scores;
  return {
    before,
    after: scores.at(-1) ?? Number.NaN,
    curve: stands.map((stand, place) => ({ calls: stand.calls, score: others[place] ?? Number.NaN })),
    spent: { calls: report.spend.calls, evaluations: report.spend.evaluations, ms },
    candidates: report.candidates.length,
    reason: report.reason,
    isAdopted: report.significant,
  };
}

/** Fills while the run goes on. */
function followBest(runner: Runner): readonly Stand[] {
  const stands: Stand[] = [];
  let last = canonicalJson(runner.bestConfig());
  runner.events.subscribe(({ type }) => {
    if (type !== "told") return;
    const configuration = runner.bestConfig();
    const key = canonicalJson(configuration);
    if (key !== last) stands.push({ calls: runner.status().spend.calls, configuration });
    last = key;
  });
  return stands;
}

async function heldOutScores(
  { program, metric, heldOut }: TuningData,
  configurations: readonly Configuration[],
): Promise<readonly number[]> {
  const model = iclModel();
  const scores: number[] = [];
  for (const overrides of heldOut.length === 0 ? [] : configurations) {
    const { score } = await evaluate(program, heldOut, metric, { model, overrides }).summary();
    scores.push(score);
  }
  return scores;
}
