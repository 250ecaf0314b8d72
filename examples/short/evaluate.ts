import { evaluate, exactMatch, program, signature } from "tutti";

const triage = program({ name: "triage", signature: signature('ticket -> queue: "billing" | "technical"') });
const tickets = [
  { inputs: { ticket: "A billing mistake: I paid twice" }, expected: { queue: "billing" as const } },
  { inputs: { ticket: "A technical problem: the app crashes" }, expected: { queue: "technical" as const } },
  { inputs: { ticket: "Where is my invoice?" }, expected: { queue: "billing" as const } },
];
const { score, interval } = await evaluate(triage, tickets, exactMatch("queue"), { model: "icl/base" }).summary();

console.log(score, interval);
