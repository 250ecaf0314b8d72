import { allSix } from "../baselines.ts";
import { gainOver } from "../comparison.ts";
import type { Row } from "../comparison.ts";
import { textTable } from "./text-table.ts";

/** The rows of a comparison as a table, each beside "all six in parallel", and in a sentence what the last one gains. */
export function comparisonLines(
  rows: readonly Row[],
  { tasks, width }: { readonly tasks: number; readonly width?: number | undefined },
): string[] {
  const six = rows.find(({ name }) => name === allSix.name);
  const last = rows.at(-1);
  if (six === undefined || last === undefined) return [];
  const titles = [
    `On ${tasks} held-out tasks`,
    "metric",
    "95 % interval",
    "solved",
    "cost a task",
    "− all six",
    "95 % interval",
  ];
  const gain = gainOver(six, last);
  return [
    ...textTable([titles, ...rows.map((row) => cells(row, six))], { width, spare: [2, 6, 4] }),
    "",
    "metric: solved − 0.2 · cost / 20,000; cost: programs tried, and 100 for each example shown to a coder.",
    gain.interval[0] > 0
      ? `The optimised team beats ${six.name} by ${signed(gain.mean)} (paired, same tasks).`
      : `The optimised team does not beat ${six.name} significantly (paired, same tasks).`,
  ];
}

function cells(row: Row, six: Row): string[] {
  const { name, score, interval, solved, cost } = row;
  const gain = gainOver(six, row);
  const difference = row === six ? ["", ""] : [signed(gain.mean), range(gain.interval)];
  const price = Math.round(cost).toLocaleString("en");
  return [name, decimal(score), range(interval), `${Math.round(100 * solved)} %`, price, ...difference];
}

function range([low, high]: readonly [number, number]): string {
  return `${decimal(low)} … ${decimal(high)}`;
}

function decimal(value: number): string {
  return value.toFixed(3).replace("-", "−");
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}
