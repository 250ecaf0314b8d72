import { choice, demos, exactMatch, float, program, signature, space, text } from "tutti";
import type { Metric, Program, Space } from "tutti";

/** What runs: one question to the model for each ticket. */
export const triage: Program = program({
  name: "triage",
  signature: signature(
    'ticket -> queue: "billing" | "refunds" | "returns" | "shipping" | "account" | "security" | "technical" | "product_feedback"',
    { instructions: "Choose the queue of the support desk that the ticket belongs to." },
  ),
});

/** What counts: the right queue. */
export const metric: Metric<object, { queue: string }> = exactMatch("queue");

/** What may change. Without a pool of their own, demonstrations are drawn from the training tickets. */
const variables: Space = space([
  text("predict.instructions"), // for teleprompters that write: simba, mipro, copro, …
  demos("predict.demos", { max: 24 }),
  float("predict.temperature", { min: 0, max: 1, default: 0 }),
  choice("predict.adapter", ["chat", "json"]),
]);

export { variables as space };
