import type { Objectives, ObjectiveValues } from "#optimize";
import { choice, float, integer, space } from "#variables";
import type { Configuration, Space } from "#variables";
import { formulaOf } from "./search-formulas.ts";
import { spaceOf, valuesOf } from "./search-problem.ts";
import type { SuiteProblem } from "./search-problem.ts";

/** A black box with several objectives, without noise. */
export interface ParetoProblem {
  readonly id: string;
  readonly space: Space;
  readonly objectives: Objectives;
  /** From where the hypervolume is counted. */
  readonly reference: ObjectiveValues;
  readonly measure: (configuration: Configuration) => ObjectiveValues;
}

const zdtDimensions = 8;

/** ZDT1, whose front is convex, and ZDT2, whose front is not (Zitzler, Deb & Thiele 2000), in eight dimensions. */
export const zdt: readonly ParetoProblem[] = [
  zdtProblem("zdt1", (share) => 1 - Math.sqrt(share)),
  zdtProblem("zdt2", (share) => 1 - share ** 2),
];

function zdtProblem(id: string, shape: (share: number) => number): ParetoProblem {
  const names = Array.from({ length: zdtDimensions }, (_, at) => `x${at + 1}`);
  return {
    id,
    space: space(names.map((name) => float(name, { min: 0, max: 1 }))),
    objectives: { f1: "minimize", f2: "minimize" },
    reference: { f1: 1.1, f2: 11 },
    measure(configuration) {
      const [f1 = Number.NaN, ...rest] = names.map((name) => Number(configuration[name]));
      const g = 1 + (9 * rest.reduce((sum, x) => sum + x, 0)) / rest.length;
      return { f1, f2: g * shape(f1 / g) };
    },
  };
}

/** What a thousand tokens of a model cost in cents, and which share of the questions it gets wrong by itself. */
const models = {
  small: { price: 0.02, error: 0.5 },
  middle: { price: 0.15, error: 0.3 },
  large: { price: 1, error: 0.18 },
};

/** The temperature that suits a way of answering best. */
const bestHeat = { single: 0.2, vote: 0.9, debate: 0.5 };

/** Who answers a question, how, and what it costs: mixed and conditional, the best values hang together. */
export const answering: ParetoProblem = {
  id: "answering",
  space: space(
    [
      choice("model", Object.keys(models)),
      choice("strategy", Object.keys(bestHeat)),
      integer("votes", { min: 2, max: 9 }),
      integer("rounds", { min: 1, max: 5 }),
      float("heat", { min: 0, max: 1.5 }),
      float("tokens", { min: 100, max: 8000, log: true }),
      choice("retrieves", [true, false]),
      integer("documents", { min: 1, max: 20 }),
      integer("demos", { min: 0, max: 16 }),
    ],
    { when: { votes: { strategy: "vote" }, rounds: { strategy: "debate" }, documents: { retrieves: true } } },
  ),
  objectives: { accuracy: "maximize", cents: "minimize" },
  reference: { accuracy: 0, cents: 5 },
  measure: answer,
};

function answer(configuration: Configuration): ObjectiveValues {
  const { votes = 1, rounds = 1, heat, tokens, documents = 0, demos } = configuration as Record<string, number>;
  const { model, strategy } = configuration as { model: keyof typeof models; strategy: keyof typeof bestHeat };
  const { price, error } = models[model];
  const calls = { single: 1, vote: Number(votes), debate: 2 * Number(rounds) }[strategy];
  const talk = { single: 1, vote: 0.55 + 0.45 / votes, debate: 0.6 + 0.06 * (rounds - 3) ** 2 }[strategy];
  const warmth = 1 + 0.8 * ((Number(heat) - bestHeat[strategy]) / 0.75) ** 2;
  const room = 1 + (200 * (1 + calls / 4)) / Number(tokens);
  const reading = documents === 0 ? 1 : 0.6 + 0.03 * Math.abs(documents - 6);
  const practice = 0.75 + 0.25 * Math.exp(-Number(demos) / 4) + (model === "small" ? 0.02 * Number(demos) : 0);
  const wrong = Math.min(1, error * talk * warmth * room * reading * practice);
  const read = Number(tokens) + 300 * documents + 120 * Number(demos);
  return { accuracy: 1 - wrong, cents: (price * calls * read) / 1000 };
}

/** A team of bbo-suite.json: its noiseless score, and what its turns and tokens cost. */
export function teamProblem(problem: SuiteProblem): ParetoProblem {
  const score = formulaOf(problem);
  return {
    id: problem.id,
    space: spaceOf(problem),
    objectives: { score: "maximize", cost: "minimize" },
    reference: { score: 0, cost: 2 },
    measure(configuration) {
      const values = valuesOf(configuration);
      const { token_budget: tokens = 0, max_turns: turns = 0, debate_rounds: rounds = 0, reviewer = 0 } = values;
      const cost = (tokens / 8192) * (turns / 10) * (reviewer === 0 ? 1 : 1.5) * (1 + 0.15 * rounds);
      return { score: score(values), cost };
    },
  };
}
