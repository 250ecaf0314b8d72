import { evaluate, program, signature } from "#tutti";
import type { Clock, Example, LanguageModel } from "#tutti";
import { systemClock } from "#foundation";
import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { median, spread } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe = "How close evaluate() of 500 examples at concurrency 64 comes to the ideal wall time.";

const count = 500;
const concurrency = 64;
const latencyMs = 50;
const idealMs = Math.ceil(count / concurrency) * latencyMs;

const capital = program({ name: "capital", signature: signature("question -> answer: string, confidence: float") });
const reply = "[[ ## answer ## ]]\nParis\n\n[[ ## confidence ## ]]\n0.9\n\n[[ ## completed ## ]]";
const examples: Example<{ question: string }, { answer: string; confidence: number }>[] = Array.from(
  { length: count },
  (_, index) => ({ inputs: { question: `Question ${index}?` }, expected: { answer: "Paris", confidence: 0.9 } }),
);

function slowModel(clock: Clock): LanguageModel {
  return {
    id: "slow",
    async generate(_request, options) {
      await clock.sleep(latencyMs, { signal: options?.signal });
      return { text: reply, finishReason: "stop", usage: { calls: 1, inputTokens: 10, outputTokens: 20, usd: 0 } };
    },
  };
}

interface WallMs {
  /** Until the last outcome. */
  readonly outcomes: number;
  /** Until the summary with its bootstrap interval, outcomes included. */
  readonly summary: number;
}

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const model = slowModel(systemClock);
  const rounds: WallMs[] = [];
  const timers: number[] = [];
  await once(model);
  for (let round = 0; round < (quick ? 9 : 31); round++) {
    rounds.push(await once(model));
    timers.push(await bareTimers());
  }
  const outcomes = rounds.map((round) => round.outcomes);
  const summary = rounds.map((round) => round.summary);
  console.log(
    `${count} examples, ${latencyMs} ms a call, ${concurrency} at once; medians of ${rounds.length} rounds\n`,
  );
  const row = (label: string, wallMs: readonly number[]): string[] => [
    label,
    spread(wallMs, 1),
    (median(wallMs) / idealMs).toFixed(3),
  ];
  printTable(
    ["", "ms: median (least–most)", "times ideal"],
    [
      ["ideal", idealMs.toFixed(1), "1.000"],
      row("bare timers in waves", timers),
      row("evaluate(), until the last outcome", outcomes),
      row("evaluate(), until its summary", summary),
    ],
  );
  return [
    atMost("500 examples until the last outcome, times the ideal", median(outcomes) / idealMs, 1.05, "x"),
    atMost("500 examples until the summary, times the ideal", median(summary) / idealMs, 1.05, "x"),
  ];
}

async function once(model: LanguageModel): Promise<WallMs> {
  const start = performance.now();
  const evaluation = evaluate(capital, examples, ({ answer }) => (answer === "Paris" ? 1 : 0), { model, concurrency });
  for await (const _ of evaluation);
  const outcomes = performance.now() - start;
  const { score, counted } = await evaluation.summary();
  const summary = performance.now() - start;
  if (score !== 1 || counted !== count) throw new Error(`scored ${score} over ${counted} examples`);
  return { outcomes, summary };
}

/** What this machine's timers make of the ideal: the same waits in waves, and nothing else. */
async function bareTimers(): Promise<number> {
  const start = performance.now();
  for (let waited = 0; waited < count; waited += concurrency)
    await Promise.all(Array.from({ length: concurrency }, () => systemClock.sleep(latencyMs)));
  return performance.now() - start;
}
