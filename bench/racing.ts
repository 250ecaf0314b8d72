import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import {
  fullOneByOne,
  halving,
  paired,
  raceInStep,
  raceOneByOne,
  simulate,
  stoppedShare,
  unpaired,
} from "./parts/racing-simulation.ts";
import type { RuleFigures, SelectionRule } from "./parts/racing-simulation.ts";
import { printTable } from "./parts/table.ts";

export const describe = "What halving and racing over examples choose, and for how many calls, simulated.";

const budgets = [320, 640, 1280, 3200] as const;

/** Ours, and beside them what the study behind them measured with code of its own: regret and share of the best. */
const rules: readonly {
  readonly name: string;
  readonly rule: SelectionRule;
  readonly study?: readonly string[];
}[] = [
  { name: "other items for each", rule: unpaired, study: ["4.98 .21", "3.70 .28", "2.49 .37", "0.97 .58"] },
  { name: "the same items for all", rule: paired, study: ["4.44 .23", "3.36 .30", "2.13 .42", "1.04 .57"] },
  { name: "one by one, all items", rule: fullOneByOne },
  { name: "halving, eta 3, 3 rungs", rule: halving(3, 3) },
  { name: "halving, eta 2, 4 rungs", rule: halving(2, 4), study: ["3.11 .33", "2.18 .41", "1.40 .51", "1.04 .55"] },
  { name: "race, one by one", rule: raceOneByOne() },
  { name: "race, all in step", rule: raceInStep() },
  {
    name: "race, all in step, z = 2.2",
    rule: raceInStep({ level: 0.014 }),
    study: ["4.94 .19", "3.14 .30", "1.62 .48", "1.08 .56"],
  },
];

export function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const size = { candidates: 16, items: 200, repetitions: quick ? 100 : 1000 };
  const figures = new Map<string, readonly RuleFigures[]>();
  for (const { name, rule } of rules)
    figures.set(
      name,
      budgets.map((budget) => simulate(rule, { ...size, budget })),
    );
  const rows = rules.flatMap(({ name, study }) => [
    [`ours: ${name}`, ...(figures.get(name) ?? []).map(cell)],
    ...(study === undefined ? [] : [["  the study", ...study]]),
  ]);
  console.log(
    `${size.candidates} candidates, ${size.items} items, ${size.repetitions} repetitions: regret in points, share of the best (calls)`,
  );
  printTable(["example evaluations", ...budgets.map(String)], rows);
  printLevels(size);
  return Promise.resolve(promisesOf(figures, size.candidates * size.items));
}

/** What the level of a look trades: examples for good candidates that are dropped. */
function printLevels(size: {
  readonly candidates: number;
  readonly items: number;
  readonly repetitions: number;
}): void {
  const rows = [0.014, 0.03, 0.07, 0.15, 0.3].map((level) => {
    const { regret, best, calls } = simulate(raceOneByOne({ level }), { ...size, budget: 3200 });
    const stopped = [0, 0.2, 0.4].map((better) => `${(100 * stoppedShare({ level }, better, size)).toFixed(0)} %`);
    return [String(level), cell({ regret, best, calls }), ...stopped];
  });
  console.log("");
  printTable(["race, one by one, level of a look", "3200", "stopped: as good", ".2 logits better", ".4 better"], rows);
}

function promisesOf(figures: ReadonlyMap<string, readonly RuleFigures[]>, all: number): readonly Promised[] {
  const at = (name: string, budget: (typeof budgets)[number], of: keyof RuleFigures): number =>
    figures.get(name)?.[budgets.indexOf(budget)]?.[of] ?? Number.NaN;
  const halved = at("halving, eta 3, 3 rungs", 640, "regret") - at("other items for each", 1280, "regret");
  const raced = at("race, one by one", 3200, "regret") - at("the same items for all", 3200, "regret");
  const share = (100 * at("race, one by one", 3200, "calls")) / all;
  return [
    atMost("halving at 640: regret beyond uniform evaluation on other items at 1,280", halved, 0, "points"),
    atMost("race, one by one: regret beyond full evaluation of all", raced, 0.2, "points"),
    atMost("race, one by one: calls of full evaluation", share, 60, "%"),
  ];
}

function cell({ regret, best, calls }: RuleFigures): string {
  return `${regret.toFixed(2)} ${best.toFixed(2).replace(/^0/, "")} (${calls.toFixed(0)})`;
}
