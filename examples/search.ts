import { readFileSync } from "node:fs";
import { exactMatch, examplesFromRecords, float, integer, optimize, program, signature, space } from "tutti";
import { seededRng } from "tutti/foundation";
import { iclModel } from "tutti/models/icl";
import { auto, front, importance, nsga2, searchTeleprompter } from "tutti/optimize";
import { demoOf } from "tutti/programs";
import { standardSpace } from "tutti/programs/presets";

// A program: the space that its modules offer, searched by the default.
const triage = program({
  name: "triage",
  signature: signature(
    'ticket -> queue: "billing" | "refunds" | "returns" | "shipping" | "account" | "security" | "technical" | "product_feedback"',
  ),
});
const tickets = (file: string) =>
  examplesFromRecords(
    triage.signature,
    readFileSync(new URL(file, import.meta.url), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
const train = tickets("triage/tickets.train.jsonl");
const { report } = await optimize(triage, {
  model: iclModel(),
  metric: exactMatch("queue"),
  train,
  test: tickets("triage/tickets.test.jsonl"),
  space: standardSpace(triage, { pool: train.map(demoOf) }),
  teleprompter: searchTeleprompter(auto(), { candidates: 20, prune: "race" }),
  budget: { calls: 1500 },
  seed: 1,
});
console.log(`held-out accuracy: ${report.heldOut?.baseline.score} → ${report.heldOut?.winner.score}`);

// Anything else, with one score or, as here, two: ask, measure, tell.
const sampler = nsga2();
const rng = seededRng(1);
const room = space([float("x", { min: 0, max: 1 }), integer("parts", { min: 1, max: 9 })]);
let state = sampler.start(room, { objectives: { quality: "maximize", cost: "minimize" } });
for (let round = 0; round < 60; round++)
  for (const trial of sampler.ask(state, rng.fork(`${round}`), 1)) {
    const { x, parts } = trial.configuration as { x: number; parts: number };
    const objectives = { quality: parts - 10 * (x - 0.5) ** 2, cost: parts };
    state = sampler.tell(sampler.issue(state, [trial]), { id: trial.id, objectives });
  }
const compromises = front(state).toSorted((a, b) => Number(a.objectives["cost"]) - Number(b.objectives["cost"]));
console.log(`${compromises.length} compromises; the cheapest:`, compromises[0]?.configuration);
console.log(`quality depends on ${importance(state, { objective: "quality" })[0]?.variable} most`);
