import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng } from "#foundation";
import type { JsonObject } from "#foundation";
import { iclModel } from "#models/icl";
import { gepa, optimize, teleprompterNamed } from "#optimize";
import type { EvaluateWork, GepaOptions, Task } from "#optimize";
import { program, signature } from "#programs";
import { memoryStore } from "#storage/memory";
import { teleprompterContract } from "#testing";
import { choice, float, space, text } from "#variables";
import type { Configuration } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";
import { parity, parityExamples } from "./parity.ts";
import { playSearch } from "./scripted-search.ts";
import type { Played } from "./scripted-search.ts";
import { scriptOf } from "./world.ts";
import type { Outputs, World } from "./world.ts";

const instructions = "predict.instructions";
const task: Task = {
  program: parity,
  space: space([text(instructions)]),
  baseline: {},
  train: parityExamples(0, 40),
  validation: parityExamples(100, 40),
};
const mixed: Task = {
  ...task,
  space: space([text(instructions), float("predict.temperature", { min: 0, max: 1 }), choice("predict.adapter", ["chat", "json"])]), // prettier-ignore
};

/** How good the text says it is: `good 3` is right on three examples in ten more than the baseline's three. */
function skill(configuration: Configuration): number {
  return 0.3 + 0.1 * Number(/good (\d+)/.exec(String(configuration[instructions] ?? ""))?.[1] ?? 0);
}

/** A better text follows from a good one, one time in two. */
function world(changes: Partial<World> = {}): World {
  let calls = 0;
  return {
    score: (configuration, { index }) => (((index * 7) % 10) / 10 < skill(configuration) ? 1 : 0),
    trace: (_, index) => [{ stage: "predict", inputs: { n: index }, outputs: { parity: "odd" } }],
    complete: ({ inputs }) => {
      const before = Number(
        /good (\d+)/.exec(String(inputs["current_instruction"] ?? inputs["instructions"]))?.[1] ?? 0,
      );
      const written = `Text ${++calls}, good ${calls % 2 === 0 ? before + 2 : before}.`;
      return { improved_instruction: written, merged_instruction: written };
    },
    ...changes,
  };
}

function play(options: GepaOptions = {}, changes: Partial<World> = {}, on: Task = task): Played {
  return playSearch(gepa({ candidates: 16, minibatch: 4, ...options }), on, scriptOf(world(changes)));
}

function on(split: string, { evaluations }: Pick<Played, "evaluations">): EvaluateWork[] {
  return evaluations.filter((work) => work.split === split);
}

function isBaseline({ configuration }: EvaluateWork): boolean {
  return canonicalJson(configuration) === "{}";
}

describe("gepa keeps the Teleprompter contract", () => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: gepa({ candidates: 8, minibatch: 4 }), task: mixed })));

  test("it can be made again from its name and options", () => {
    const original = gepa({ candidates: 9, components: "all", maxTokens: 90 });
    expect(teleprompterNamed("gepa", original.options).options).toEqual(original.options);
  });
});

test("what helps is kept and written on, and the winner was measured on all validation examples", () => {
  const played = play({ candidates: 24 });
  expect(played.incumbent?.score).toBeGreaterThan(0.75);
  expect(played.reason).toBe("24 proposals were made");
  const key = canonicalJson(played.incumbent?.configuration ?? {});
  const own = on("validation", played).filter(({ configuration }) => canonicalJson(configuration) === key);
  expect(new Set(own.flatMap(({ examples }) => examples)).size).toBe(task.validation.length);
});

test("a child that is no better than its parent is dropped after one minibatch and never validated", () => {
  const played = play({}, { score: (_, { index }) => index % 2 });
  const children = played.evaluations.filter((work) => !isBaseline(work));
  expect(children.length).toBeGreaterThan(8);
  expect(children.every(({ split, examples }) => split === "train" && examples.length === 4)).toBe(true);
});

test("a child that is a little better meets more examples before it is believed", () => {
  const onlyOne: World["score"] = (configuration, { index, split }) =>
    index % 2 === 1 || (split === "train" && skill(configuration) > 0.4 && index % 20 === 0) ? 1 : 0;
  const played = play({ candidates: 12 }, { score: onlyOne });
  const byMember = Map.groupBy(on("train", played).filter((work) => !isBaseline(work)), ({ configuration }) => canonicalJson(configuration)); // prettier-ignore
  const sizes = [...byMember.values()].map((runs) => runs.flatMap(({ examples }) => examples).length);
  expect(Math.max(...sizes)).toBe(16);
});

test("a child that passed the gate stops being validated when it loses there", () => {
  const score: World["score"] = (configuration, { split, index }) =>
    split === "train" ? (skill(configuration) > 0.4 ? 1 : index % 2) : skill(configuration) > 0.4 ? 0 : 1;
  const played = play({ candidates: 8 }, { score });
  const runs = on("validation", played).filter((work) => !isBaseline(work));
  expect(runs.length).toBeGreaterThan(0);
  expect(runs.every(({ examples }) => examples.length === 16)).toBe(true);
  expect(played.incumbent?.configuration).toEqual({});
});

test("parents times proposals are asked for at once", () => {
  const script = scriptOf(world(), { capacity: 100 });
  const { work } = playSearch(gepa({ candidates: 14, parents: 3, proposals: 4, minibatch: 4 }), task, script);
  const first = work.findIndex(({ kind }) => kind === "complete");
  const run = work.slice(first).findIndex(({ kind }) => kind === "evaluate");
  expect(work.slice(first, first + run).map(({ id }) => id.split("/")[0])).toHaveLength(12);
  expect(new Set(work.slice(first, first + run).map(({ id }) => id.split("/")[0])).size).toBe(3);
});

test.each<[string, World["complete"]]>([
  ["fail", () => undefined],
  ["are empty", () => ({ improved_instruction: " \n" })],
  ["change nothing", () => ({ improved_instruction: parity.signature.instructions })],
  ["are too long", () => ({ improved_instruction: "Long. ".repeat(200) })],
])("proposals that %s cost no evaluation, and count", (_, complete) => {
  const played = play({ maxTokens: 200, mergeShare: 0 }, { complete });
  expect(played.calls).toHaveLength(16);
  expect(played.evaluations.every(isBaseline)).toBe(true);
  expect(played.reason).toBe("16 proposals were made");
});

test("the same text twice is run once", () => {
  const { evaluations } = play(
    {},
    { complete: () => ({ improved_instruction: "good 2", merged_instruction: "good 2" }) },
  );
  const runs = evaluations.flatMap(({ configuration, split, examples }) => examples.map((example) => canonicalJson([configuration, split, example]))); // prettier-ignore
  const again = runs.length - new Set(runs).size;
  // The baseline is measured twice on a minibatch's worth of examples, to know how noisy scores are.
  expect(again).toBe(4);
});

test("a minibatch without mistakes asks for nothing, and a task without any ends the search", () => {
  const few: World["score"] = (_, { split, index }) => (split === "train" && index === 17 ? 0 : 1);
  const { calls } = play({ mergeShare: 0 }, { score: few, complete: () => undefined });
  expect(calls).toHaveLength(16);
  expect(calls.every(({ inputs }) => canonicalJson(inputs["examples_with_feedback"] ?? null).includes('"score":0'))).toBe(true); // prettier-ignore
  const none = play({}, { score: () => 1 });
  expect(none.calls).toEqual([]);
  expect(none.reason).toBe("no mistakes are left on the training examples");
});

test("other values move too, and are kept where they help", () => {
  const score: World["score"] = (configuration, { index }) =>
    ((index * 7) % 10) / 10 < 1 - Number(configuration["predict.temperature"] ?? 1) ? 1 : 0;
  const hot: Task = { ...mixed, baseline: { "predict.temperature": 1 } };
  const options = { candidates: 30, moveShare: 1, mergeShare: 0 };
  const { incumbent, calls } = play(options, { score }, hot);
  expect(Number(incumbent?.configuration["predict.temperature"])).toBeLessThan(0.5);
  expect(calls.length).toBeLessThan(15);
});

const staged: Task = {
  ...task,
  program: program({
    name: "two stages",
    signature: signature("n: int -> parity"),
    pipeline: [
      { module: "predict", id: "read", signature: signature("n: int -> note") },
      { module: "predict", id: "say", signature: signature("note -> parity") },
    ],
  }),
  space: space([text("read.instructions"), text("say.instructions")]),
};

/** Each stage's text is good for the examples of its own half. */
function halves(configuration: Configuration, index: number): number {
  const path = index % 2 === 0 ? "read.instructions" : "say.instructions";
  return String(configuration[path] ?? "").includes("good") ? 1 : 0;
}

const halfWorld: Partial<World> = {
  score: (configuration, { index }) => (index % 3 === 0 ? 0 : halves(configuration, index)),
  trace: (configuration, index) => [
    { stage: "read", inputs: { n: index }, outputs: { note: "n" } },
    { stage: "say", inputs: { note: "n" }, outputs: { parity: halves(configuration, index) } },
  ],
};

test("two lineages become one that has what is good in both", () => {
  const complete = ({ id }: { readonly id: string }): Outputs => ({ improved_instruction: `good, by ${id}` });
  const options: GepaOptions = { candidates: 24, mergeShare: 0.5, components: "round_robin", parents: 4, proposals: 1 };
  const { evaluations, incumbent } = play(options, { ...halfWorld, complete }, staged);
  const merged = evaluations.filter(({ purpose }) => purpose.includes("merged"));
  const isBoth = ({ configuration }: Pick<EvaluateWork, "configuration">): boolean =>
    ["read.instructions", "say.instructions"].every((path) => String(configuration[path]).includes("good"));
  expect(merged.some(isBoth)).toBe(true);
  expect(incumbent !== undefined && isBoth(incumbent)).toBe(true);
});

test("texts in turn, or all together in one child", () => {
  const complete = ({ id }: { readonly id: string }): Outputs => ({ improved_instruction: `good, by ${id}` });
  const quiet = { mergeShare: 0, candidates: 6 };
  const inTurn = play({ ...quiet, components: "round_robin", parents: 1 }, { ...halfWorld, complete }, staged).calls;
  expect(inTurn.slice(0, 2).map(({ id }) => id.split("/").at(-1))).toEqual(["read.instructions", "say.instructions"]);
  const together = play({ ...quiet, components: "all" }, { ...halfWorld, complete }, staged);
  expect(together.calls).toHaveLength(12);
  const children = together.evaluations.filter((work) => !isBaseline(work));
  expect(children.every(({ configuration }) => Object.values(configuration).every((value) => String(value).includes("good")))).toBe(true); // prettier-ignore
});

test("the text of the stage to blame is written anew, from whole trajectories", () => {
  const rng = seededRng("blame");
  // What the second stage says is right on other examples with every text of its own; the first one's does not matter.
  const says: World["score"] = (configuration, { index }) =>
    Math.round(rng.fork(canonicalJson([configuration["say.instructions"] ?? "", index])).next());
  const trace: World["trace"] = (configuration, index) => [
    { stage: "read", inputs: { n: index }, outputs: { note: "n" } },
    { stage: "say", inputs: { note: "n" }, outputs: { parity: says(configuration, { split: "", index, turn: 0 }) } },
  ];
  const complete: World["complete"] = ({ id }) => ({ improved_instruction: `by ${id}` });
  const options: GepaOptions = { candidates: 60, mergeShare: 0, minibatch: 8 };
  const { calls } = play(options, { score: says, trace, complete }, staged);
  const targets = calls.map(({ id }) => id.split("/").at(-1)).slice(20);
  expect(targets.filter((name) => name === "say.instructions").length / targets.length).toBeGreaterThan(0.8);
  const [shown] = (calls[0]?.inputs["examples_with_feedback"] ?? []) as readonly JsonObject[];
  expect(shown?.["trajectory"]).toMatchObject([{ step: "read" }, { step: "say" }]);
});

test("niches that noise makes are measured again; where scores are no luck, nothing is", () => {
  const rng = seededRng("noise");
  const noisy: World["score"] = (configuration, { index, turn, split }) =>
    rng.fork(canonicalJson([configuration, index, turn, split])).next() < skill(configuration) ? 1 : 0;
  const again = ({ evaluations }: Played): number => {
    const runs = on("validation", { evaluations }).filter((work) => !isBaseline(work));
    const all = runs.flatMap(({ configuration, examples }) => examples.map((example) => canonicalJson([configuration, example]))); // prettier-ignore
    return all.length - new Set(all).size;
  };
  expect(again(play({ candidates: 30 }))).toBe(0);
  expect(again(play({ candidates: 30 }, { score: noisy }))).toBeGreaterThan(0);
});

test("without an effect luck passes the gate seldom, and wins nothing", () => {
  let accepted = 0;
  for (const seed of [1, 2, 3, 4, 5]) {
    const rng = seededRng(seed);
    const luck: World["score"] = (configuration, { index, turn, split }) =>
      Math.round(rng.fork(canonicalJson([configuration, index, turn, split])).next());
    const { evaluations } = play({ candidates: 20 }, { score: luck });
    const validated = on("validation", { evaluations }).filter((work) => !isBaseline(work));
    accepted += new Set(validated.map(({ configuration }) => canonicalJson(configuration))).size;
  }
  // A child as good as its parent is strictly better on four examples in more than a third of all cases.
  expect(accepted / 100).toBeLessThan(0.3);
});

test("the order of answers does not matter for soundness", () => {
  for (const label of ["a", "b", "c"]) {
    const script = scriptOf(world(), { capacity: 6, scrambled: label });
    const { incumbent, reason } = playSearch(gepa({ candidates: 24, minibatch: 4 }), mixed, script);
    expect(reason).toBe("24 proposals were made");
    expect(incumbent?.score).toBeGreaterThan(0.5);
  }
});

test("what cannot work is refused with what is missing", () => {
  expect(() => gepa({ parents: 0 })).toThrow(/gepa.parents: expected a whole number/);
  expect(() => gepa({ mergeShare: 2 })).toThrow(/gepa.mergeShare: expected a share/);
  expect(() => gepa({ components: "some" as "all" })).toThrow(/expected one of blamed, round_robin, all/);
  const bare = space([float("predict.temperature", { min: 0, max: 1 })]);
  expect(() => gepa().start({ ...task, space: bare })).toThrow(/add one such as text\("predict.instructions"\)/);
  expect(() => gepa().start({ ...task, train: [] })).toThrow(/expected training examples/);
});

test("on the offline model: a gain on examples that nothing was chosen on, the same in every deterministic run", async () => {
  const run = async (): ReturnType<typeof optimize> =>
    optimize(desk, {
      store: memoryStore(),
      space: space([text(instructions)]),
      teleprompter: gepa({ candidates: 8 }),
      model: iclModel(),
      metric: deskMetric,
      train: deskExamples("train", 40),
      validation: deskExamples("validation", 32),
      test: deskExamples("test", 60),
      seed: 3,
      deterministic: true,
    });
  const { report } = await run();
  expect(report.heldOut?.gain.mean).toBeGreaterThan(0.2);
  expect(report.significant).toBe(true);
  expect((await run()).report.candidates).toEqual(report.candidates);
});
