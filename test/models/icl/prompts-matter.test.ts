import { expect, test } from "vitest";
import { iclModel } from "#models/icl";
import { accuracy, answers } from "./asking.ts";
import { cases, kindCount, opaqueLabels } from "./intents.ts";
import type { Case } from "./intents.ts";

const labels = opaqueLabels;
const asked = cases("asked", 90);

async function score(demos: readonly Case[], request = {}): Promise<number> {
  return accuracy(await answers(iclModel(), asked, { labels, demos, request }), asked, labels);
}

test("more demonstrations of every kind answer better, 1 to 8 a kind over 5 seeds", async () => {
  const means: number[] = [];
  for (const each of [1, 2, 4, 8]) {
    let sum = 0;
    for (const seed of [1, 2, 3, 4, 5]) sum += await score(cases(`demos ${seed}`, each * kindCount));
    means.push(sum / 5);
  }
  for (const [index, mean] of means.entries())
    if (index > 0) expect(mean).toBeGreaterThan((means[index - 1] ?? 1) + 0.02);
});

test("without its demonstrations a prompt is answered differently", async () => {
  const demos = cases("demos", 24);
  expect(await score(demos)).toBeGreaterThan((await score([])) + 0.3);
});

test("temperature 2 answers worse than 0, and a vote of five at 1 no worse than one draw", async () => {
  const demos = cases("demos", 24);
  expect(await score(demos, { temperature: 2 })).toBeLessThan((await score(demos)) - 0.05);
  const draws: unknown[][] = [];
  for (const rollout of [1, 2, 3, 4, 5])
    draws.push(await answers(iclModel(), asked, { labels, demos, request: { temperature: 1, rollout } }));
  const single = draws.reduce((sum, given) => sum + accuracy(given, asked, labels), 0) / draws.length;
  const voted = asked.map((_, index) => mostFrequent(draws.map((given) => given[index])));
  expect(accuracy(voted, asked, labels)).toBeGreaterThanOrEqual(single);
});

test("top_p near 0 is greedy", async () => {
  const demos = cases("demos", 24);
  const greedy = await answers(iclModel(), asked, { labels, demos });
  const narrow = await answers(iclModel(), asked, {
    labels,
    demos,
    request: { temperature: 0.3, topP: 0.01, seed: 1 },
  });
  expect(narrow).toEqual(greedy);
});

const rules: readonly (readonly [form: string, rule: string])[] = [
  ["if … answer", 'If the text mentions penguin, walrus or "polar bear", answer L3.'],
  ["if … then", "When the message contains penguin or polar bear then L3"],
  ["use … for", "Use L3 for penguins, polar bears"],
  ["label: words", "L3: penguin, polar bear, walrus"],
  ["list of words", "- L3 — penguin; polar bear"],
];

test.each(rules)("a rule of the form %s flips what it targets and leaves the rest", async (_form, rule) => {
  const demos = cases("demos", 12);
  const targeted = cases("targeted", 12).map(({ text }) => ({
    text: `${text} said the penguin to the polar bear`,
    kind: 3,
  }));
  const rest = asked.slice(0, 30);
  const instructions = "Sort the messages.";
  const ruled = `${instructions}\n${rule}`;
  const model = iclModel();
  const restBefore = await answers(model, rest, { labels, demos, instructions });
  const targetedBefore = await answers(model, targeted, { labels, demos, instructions });
  expect(await answers(model, rest, { labels, demos, instructions: ruled })).toEqual(restBefore);
  expect(
    accuracy(await answers(model, targeted, { labels, demos, instructions: ruled }), targeted, labels),
  ).toBeGreaterThan(0.9);
  expect(accuracy(targetedBefore, targeted, labels)).toBeLessThan(0.5);
  expect(await answers(model, targeted, { labels, demos, instructions })).toEqual(targetedBefore);
});

test("an exclusion takes a label away", async () => {
  const instructions = "Sort the messages. Never answer L0 if the text mentions penguins.";
  const one = [{ text: "refund the invoice of the penguin", kind: 0 }];
  const demos = cases("demos", 12);
  expect(await answers(iclModel(), one, { labels, demos })).toEqual(["L0"]);
  expect(await answers(iclModel(), one, { labels, demos, instructions })).not.toEqual(["L0"]);
});

test("a condition on what is absent is no rule", async () => {
  const instructions = "If the text does not mention refund, answer L1.";
  const one = [{ text: "refund", kind: 0 }];
  expect(await answers(iclModel(), one, { labels, instructions })).toEqual(["L0"]);
});

test("names and descriptions of labels count without demonstrations", async () => {
  const named = ["cardArrival", "lost_card", "exchange-rate"];
  const texts = ["the card should arrive soon", "I lost it", "what rate do you exchange at"];
  const asking = texts.map((text, kind) => ({ text, kind }));
  expect(accuracy(await answers(iclModel(), asking, { labels: named }), asking, named)).toBe(1);
  const instructions = [
    "L0: anything that people write about food they eat at home",
    "L1: all the questions somebody has concerning trains and railways",
  ].join("\n");
  const described = [
    { text: "which railway runs trains to Rome", kind: 1 },
    { text: "food to eat", kind: 0 },
  ];
  expect(accuracy(await answers(iclModel(), described, { labels, instructions }), described, labels)).toBe(1);
});

function mostFrequent(values: readonly unknown[]): unknown {
  const counts = values.map((value) => values.filter((other) => other === value).length);
  return values[counts.indexOf(Math.max(...counts))];
}
