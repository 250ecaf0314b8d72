import type { Report, RunEvent, Runner, StartOptions } from "#optimize";
import { randomSearch } from "#optimize";
import { memoryStore } from "#storage/memory";
import { parity, parityMetric, parityModel, paritySpace, test, train, validation } from "./parity.ts";
import type { ParityExample } from "./parity.ts";

export type Options = StartOptions<ParityExample["inputs"], { parity: "even" | "odd" }>;

export function options(changes: Partial<Options> = {}): Options {
  return {
    store: memoryStore(),
    program: parity,
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 6 }),
    model: parityModel(),
    metric: parityMetric,
    train,
    validation,
    test,
    seed: 7,
    ...changes,
  };
}

/** The report without what differs between two equal runs: the time they took. */
export function timeless(report: Report): unknown {
  return { ...report, spend: { ...report.spend, ms: 0 } };
}

export async function until(runner: Runner, isReached: (event: RunEvent) => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    runner.events.subscribe((event) => {
      if (isReached(event)) resolve();
    });
  });
}
