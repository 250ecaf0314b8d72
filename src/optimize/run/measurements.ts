import { mean } from "#programs";
import type { Configuration } from "#variables";
import type { EvaluateWork, ExampleResult, Split } from "../teleprompter.ts";
import { keyOf } from "../configuration-key.ts";

/**
 * What was measured in a run and told: by split and configuration, then by rollout and example. Results of the world's
 * failures are not in it.
 */
export type Measurements = ReadonlyMap<string, Measured>;

type Measured = ReadonlyMap<string, ExampleResult>;

/** The measurements with what came of one more work item. */
export function withMeasured(
  measurements: Measurements,
  work: EvaluateWork,
  results: readonly ExampleResult[],
): Measurements {
  const fresh = results.filter((result) => result.reused !== true && (result.ok || result.failure === "candidate"));
  if (fresh.length === 0) return measurements;
  const key = measuredKey(work);
  const own = new Map(measurements.get(key));
  for (const result of fresh) own.set(placeOf(work, result.index), result);
  return new Map(measurements).set(key, own);
}

/** Those of the work's examples that need no run, in the work's order. */
export function knownExamples(measurements: Measurements, work: EvaluateWork): readonly number[] {
  const own = measurements.get(measuredKey(work));
  return own === undefined ? [] : work.examples.filter((index) => knownIn(own, work, index) !== undefined);
}

/** What the work hears of an example that was measured before; `undefined` where it was not, or without the trace. */
export function reusedResult(measurements: Measurements, work: EvaluateWork, index: number): ExampleResult | undefined {
  const own = measurements.get(measuredKey(work));
  const result = own && knownIn(own, work, index);
  if (result === undefined) return undefined;
  if (!result.ok || work.trace === true) return { ...result, reused: true };
  const { trace: _, ...untraced } = result;
  return { ...untraced, reused: true };
}

function knownIn(own: Measured, work: EvaluateWork, index: number): ExampleResult | undefined {
  const result = own.get(placeOf(work, index));
  const isShort = work.trace === true && result?.ok === true && result.trace === undefined;
  return isShort ? undefined : result;
}

/** What a configuration is worth on each example that counted, by its place; the mean over the rollouts. */
export function measuredScores(
  measurements: Measurements,
  measured: { readonly configuration: Configuration; readonly split: Split },
  worthOf: (result: ExampleResult) => number | undefined,
): ReadonlyMap<number, number> {
  const results = [...(measurements.get(measuredKey(measured))?.values() ?? [])];
  const byExample = Map.groupBy(results, ({ index }) => index);
  const scores = [...byExample].map(([index, all]) => [index, all.flatMap((result) => worthOf(result) ?? [])] as const);
  return new Map(scores.flatMap(([index, all]) => (all.length === 0 ? [] : [[index, mean(all)] as const])));
}

/** Two work items with the same one measure the same. */
export function measurementKey(work: EvaluateWork): string {
  return `${work.rollout ?? 0}/${measuredKey(work)}`;
}

function placeOf({ rollout = 0 }: EvaluateWork, index: number): string {
  return `${rollout}/${index}`;
}

function measuredKey({
  split,
  configuration,
}: {
  readonly split: Split;
  readonly configuration: Configuration;
}): string {
  return `${split}/${keyOf(configuration)}`;
}
