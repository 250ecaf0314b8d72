import { seededRng } from "#foundation";
import { consensusAlgorithms, establishConsensus, negotiateValue } from "#orchestration";
import type { StrategyName } from "#orchestration";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { coordinationProtocols } from "./parts/coordination-protocols.ts";
import type { ProtocolCost } from "./parts/coordination-protocols.ts";
import { median, quantile } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "Decisions per second and messages per decision of every protocol, and its safety under faults.";

const sizes = [4, 16, 64] as const;
const strategies: readonly StrategyName[] = ["weighted_consensus", "consensus", "auction", "market_based", "genetic"];

export async function run({ quick, schedules = quick ? 50 : 500 }: BenchOptions): Promise<readonly Promised[]> {
  costs(quick ? 4 : 32);
  const p95 = [...(await votes(quick ? 20 : 100)), ...negotiations(quick ? 20 : 100)];
  return [...p95, ...held(schedules)];
}

/** Steps of all members, one after the other on one thread; networks and agents take no time. */
function costs(decisions: number): void {
  console.log("where nothing goes wrong, in one thread: decisions/s, and messages a decision (timers' included)\n");
  const rows = coordinationProtocols.map(({ name, decision, cost }) => {
    const bySize = sizes.map((size) => cost(size, decisions));
    return [name, decision, ...bySize.flatMap(figuresOf), growth(bySize)];
  });
  const headings = sizes.flatMap((size) => [`n=${size} /s`, "messages"]);
  printTable(["protocol", "a decision is", ...headings, "messages grow as"], rows);
  console.log("");
}

function figuresOf({ decisions, seconds, messages }: ProtocolCost): readonly string[] {
  return [(decisions / seconds).toPrecision(3), (messages / decisions).toFixed(1)];
}

/** The exponent between the last two sizes. */
function growth(costsBySize: readonly ProtocolCost[]): string {
  const [few, many] = costsBySize.slice(-2).map(({ messages, decisions }) => messages / decisions);
  return `n^${(Math.log((many ?? 1) / (few ?? 1)) / Math.log(64 / 16)).toFixed(2)}`;
}

/** `establishConsensus` with agents that vote at once. The distributed ones wait for real timers. */
async function votes(rounds: number): Promise<readonly Promised[]> {
  const rows: string[][] = [];
  const promises: Promised[] = [];
  for (const algorithm of ["simple_majority", "weighted_voting", "unanimous"]) {
    const row: string[] = [algorithm];
    for (const size of [...sizes, 100]) {
      const agents = agentsOf(size);
      const times = await timed(rounds, () =>
        establishConsensus(agents, { temperature: 0.5 }, { algorithm, vote: () => true }),
      );
      row.push((1000 / median(times)).toPrecision(3));
      if (size === 100)
        promises.push(atMost(`p95 of ${algorithm} among 100 agents (R157)`, quantile(times, 0.95), 100, "ms"));
    }
    rows.push(row);
  }
  console.log(
    `votes that agents give at once, decisions/s; of ${consensusAlgorithms.length} algorithms those without timers\n`,
  );
  printTable(["algorithm", ...[...sizes, 100].map((size) => `n=${size}`)], rows);
  console.log("");
  return promises;
}

function negotiations(rounds: number): readonly Promised[] {
  const rng = seededRng("negotiations");
  const promises: Promised[] = [];
  const rows = strategies.map((strategy) => {
    const row: string[] = [strategy];
    for (const size of [...sizes, 100]) {
      const preferences = agentsOf(size).map((agent) => ({ agent, value: rng.next(), weight: 1 + rng.next() }));
      // A search of thousands of evaluations, not a formula.
      const times = Array.from({ length: (strategy === "genetic" ? 3 : rounds) + 3 }, () => {
        const begun = performance.now();
        const result = negotiateValue("temperature", preferences, { strategy, constraints: { min: 0, max: 1 } });
        if (!result.ok) throw new Error(`${strategy}: ${result.error.message}`);
        return performance.now() - begun;
      }).slice(3);
      row.push((1000 / median(times)).toPrecision(3));
      if (size === 100)
        promises.push(atMost(`p95 of ${strategy} among 100 agents (R157)`, quantile(times, 0.95), 100, "ms"));
    }
    return row;
  });
  console.log("negotiateValue, decisions/s\n");
  printTable(["strategy", ...[...sizes, 100].map((size) => `n=${size}`)], rows);
  console.log("");
  return promises;
}

/** Random schedules with 5 members; the first that breaks an invariant is printed whole. */
function held(schedules: number): readonly Promised[] {
  return coordinationProtocols.map(({ name, holds }) => {
    const { schedules: run, steps, failure } = holds(schedules, `nightly/${name}`);
    console.log(`${name}: ${run} schedules of faults, ${steps} steps${failure === undefined ? "" : `\n${failure}`}`);
    return atLeast(`${name}: schedules without a violation`, failure === undefined ? run : run - 1, schedules, "");
  });
}

async function timed(rounds: number, act: () => Promise<{ readonly ok: boolean }>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = -3; round < rounds; round++) {
    const begun = performance.now();
    const { ok } = await act();
    if (!ok) throw new Error("no decision");
    if (round >= 0) times.push(performance.now() - begun);
  }
  return times;
}

function agentsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => `agent ${place}`);
}
