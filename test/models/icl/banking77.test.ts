import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { sampleItems, seededRng } from "#foundation";
import { iclModel } from "#models/icl";
import type { TierName } from "#models/icl";
import { accuracy, answers, ask } from "./asking.ts";
import type { Case } from "./intents.ts";

const file = new URL("../../../../shared/data/text/banking77.jsonl.gz", import.meta.url);

/** The model's weights were chosen while these were looked at. */
const design = [
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

/** Nobody looked at these. */
const fresh = [
  "beneficiary_not_allowed",
  "change_pin",
  "exchange_rate",
  "exchange_charge",
  "get_physical_card",
  "passcode_forgotten",
  "pin_blocked",
  "top_up_failed",
  "top_up_limits",
  "verify_my_identity",
  "wrong_amount_of_cash_received",
  "request_refund",
];

interface Row {
  readonly x: string;
  readonly y: string;
  readonly s: "train" | "test";
}

function rows(split: Row["s"], labels: readonly string[]): Case[] {
  const all = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return all
    .map((line) => JSON.parse(line) as Row)
    .filter(({ y, s }) => s === split && labels.includes(y))
    .map(({ x, y }) => ({ text: x, kind: labels.indexOf(y) }));
}

interface Measuring {
  readonly labels: readonly string[];
  readonly count: number;
  readonly seeds: readonly number[];
  readonly tier?: TierName;
  readonly request?: { readonly temperature: number };
}

/** The mean accuracy on held-out queries with so many demonstrations of every class, over the seeds. */
async function mean(
  each: number,
  { labels, count, seeds, tier = "base", request = { temperature: 0 } }: Measuring,
): Promise<number> {
  const train = rows("train", labels);
  const asked = sampleItems(seededRng("asked"), rows("test", labels), count);
  let sum = 0;
  for (const seed of seeds) {
    const demos = labels.flatMap((label, kind) =>
      sampleItems(
        seededRng(`${label} ${seed}`),
        train.filter((one) => one.kind === kind),
        each,
      ),
    );
    const model = iclModel({ tier, contextTokens: 100_000 });
    sum += accuracy(await answers(model, asked, { labels, demos, request }), asked, labels);
  }
  return sum / seeds.length;
}

// The data stays outside the repository; without it the tests are reported as skipped. SNIPS is on no machine of ours.
describe.skipIf(!existsSync(file))("Banking77, 12 classes", () => {
  test("the classes of the design: within the bands that were measured", async () => {
    const measuring = { labels: design, count: 120, seeds: [1, 2] };
    const [zero, one, eight] = [await mean(0, measuring), await mean(1, measuring), await mean(8, measuring)];
    expect(zero).toBeGreaterThan(0.45);
    expect(zero).toBeLessThan(0.75);
    expect(one).toBeGreaterThan(0.5);
    expect(eight).toBeGreaterThan(one + 0.05);
    expect(eight).toBeGreaterThan(0.7);
  });

  test("classes that nobody looked at: every doubling of the demonstrations adds 2 points, over 5 seeds", async () => {
    const measuring = { labels: fresh, count: 150, seeds: [1, 2, 3, 4, 5] };
    let before = 0;
    for (const each of [1, 2, 4, 8]) {
      const now = await mean(each, measuring);
      expect(now).toBeGreaterThan(before + 0.02);
      before = now;
    }
    expect(before).toBeGreaterThan(0.75);
  });

  test("heat costs accuracy, and the small tier is worse", async () => {
    const measuring = { labels: fresh, count: 120, seeds: [1, 2] };
    const base = await mean(4, measuring);
    expect(await mean(4, { ...measuring, request: { temperature: 2 } })).toBeLessThan(base - 0.05);
    expect(await mean(4, { ...measuring, tier: "small" })).toBeLessThan(base - 0.03);
  });

  test("an instruction that the model proposes from 120 examples answers better than none, on held-out queries", async () => {
    const train = sampleItems(seededRng("proposal"), rows("train", fresh), 120);
    const asked = sampleItems(seededRng("asked"), rows("test", fresh), 200);
    const examples = train.map(({ text, kind }) => ({ inputs: { text }, expected: { kind: fresh[kind] ?? "" } }));
    const current = "Sort the queries of a bank's customers.";
    const { values } = await ask(iclModel(), {
      signature: "current_instruction, examples_with_feedback: json -> improved_instruction",
      inputs: { current_instruction: current, examples_with_feedback: examples },
    });
    const instructions = String(values["improved_instruction"]);
    expect(instructions.split("\n").length).toBeGreaterThan(10);
    const score = async (own: string): Promise<number> =>
      accuracy(await answers(iclModel(), asked, { labels: fresh, instructions: own }), asked, fresh);
    expect(await score(instructions)).toBeGreaterThan((await score(current)) + 0.03);
  });
});
