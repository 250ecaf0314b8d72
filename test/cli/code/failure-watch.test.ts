import { expect, test } from "vitest";
import type { ExampleResult, RunEvent } from "#optimize";
import { noUsage } from "#programs";
import { failureWatch } from "../../../src/cli/code/failure-watch.ts";
import { commonestFailures, failureKinds } from "../../../src/cli/reports/failures-text.ts";

const at = 0;
const usage = noUsage;

function issued(id: string, configuration: { readonly [path: string]: number }): RunEvent {
  const work = { kind: "evaluate", id, purpose: id, configuration, split: "validation", examples: [0, 1] } as const;
  return { type: "issued", at, work: [work] };
}

function example(work: string, index: number, message?: string): RunEvent {
  const result: ExampleResult =
    message === undefined
      ? { ok: true, score: 1, index, usage }
      : { ok: false, failure: "candidate", message, index, usage };
  return { type: "example", at, work, result };
}

test("warns once when all of the baseline failed, with what was said", () => {
  const watch = failureWatch({ t: 0 });
  const lines = [
    issued("a", { t: 0 }),
    issued("b", { t: 1 }),
    example("a", 0, 'no label. It said: "x"'),
    example("a", 1, 'no label. It said: "y"'),
    { type: "told", at, work: "a" } as const,
    example("b", 0, "no label"),
    example("b", 1),
    { type: "told", at, work: "b" } as const,
  ].flatMap((event) => watch.see(event));
  expect(lines).toEqual([
    "warning: all 2 examples of the baseline failed; look into this first (Ctrl-C pauses the run):",
    '  2 × no label. It said: "x"',
  ]);
  expect(watch.sum()[0]).toBe("3 of 4 examples run failed:");
});

test("says nothing of a run in which nothing failed", () => {
  const watch = failureWatch({});
  const events = [issued("a", {}), example("a", 0), example("a", 1), { type: "told", at, work: "a" } as const];
  expect(events.flatMap((event) => watch.see(event))).toEqual([]);
  expect(watch.sum()).toEqual([]);
});

test("failures that differ in the example and the reply alone are of one kind", () => {
  const messages = [
    "the metric failed on example 3: no",
    "the metric failed on example 12: no",
    'queue: got "a". It said: "b"',
    ...["p", "q", "r"].map((letter) => `other ${letter}`),
  ];
  expect(failureKinds(messages)[0]).toEqual({ count: 2, message: "the metric failed on example 3: no" });
  expect(commonestFailures(messages)).toEqual([
    "  2 × the metric failed on example 3: no",
    '  1 × queue: got "a". It said: "b"',
    "  1 × other p",
    "  2 × something else",
  ]);
});
