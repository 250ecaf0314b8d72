import type { Rng } from "#foundation";
import { demoOf, exactMatch, program, signature } from "#programs";
import type { Example, Metric, Program } from "#programs";
import { choice, demos, float, space, text } from "#variables";
import type { Space } from "#variables";
import { generateTickets, queueDescriptions, queues } from "./tickets.ts";
import type { Queue, Ticket } from "./tickets.ts";

export interface TicketInput {
  readonly ticket: string;
}

export interface QueueOutput {
  readonly queue: Queue;
}

export type TicketExample = Example<TicketInput, QueueOutput>;

/** Routes a ticket to its queue: one question to the model, without a demonstration as it stands. */
export const triageProgram: Program<TicketInput, QueueOutput> = program({
  name: "triage",
  signature: signature(
    'ticket -> queue: "billing" | "refunds" | "returns" | "shipping" | "account" | "security" | "technical" | "product_feedback"',
    { instructions: "Choose the queue of the support desk that the ticket belongs to." },
  ),
});

export const triageMetric: Metric<TicketInput, QueueOutput> = exactMatch("queue");

/** The most demonstrations in a prompt. */
export const maxDemos = 32;

const instructionsWithQueues = [
  triageProgram.signature.instructions,
  ...queues.map((queue) => `- ${queue}: ${queueDescriptions[queue]}`),
].join("\n");

/** What may change about the program. */
export function triageSpace(train: readonly TicketExample[]): Space {
  return space([
    demos("predict.demos", { pool: train.map(demoOf), max: maxDemos }),
    float("predict.temperature", { min: 0, max: 1, default: 0 }),
    choice("predict.adapter", ["chat", "json"]),
    text("predict.instructions", { candidates: ["", instructionsWithQueues] }),
  ]);
}

export interface TriageExamples {
  readonly train: readonly TicketExample[];
  readonly validation: readonly TicketExample[];
  readonly test: readonly TicketExample[];
}

/** The tickets of a seed as examples. No template of a text occurs in two of the lists. */
export function triageExamples(rng: Rng): TriageExamples {
  const { train, validation, test } = generateTickets(rng);
  return { train: train.map(exampleOf), validation: validation.map(exampleOf), test: test.map(exampleOf) };
}

function exampleOf({ ticket, queue }: Ticket): TicketExample {
  return { inputs: { ticket }, expected: { queue } };
}
