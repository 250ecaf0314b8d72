import { integerBelow, pick, seededRng, shuffle } from "#foundation";
import { exactMatch, program, signature } from "#programs";
import type { Example } from "#programs";

/** What a customer writes about, and the desk that sees to it. The names of the desks say nothing. */
const topics = {
  alpha: ["invoice", "payment", "receipt", "price"],
  beta: ["parcel", "courier", "delivery", "depot"],
  gamma: ["password", "login", "hacker", "account"],
  delta: ["crash", "screen", "battery", "update"],
} as const;

const openings = [
  "Hello, there is something with the",
  "I have a question on my",
  "Since Monday I worry about the",
  "Help, the",
];
const endings = ["and nobody answers.", "as I wrote before.", "which I do not understand.", "please see to it."];

export type DeskExample = Example<{ message: string }, { desk: keyof typeof topics }>;

/** Sends messages to desks: nobody can know which from the names alone. */
export const desk = program({
  name: "desk",
  signature: signature<'message -> desk: "alpha" | "beta" | "gamma" | "delta"'>(
    'message -> desk: "alpha" | "beta" | "gamma" | "delta"',
    { instructions: "Choose the desk." },
  ),
});

export const deskMetric = exactMatch<{ message: string }, { desk: keyof typeof topics }>("desk");

/** So many messages, drawn by the label; every desk is as frequent as the others. */
export function deskExamples(label: string, count: number): DeskExample[] {
  const rng = seededRng(`desk ${label}`);
  const desks = Object.keys(topics) as (keyof typeof topics)[];
  const examples = Array.from({ length: count }, (_, index): DeskExample => {
    const name = desks[index % desks.length] as keyof typeof topics;
    const message = `${pick(rng, openings)} ${pick(rng, topics[name])} ${pick(rng, endings)} (${integerBelow(rng, 1e6)})`;
    return { inputs: { message }, expected: { desk: name } };
  });
  return shuffle(rng.fork("order"), examples);
}
