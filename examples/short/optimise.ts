import { demos, exactMatch, optimize, program, signature, space } from "tutti";

const triage = program({ name: "triage", signature: signature('ticket -> queue: "alpha" | "beta"') });
const ticket = (about: string, queue: "alpha" | "beta", number: number) => ({
  inputs: { ticket: `Ticket ${number} about ${about}` },
  expected: { queue },
});
const tickets = Array.from({ length: 80 }, (_, number) =>
  number % 2 === 0 ? ticket("an invoice", "alpha", number) : ticket("a crash", "beta", number),
);
const { program: better, report } = await optimize(triage, {
  model: "icl/base",
  metric: exactMatch("queue"),
  train: tickets.slice(0, 40),
  test: tickets.slice(40),
  space: space([demos("predict.demos", { max: 4 })]),
  teleprompter: "bootstrap_few_shot",
  budget: { calls: 1000 },
  seed: 1,
});

console.log(report.heldOut?.baseline.score, "→", report.heldOut?.winner.score, better.configuration);
