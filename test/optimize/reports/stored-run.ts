import type { EvaluateWork, ExampleResult, RunEvent, RunRecord } from "#optimize";
import { noUsage, program, signature } from "#programs";
import { choice, demos, float, space, text } from "#variables";
import type { Configuration } from "#variables";

/** A run as a store would have it, without one. */
export function storedRun(changes: Partial<RunRecord> = {}): RunRecord {
  const spent = { evaluations: 0, calls: 0, tokens: 0, usd: 0, ms: 0 };
  return {
    schema: 1,
    id: "run_0123456789abcdefghij" as RunRecord["id"],
    program: program({
      name: "triage",
      signature: signature("ticket -> queue", { instructions: "Route the ticket." }),
    }),
    space: space([
      text("predict.instructions"),
      float("predict.temperature", { min: 0, max: 1 }),
      demos("predict.demos", { pool: [demo(1), demo(2), demo(3)], max: 3 }),
      choice("predict.adapter", ["chat", "json"]),
    ]),
    baseline: { "predict.temperature": 0.5 },
    teleprompter: { name: "one_of_ones_own", options: {} },
    model: "scripted",
    data: { train: "a", validation: "b", test: "c" },
    sizes: { train: 8, validation: 8, test: 0 },
    budget: {},
    seed: "1",
    concurrency: 8,
    deterministic: true,
    createdAt: 1_700_000_000_000,
    progress: { status: "running", candidates: 0, spend: spent },
    ...changes,
  };
}

export function demo(n: number): { readonly inputs: { ticket: string }; readonly outputs: { queue: string } } {
  return { inputs: { ticket: `ticket ${n}` }, outputs: { queue: "billing" } };
}

/** One item of work with what came of it; without scores it is still out. */
export interface Step extends Partial<EvaluateWork> {
  readonly id: string;
  readonly configuration: Configuration;
  readonly scores?: readonly number[];
  /** What an example costs. */
  readonly usd?: number;
}

const second = 1000;

/** The log of these items: 10 tokens and one call an example, one second an event. */
export function logOf(steps: readonly Step[], ...more: readonly RunEvent[]): RunEvent[] {
  const events: RunEvent[] = [{ type: "started", at: 0 }];
  const add = (event: object): void => void events.push({ ...event, at: events.length * second } as RunEvent);
  for (const { scores, usd = 0, ...given } of steps) {
    const examples = (scores ?? [0]).map((_, index) => index);
    const work: EvaluateWork = { kind: "evaluate", purpose: given.id, split: "validation", examples, ...given };
    add({ type: "issued", work: [work] });
    if (scores === undefined) continue;
    for (const [at, score] of scores.entries()) {
      const usage = { ...noUsage, calls: 1, inputTokens: 8, outputTokens: 2, usd };
      const result = {
        ok: true,
        index: work.examples[at] ?? at,
        score,
        usage,
        outputs: {},
      } as unknown as ExampleResult;
      add({ type: "example", work: work.id, result });
    }
    add({ type: "told", work: work.id });
  }
  for (const event of more) add(event);
  return events;
}

/** The same score on as many examples. */
export function all(score: number, count = 8): number[] {
  return Array.from({ length: count }, () => score);
}
