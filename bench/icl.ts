import { sampleItems, seededRng, systemClock } from "#foundation";
import { iclModel } from "#models/icl";
import type { TierName } from "#models/icl";
import { chat, signature } from "#programs";
import type { Message } from "#programs";
import { confusableIntents, freshIntents, readBanking77 } from "./parts/banking77.ts";
import type { BankingRow } from "./parts/banking77.ts";
import { atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { median, spread } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "What a call of the offline model takes with 32 demonstrations, and how often it is right on Banking77.";

export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const calls = await measureCalls(quick ? 300 : 3000);
  console.log(`32 demonstrations of 12 words, 8 labels: ${spread(calls, 3)} ms a call: median (least–most) of batches`);
  await printAccuracy(quick);
  console.log("SNIPS is not on this machine: accuracy on it was not measured");
  return [atMost("a call with 32 short demonstrations", median(calls), 5, "ms")];
}

const subjects = ["refund", "invoice", "crash", "login", "parcel", "address", "colour", "meeting"];

/** Milliseconds a call, by batches of 100 different questions to one prompt. */
async function measureCalls(count: number): Promise<number[]> {
  const rng = seededRng("icl");
  const text = (index: number): string =>
    `hello number ${index}, this is about my ${subjects[index % 8]} of last ${subjects[Math.floor(rng.next() * 8)]} week`;
  const shape = signature(`text -> kind: ${subjects.map((one) => JSON.stringify(one)).join(" | ")}`);
  const demos = Array.from({ length: 32 }, (_, index) => ({
    inputs: { text: text(index) },
    outputs: { kind: subjects[index % 8] ?? "" },
  }));
  const preamble = chat.preamble(shape, demos);
  const model = iclModel();
  const ask = async (index: number): Promise<unknown> =>
    model.generate({ messages: [...preamble, chat.question(shape, { text: text(index) })] });
  for (let index = 0; index < 200; index++) await ask(index);
  const batches: number[] = [];
  for (let batch = 0; batch < count / 100; batch++) {
    const before = systemClock.now();
    for (let index = 0; index < 100; index++) await ask(1000 + batch * 100 + index);
    batches.push((systemClock.now() - before) / 100);
  }
  return batches;
}

const shots = [0, 1, 2, 4, 8] as const;

async function printAccuracy(quick: boolean): Promise<void> {
  const rows = readBanking77([...confusableIntents, ...freshIntents]);
  if (rows === undefined) {
    console.log("Banking77 is not there (../shared/data/text): accuracy was not measured");
    return;
  }
  const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
  console.log(`\nBanking77, 12 classes, demonstrations a class; mean of ${seeds.length} seeds, temperature 0\n`);
  const table: string[][] = [];
  for (const [name, labels] of [
    ["classes of the design", confusableIntents],
    ["classes nobody looked at", freshIntents],
  ] as const)
    for (const tier of ["base", "small"] as const)
      table.push([`${name}, ${tier}`, ...(await accuracies(rows, labels, { tier, seeds, most: quick ? 120 : 480 }))]);
  printTable(["", ...shots.map((each) => String(each))], table);
}

interface Measuring {
  readonly tier: TierName;
  readonly seeds: readonly number[];
  readonly most: number;
}

async function accuracies(
  rows: readonly BankingRow[],
  labels: readonly string[],
  { tier, seeds, most }: Measuring,
): Promise<string[]> {
  const own = rows.filter(({ y }) => labels.includes(y));
  const asked = sampleItems(
    seededRng("asked"),
    own.filter(({ s }) => s === "test"),
    most,
  );
  const shape = signature(`text -> kind: ${labels.map((label) => JSON.stringify(label)).join(" | ")}`);
  const means: string[] = [];
  for (const each of shots) {
    let right = 0;
    for (const seed of seeds) {
      const demos = labels.flatMap((label) =>
        sampleItems(
          seededRng(`${label} ${seed}`),
          own.filter(({ y, s }) => y === label && s === "train"),
          each,
        ),
      );
      const shown = demos.map(({ x, y }) => ({ inputs: { text: x }, outputs: { kind: y } }));
      const preamble: readonly Message[] = chat.preamble(shape, shown);
      const model = iclModel({ tier, contextTokens: 100_000 });
      for (const { x, y } of asked) {
        const { text } = await model.generate({ messages: [...preamble, chat.question(shape, { text: x })] });
        const read = chat.read(text, shape.outputs);
        if (read.ok && read.values["kind"] === y) right++;
      }
    }
    means.push((right / (asked.length * seeds.length)).toFixed(3));
  }
  return means;
}
