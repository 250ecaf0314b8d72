import { readFileSync } from "node:fs";
import { demos, exactMatch, examplesFromRecords, execute, optimize, program, signature, space } from "tutti";
import { iclModel } from "tutti/models/icl";
import { bootstrapFewShot } from "tutti/optimize";

const desk = signature(
  'ticket -> queue: "billing" | "refunds" | "returns" | "shipping" | "account" | "security" | "technical" | "product_feedback"',
);
const triage = program({ name: "triage", signature: desk });
const lines = (file: string) =>
  readFileSync(new URL(file, import.meta.url), "utf8")
    .trim()
    .split("\n");
const tickets = (file: string) =>
  examplesFromRecords(
    desk,
    lines(file).map((line) => JSON.parse(line)),
  );

const model = iclModel(); // offline; or "openai/gpt-5-mini", an AI SDK model, { id, url, apiKey }, a function
const { program: better, report } = await optimize(triage, {
  model,
  metric: exactMatch("queue"),
  train: tickets("triage/tickets.train.jsonl"),
  test: tickets("triage/tickets.test.jsonl"),
  space: space([demos("predict.demos", { max: 32 })]),
  teleprompter: bootstrapFewShot({ maxDemos: 32 }),
  budget: { calls: 5000 },
  seed: 1,
});
const { outputs } = await execute(better, { ticket: "You charged my card twice" }, { model });

console.log(`queue: ${outputs.queue}`); // outputs.queue is "billing" | "refunds" | …, not string
console.log(`held-out accuracy: ${report.heldOut?.baseline.score} → ${report.heldOut?.winner.score}`);
