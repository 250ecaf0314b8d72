import { readFileSync } from "node:fs";
import { demos, examplesFromRecords, program, signature } from "tutti";
import { iclModel } from "tutti/models/icl";
import { demoOf } from "tutti/programs";
import { agentSelection, communicationTopology, LiveTeam, team } from "tutti/orchestration";
import { memoryStore } from "tutti/storage/memory";
import { agentize, optimizeTeam, programModule, simba } from "tutti/teams";
import type { TeamExample } from "tutti/teams";

const desk = signature(
  'ticket -> queue: "billing" | "refunds" | "returns" | "shipping" | "account" | "security" | "technical" | "product_feedback"',
);
const read = (file: string) => {
  const lines = readFileSync(new URL(file, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return examplesFromRecords(
    desk,
    lines.map((line) => JSON.parse(line)),
  );
};
const train = read("triage/tickets.train.jsonl");
const asTask = ({ inputs, expected }: (typeof train)[number]): TeamExample => ({
  input: inputs,
  expectedOutput: expected,
});

// Three clerks who have seen different tickets, and one who has seen none. Who works, and how they talk, may change.
const clerk = (name: string, seen: typeof train) =>
  agentize(program({ name, signature: desk, configuration: { "predict.demos": seen.map(demoOf) } }), {
    localVariables: [demos("predict.demos", { pool: train.slice(0, 48).map(demoOf), max: 24 })],
  });
const desks = team({
  name: "desks",
  agents: {
    new: clerk("new", []),
    ann: clerk("ann", train.slice(0, 16)),
    bob: clerk("bob", train.slice(16, 32)),
    cy: clerk("cy", train.slice(32, 48)),
  },
  variables: [
    agentSelection("clerks", { agents: ["new", "ann", "bob", "cy"], select: "subset", default: ["new"] }),
    communicationTopology("net", {
      agents: ["new", "ann", "bob", "cy"],
      patterns: ["broadcast", "chain"],
      aggregates: ["vote", "last"],
    }),
  ],
});

const model = iclModel();
const modules = [programModule({ model })];
const { actions, report } = await optimizeTeam(desks, {
  store: memoryStore(),
  modules,
  model,
  metric: ({ output }, { expectedOutput }) => (JSON.stringify(output) === JSON.stringify(expectedOutput) ? 1 : 0),
  teleprompter: simba(),
  train: train.slice(48).map(asTask),
  test: read("triage/tickets.test.jsonl").map(asTask),
  budget: { evaluations: 60, calls: 20_000 },
  seed: 1,
});

await using live = new LiveTeam(desks, { modules });
await live.startAgents();
await live.apply(actions); // starts, checks, switches, drains, stops: no request is lost
const answer = await live.ask({ ticket: "You charged my card twice" });
console.log(answer.ok ? answer.output : answer.error, live.status().activeAgents);
console.log(`held-out accuracy: ${report.heldOut?.baseline.score} → ${report.heldOut?.winner.score}`);
