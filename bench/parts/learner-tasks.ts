import { integerBelow, seededRng } from "#foundation";
import type { JsonObject } from "#foundation";
import { iclModel } from "#models/icl";
import { demoOf, module, program, signature } from "#programs";
import type { Example, LanguageModel, Metric, Module, Program } from "#programs";
import { choice, demos, float, space, text } from "#variables";
import type { Space } from "#variables";
import { generateTickets, queues } from "../../src/cli/demos/triage/tickets.ts";
import type { Queue, Ticket } from "../../src/cli/demos/triage/tickets.ts";

/** A task that a run can be started with. */
export interface LearnerTask {
  readonly program: Program;
  readonly space: Space;
  readonly metric: Metric;
  readonly model: LanguageModel;
  readonly modules: readonly Module[];
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

/** How a task stands to the one that was run before. */
export type Relation = "earlier" | "repeated" | "related" | "reversed" | "unrelated";

/** Tasks of one kind: one that is run first, and others that may learn from it. */
export type LearnerWorld = (relation: Relation, seed: number) => LearnerTask;

const curveSize = 40;

/** Where the dials of a curve score best. The related task has one dial in place of another; the reversed one is nasty. */
interface Curve {
  readonly dials: Readonly<Record<string, number>>;
  readonly kind: string;
}

const kinds = ["north", "east", "south", "west"];

const curves: Readonly<Record<Relation, Curve>> = {
  earlier: { dials: { a: 0.2, b: 0.85, c: 0.4, d: 0.7 }, kind: "south" },
  repeated: { dials: { a: 0.2, b: 0.85, c: 0.4, d: 0.7 }, kind: "south" },
  related: { dials: { a: 0.28, b: 0.77, c: 0.46, e: 0.3 }, kind: "south" },
  reversed: { dials: { a: 0.8, b: 0.15, c: 0.9, d: 0.2 }, kind: "north" },
  unrelated: { dials: { a: 0.8, b: 0.15, c: 0.9, d: 0.2 }, kind: "north" },
};

/**
 * Four dials and a choice, without a model: every example has a difficulty, drawn from its input, and is solved where the
 * skill is above it. The skill is the higher the nearer the dials are to where they are best, at most .95, with noise of
 * its own for each configuration and example (standard deviation .05).
 */
export const curveWorld: LearnerWorld = (relation, seed) => {
  const curve = curves[relation];
  const names = Object.keys(curve.dials);
  const label = `${relation === "earlier" ? "earlier" : "later"} ${seed}`;
  const probe = module("probe", ({ inputs }, stage) => {
    const told = Object.fromEntries([...names, "kind"].map((name) => [name, stage.setting(name) ?? null]));
    const skill = curveSkill(curve, told) + 0.05 * noise(JSON.stringify([told, inputs]));
    return { value: skill > seededRng(`difficulty ${JSON.stringify(inputs)}`).next() ? 1 : 0 };
  });
  const shape = relation === "unrelated" ? "title, pages: int -> value: float" : "n: int -> value: float";
  const examples = (split: string, count: number): Example[] =>
    Array.from({ length: count }, (_, index) => {
      const n = integerBelow(seededRng(`${label} ${split} ${index}`), 1_000_000);
      return { inputs: relation === "unrelated" ? { title: `book ${n}`, pages: n } : { n }, expected: {} };
    });
  return {
    program: program<object, object>({ name: "curve", signature: signature(shape), pipeline: ["probe"] }),
    space: space([
      ...names.map((name) => float(`probe.${name}`, { min: 0, max: 1, default: 0.5 })),
      choice("probe.kind", kinds),
    ]),
    metric: (outputs) => Number((outputs as { readonly value: number }).value),
    model: iclModel(),
    modules: [probe],
    train: examples("train", 4),
    validation: examples("validation", curveSize),
  };
};

function curveSkill({ dials, kind }: Curve, told: JsonObject): number {
  const away = Object.entries(dials).map(([name, best]) => (Number(told[name] ?? 0.5) - best) ** 2);
  return 0.95 - 0.8 * away.reduce((sum, each) => sum + each, 0) - (told["kind"] === kind ? 0 : 0.25);
}

/** Of mean 0 and standard deviation 1: twelve uniforms. */
function noise(label: string): number {
  const rng = seededRng(label);
  let sum = -6;
  for (let draw = 0; draw < 12; draw++) sum += rng.next();
  return sum;
}

const sizes = { train: 80, validation: 48, test: 8 };

/** Two queues have other names in the related task; in the reversed one every ticket is filed under another queue. */
const renamed: Readonly<Record<string, string>> = { refunds: "money_back", security: "safety" };

/** Support tickets under their queues, with the offline model; the tickets of every seed are others. */
export const triageWorld: LearnerWorld = (relation, seed) => {
  const rng = seededRng(`${relation === "earlier" ? "earlier" : "later"} ${seed}`);
  const { train, validation } = generateTickets(rng, sizes);
  const labels: readonly string[] = queues.map((queue) => (relation === "related" ? (renamed[queue] ?? queue) : queue));
  const labelOf = (queue: Queue): string =>
    labels[(queues.indexOf(queue) + (relation === "reversed" ? 3 : 0)) % 8] ?? queue;
  const [input, output] = relation === "unrelated" ? ["message", "desk"] : ["ticket", "queue"];
  const example = ({ ticket, queue }: Ticket): Example => {
    return { inputs: { [input]: ticket }, expected: { [output]: labelOf(queue) } };
  };
  const shape = signature(`${input} -> ${output}: ${labels.map((label) => JSON.stringify(label)).join(" | ")}`, {
    instructions: "Choose what the ticket belongs to.",
  });
  const learned = train.map(example);
  return {
    program: program<object, object>({ name: "triage", signature: shape }),
    space: space([
      demos("predict.demos", { pool: learned.map(demoOf), max: 24 }),
      float("predict.temperature", { min: 0, max: 1, default: 0 }),
      choice("predict.adapter", ["chat", "json"]),
      text("predict.instructions"),
    ]),
    metric: (outputs, { expected }) => (Reflect.get(outputs, output) === Reflect.get(expected, output) ? 1 : 0),
    model: iclModel(),
    modules: [],
    train: learned,
    validation: validation.map(example),
  };
};
