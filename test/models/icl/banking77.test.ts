import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sampleItems, seededRng } from "#foundation";
import { iclModel } from "#models/icl";
import { accuracy, answers } from "./asking.ts";
import type { Case } from "./intents.ts";

const file = new URL("../../../../shared/data/text/banking77.jsonl.gz", import.meta.url);

const labels = [
  "card_arrival",
  "card_delivery_estimate",
  "activate_my_card",
  "lost_or_stolen_card",
  "card_not_working",
  "declined_card_payment",
  "pending_card_payment",
  "card_payment_fee_charged",
  "transfer_fee_charged",
  "pending_transfer",
  "failed_transfer",
  "cancel_transfer",
];

interface Row {
  readonly x: string;
  readonly y: string;
  readonly s: "train" | "test";
}

function rows(split: Row["s"]): Case[] {
  const all = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return all
    .map((line) => JSON.parse(line) as Row)
    .filter(({ y, s }) => s === split && labels.includes(y))
    .map(({ x, y }) => ({ text: x, kind: labels.indexOf(y) }));
}

// The data stays outside the repository; without it the test is reported as skipped.
test.skipIf(!existsSync(file))(
  "Banking77, 12 classes: demonstrations help, from label names alone to 8 a class",
  async () => {
    const train = rows("train");
    const asked = sampleItems(seededRng("asked"), rows("test"), 120);
    const balanced = (each: number, seed: number): Case[] =>
      labels.flatMap((label, kind) =>
        sampleItems(
          seededRng(`${label} ${seed}`),
          train.filter((one) => one.kind === kind),
          each,
        ),
      );
    const mean = async (each: number): Promise<number> => {
      let sum = 0;
      for (const seed of [1, 2]) {
        const given = await answers(iclModel(), asked, { labels, demos: balanced(each, seed) });
        sum += accuracy(given, asked, labels);
      }
      return sum / 2;
    };
    const zero = await mean(0);
    expect(zero).toBeGreaterThan(0.45);
    expect(zero).toBeLessThan(0.75);
    const [one, eight] = [await mean(1), await mean(8)];
    expect(one).toBeGreaterThan(0.5);
    expect(eight).toBeGreaterThan(one + 0.05);
    expect(eight).toBeGreaterThan(0.7);
  },
);
