import { sampleItems, seededRng, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import { demoOf, exactMatch, program, signature } from "#programs";
import type { Example, Metric, Program } from "#programs";
import { choice, demos, float, space, text } from "#variables";
import type { Space } from "#variables";
import { triageProgram } from "../../src/cli/demos/triage/program.ts";
import { generateTickets, queueDescriptions, queues } from "../../src/cli/demos/triage/tickets.ts";
import { confusableIntents, readBanking77 } from "./banking77.ts";

/** What one seed of a data set gives a teleprompter, and what its result is judged on. */
export interface TuningData {
  readonly program: Program;
  readonly metric: Metric;
  /** Instructions, demonstrations, adapter and temperature. */
  readonly space: Space;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** What the Runner compares winner and baseline on; none unless the report's own judgement is asked for. */
  readonly test: readonly Example[];
  /** Scored outside of the budget, by the bench. */
  readonly heldOut: readonly Example[];
}

/** The most demonstrations in a prompt, for everybody. */
export const maxDemos = 16;

const sizes = { train: 240, validation: 120, heldOut: 480 } as const;

/** Data sets by name; `undefined` where the data does not lie beside the repository. */
export const tuningData: Readonly<Record<string, (seed: number) => TuningData | undefined>> = {
  triage,
  banking77,
  scrambled,
};

/** Generated tickets. Which templates train, validate and test is drawn by the seed, and no template does two of it. */
function triage(seed: number): TuningData {
  const { train, heldOut, validation } = sizes;
  const drawn = generateTickets(seededRng(seed).fork("tickets"), { train, validation, test: heldOut });
  const examples = (tickets: (typeof drawn)["train"]): Example[] =>
    tickets.map(({ ticket, queue }) => ({ inputs: { ticket }, expected: { queue } }));
  const described = queues.map((queue) => `- ${queue}: ${queueDescriptions[queue]}`);
  const learnt = examples(drawn.train);
  return {
    program: triageProgram,
    metric: exactMatch<object, { queue: string }>("queue") as unknown as Metric,
    space: spaceFor(learnt, [[triageProgram.signature.instructions, ...described].join("\n")]),
    train: learnt,
    validation: examples(drawn.validation),
    test: [],
    heldOut: examples(drawn.test),
  };
}

/** Twelve confusable intents; the seed draws from the authors' training questions, all their test questions are held out. */
function banking77(seed: number): TuningData | undefined {
  const rows = readBanking77(confusableIntents);
  if (rows === undefined) return undefined;
  const rng = seededRng(seed).fork("banking77");
  const examples = rows.map(({ x, y, s }) => ({ s, example: { inputs: { message: x }, expected: { intent: y } } }));
  const known = examples.filter(({ s }) => s === "train").map(({ example }) => example);
  const drawn = balanced(known, rng, sizes.train + sizes.validation);
  const train = drawn.slice(0, sizes.train);
  return {
    program: program({
      name: "banking",
      signature: signature(
        `message -> intent: ${confusableIntents.map((intent) => JSON.stringify(intent)).join(" | ")}`,
        {
          instructions: "Choose the intent of the bank customer's message.",
        },
      ),
    }) as unknown as Program,
    metric: exactMatch<object, { intent: string }>("intent") as unknown as Metric,
    space: spaceFor(train, []),
    train,
    validation: drawn.slice(sizes.train),
    test: [],
    heldOut: examples.filter(({ s }) => s === "test").map(({ example }) => example),
  };
}

/** Triage with the labels of every split shuffled: there is nothing to learn, and the report must say so. */
function scrambled(seed: number): TuningData {
  const rng = seededRng(seed).fork("labels");
  const { heldOut, train, validation, ...rest } = triage(seed);
  const learnt = withShuffledLabels(train, rng.fork("train"));
  return {
    ...rest,
    space: spaceFor(learnt, []),
    train: learnt,
    validation: withShuffledLabels(validation, rng.fork("validation")),
    test: withShuffledLabels(heldOut, rng.fork("test")).slice(0, sizes.validation),
    heldOut: [],
  };
}

function withShuffledLabels(examples: readonly Example[], rng: Rng): Example[] {
  const labels = shuffle(rng, examples).map(({ expected }) => expected);
  return examples.map((example, place) => ({ ...example, expected: labels[place] ?? {} }));
}

/** So many examples, of every label as many, in an order that mixes the labels. */
function balanced(examples: readonly Example[], rng: Rng, count: number): Example[] {
  const byLabel = [...Map.groupBy(examples, ({ expected }) => JSON.stringify(expected))];
  const each = Math.ceil(count / byLabel.length);
  const drawn = byLabel.map(([label, own]) => sampleItems(rng.fork(label), own, each));
  return Array.from({ length: each }, (_, turn) => drawn.flatMap((own) => own.slice(turn, turn + 1)))
    .flat()
    .slice(0, count);
}

function spaceFor(train: readonly Example[], instructions: readonly string[]): Space {
  return space([
    demos("predict.demos", { pool: train.map((example) => demoOf(example)), max: maxDemos }),
    float("predict.temperature", { min: 0, max: 1, default: 0 }),
    choice("predict.adapter", ["chat", "json"]),
    text("predict.instructions", { candidates: ["", ...instructions] }),
  ]);
}
