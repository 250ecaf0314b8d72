import { describe, expect, test } from "vitest";
import { iclModel } from "#models/icl";
import { memoryStore } from "#storage/memory";
import { canonicalJson, seededRng } from "#foundation";
import type { JsonObject } from "#foundation";
import { optimize, simba, teleprompterNamed } from "#optimize";
import type { CompleteWork, EvaluateWork, SimbaOptions, Task, TraceStep } from "#optimize";
import { program, signature } from "#programs";
import { teleprompterContract } from "#testing";
import { demos, float, space, text } from "#variables";
import type { Configuration, Demo } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";
import { crewQuality, crewTask, qualityAfter } from "./known-optimum.ts";
import { parity, parityExamples } from "./parity.ts";
import { playSearch } from "./scripted-search.ts";
import type { Played } from "./scripted-search.ts";
import { scriptOf } from "./world.ts";
import type { Outputs, World } from "./world.ts";

const instructions = "predict.instructions";
const texts = space([text(instructions)]);
const task: Task = {
  program: parity,
  space: texts,
  baseline: {},
  train: parityExamples(0, 20),
  validation: parityExamples(100, 24),
};
const mixed: Task = { ...task, space: space([text(instructions), demos("predict.demos"), float("predict.temperature", { min: 0, max: 1 })]) }; // prettier-ignore

function rules(configuration: Configuration): string[] {
  return String(configuration[instructions] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("Rule"));
}

/** Better the more different good rules there are, worse with bad ones; some examples are right anyway. */
function ruled(configuration: Configuration, index: number): number {
  const all = rules(configuration);
  const good = all.filter((rule) => !rule.includes("bad")).length;
  const bad = all.length - good;
  return (index % 10) / 10 < 0.2 + 0.15 * good - 0.3 * bad ? 1 : 0;
}

function traced(configuration: Configuration, index: number): TraceStep[] {
  return [{ stage: "predict", inputs: { n: index }, outputs: { parity: ruled(configuration, index) === 1 ? "even" : "odd" } }]; // prettier-ignore
}

/** Calls are answered with a rule for each example, or whatever is told. */
function world(changes: Partial<World> = {}): World {
  return {
    score: (configuration, { index }) => ruled(configuration, index),
    trace: traced,
    complete: ({ inputs, program: { name } }) =>
      name === "edit a rule"
        ? { rules: [`Rule edited from ${String(inputs["current_instruction"]).length}.`] }
        : { module_advice: { predict: `Rule about ${JSON.stringify(inputs["program_inputs"])}.` } },
    ...changes,
  };
}

function play(options: SimbaOptions, changes: Partial<World> = {}, on: Task = task): Played {
  return playSearch(simba({ candidates: 18, perStep: 3, minibatch: 10, ...options }), on, scriptOf(world(changes)));
}

function learning({ evaluations }: Pick<Played, "evaluations">): EvaluateWork[] {
  return evaluations.filter(({ split }) => split === "train");
}

describe("simba keeps the Teleprompter contract", () => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: simba({ candidates: 9, perStep: 3, minibatch: 6 }), task: mixed })));

  test("it can be made again from its name and options", () => {
    const original = simba({ candidates: 9, strategies: ["append_a_demo"] });
    expect(teleprompterNamed("simba", original.options).options).toEqual(original.options);
  });
});

test("rules that help add up, and the winner was measured on all validation examples", () => {
  const { incumbent, evaluations } = play({ candidates: 30 });
  expect(rules(incumbent?.configuration ?? {}).length).toBeGreaterThan(1);
  expect(incumbent?.score).toBeGreaterThan(0.5);
  const key = canonicalJson(incumbent?.configuration ?? {});
  const measured = evaluations.filter(({ split, configuration }) => split === "validation" && canonicalJson(configuration) === key); // prettier-ignore
  expect(new Set(measured.flatMap(({ examples }) => examples)).size).toBe(task.validation.length);
});

test("the baseline runs on the minibatch like all others, and nothing runs twice on one example", () => {
  const played = play({});
  const [first] = learning(played);
  expect(first?.configuration).toEqual(task.baseline);
  const runs = learning(played).flatMap(({ configuration, examples }) =>
    examples.map((example) => canonicalJson([configuration, example])),
  );
  expect(new Set(runs).size).toBe(runs.length);
});

test("the children of a step run on the same examples, those of the next on others", () => {
  const firsts = learning(play({ strategies: ["append_a_rule"] })).filter(({ id }) => id.endsWith("/1"));
  const [one, two, three, four] = firsts.map(({ examples }) => canonicalJson(examples.toSorted((a, b) => a - b)));
  expect([two, three]).toEqual([one, one]);
  expect(four).not.toBe(one);
});

test.each<[string, World["complete"]]>([
  ["fail", () => undefined],
  ["are empty", () => ({ module_advice: { predict: " " } })],
  ["are too long", () => ({ module_advice: { predict: "Rule! ".repeat(200) } })],
  ["are for nobody", () => ({ module_advice: { planner: "Rule of others." } })],
])("calls that %s cost no evaluation, and the run ends", (_, complete) => {
  const played = play({}, { complete });
  expect(played.calls.length).toBeGreaterThanOrEqual(18);
  expect(learning(played).every(({ configuration }) => canonicalJson(configuration) === "{}")).toBe(true);
  expect(played.reason).toBe("18 children were made");
});

test("no rule stands there twice, however it is written, and no more than the most", () => {
  let number = 0;
  const complete = (): Outputs => ({
    module_advice: { predict: `Rule  about ${++number % 6}${number % 2 ? "." : ""}` },
  });
  const { evaluations } = play({ maxRules: 3, candidates: 30, strategies: ["append_a_rule"] }, { complete });
  const all = evaluations.map(({ configuration }) => rules(configuration).map((rule) => rule.replace(".", "")));
  expect(Math.max(...all.map(({ length }) => length))).toBe(3);
  expect(all.every((own) => new Set(own).size === own.length)).toBe(true);
});

test("the base instruction stays in front of the rules", () => {
  const { evaluations } = play({});
  const ruledOnes = evaluations.filter(({ configuration }) => rules(configuration).length > 0);
  expect(ruledOnes.every(({ configuration }) => String(configuration[instructions]).startsWith(parity.signature.instructions))).toBe(true); // prettier-ignore
});

test("rules are worded anew and taken away", () => {
  const played = play({ candidates: 40 });
  const purposes = learning(played).map(({ purpose }) => purpose);
  expect(purposes.some((purpose) => purpose.startsWith("another wording of a rule"))).toBe(true);
  expect(purposes.some((purpose) => purpose.startsWith("a rule taken from"))).toBe(true);
  expect(played.calls.some(({ inputs }) => String(inputs["current_instruction"]).startsWith("Rule about"))).toBe(true);
});

/** Good rules help, bad ones hurt less. */
const goodAndBad: World["score"] = (configuration) => {
  const bad = rules(configuration).filter((rule) => rule.includes("bad")).length;
  return 0.2 + 0.03 * (rules(configuration).length - bad) - 0.01 * bad;
};

test("a rule that hurts where it comes in is not built upon", () => {
  let number = 0;
  // One rule for each child: good ones and bad ones in turn.
  const complete: World["complete"] = ({ id }) => {
    if (!id.includes("_rule/0/")) return undefined;
    return { module_advice: { predict: `Rule ${++number} ${number % 2 === 0 ? "bad" : "good"}` } };
  };
  const options = { candidates: 40, minibatch: 20, strategies: ["append_a_rule", "drop_a_rule"] } as const;
  const { evaluations, incumbent } = play(options, { complete, score: goodAndBad });
  const bad = evaluations.map(
    ({ configuration }) => rules(configuration).filter((rule) => rule.includes("bad")).length,
  );
  expect(bad.filter((count) => count === 1).length).toBeGreaterThan(3);
  expect(Math.max(...bad)).toBe(1);
  expect(rules(incumbent?.configuration ?? {}).length).toBeGreaterThan(5);
  expect(rules(incumbent?.configuration ?? {}).some((rule) => rule.includes("bad"))).toBe(false);
});

test("a rule that came with good ones and hurts is taken away", () => {
  let number = 0;
  const complete: World["complete"] = ({ id }) => {
    if (!id.includes("_rule/0/")) return undefined;
    return { module_advice: { predict: [`Rule ${++number} good`, `Rule ${number} bad`] } };
  };
  const options = { candidates: 90, minibatch: 20, strategies: ["append_a_rule", "drop_a_rule"] } as const;
  const { incumbent } = play(options, { complete, score: goodAndBad });
  const left = rules(incumbent?.configuration ?? {});
  const bad = left.filter((rule) => rule.includes("bad")).length;
  expect(left.length - bad).toBeGreaterThan(5);
  // Each came with a good one.
  expect(bad / (left.length - bad)).toBeLessThan(0.75);
});

const twoStages = program({
  name: "two stages",
  signature: signature("n: int -> parity"),
  pipeline: [
    { module: "predict", id: "read", signature: signature("n: int -> note") },
    { module: "predict", id: "say", signature: signature("note -> parity") },
  ],
});
const staged: Task = {
  ...task,
  program: twoStages,
  space: space([text("read.instructions"), text("say.instructions"), float("temperature", { min: 0, max: 1 })]),
};

/** The second stage alone is right or wrong, as the temperature and the example would have it. */
function stagedWorld(changes: Partial<World> = {}): World {
  const score: World["score"] = ({ temperature = 0 }, { index }) =>
    Math.round(seededRng(canonicalJson([temperature, index])).next());
  return {
    score,
    trace: (configuration, index) => [
      { stage: "read", inputs: { n: index }, outputs: { note: `n is ${index}` } },
      { stage: "say", inputs: { note: `n is ${index}` }, outputs: { parity: score(configuration, { split: "train", index, turn: 0 }) } }, // prettier-ignore
    ],
    complete: () => ({ module_advice: { read: "Rule of reading.", say: "Rule of saying." } }),
    ...changes,
  };
}

test("advice is asked for the stage that is to blame: the first that made something else of the same", () => {
  const { calls: asked } = playSearch(simba({ candidates: 12, perStep: 4, strategies: ["append_a_rule"] }), staged, scriptOf(stagedWorld())); // prettier-ignore
  const contrasted = asked.filter(({ inputs }) => inputs["better_program_trajectory"] !== undefined);
  expect(contrasted.length).toBeGreaterThan(0);
  expect(contrasted.every(({ inputs }) => canonicalJson(inputs["module_names"] ?? null) === '["say"]')).toBe(true);
});

test("numbers move, and what moved is kept where it helps", () => {
  const score: World["score"] = ({ temperature = 1 }, { index }) => (Number(temperature) < (index % 10) / 10 ? 1 : 0);
  const only: Task = { ...staged, baseline: { temperature: 1 } };
  const { incumbent } = playSearch(
    simba({ candidates: 24, strategies: ["move_values"] }),
    only,
    scriptOf(stagedWorld({ score })),
  );
  expect(Number(incumbent?.configuration["temperature"])).toBeLessThan(0.3);
});

test("where nobody writes texts, calls are given up and values move to where they are best", () => {
  const trace = (): TraceStep[] => [{ stage: "predict", inputs: {}, outputs: {} }];
  const { calls } = playSearch(simba({ candidates: 48 }), crewTask, scriptOf({ score: crewQuality, trace }));
  const children = new Set(calls.map(({ id }) => id.split("-")[1]));
  expect(children.size).toBeGreaterThan(0);
  expect(children.size).toBeLessThan(16);
  const best = [1, 2, 3, 4, 5].map((seed) => qualityAfter(simba(), seed, 60));
  expect(best.filter((quality) => quality >= 0.95).length).toBeGreaterThanOrEqual(4);
}, 60_000);

test("what the best did becomes a demonstration, what nobody got right is shown as it should be", () => {
  const outputs = (index: number): JsonObject => ({ parity: index < 10 ? "seen" : "wrong" });
  const shown: Task = { ...task, space: space([demos("predict.demos", { max: 6 })]) };
  const { evaluations } = playSearch(
    simba({ candidates: 12, spread: 1, strategies: ["append_a_demo"] }),
    shown,
    scriptOf({
      score: (configuration, { index }) =>
        index < 10 && (configuration["predict.demos"] as unknown[] | undefined)?.length !== 0 ? 1 : 0,
      trace: (_, index) => [{ stage: "predict", inputs: { n: index }, outputs: outputs(index) }],
    }),
  );
  const children = evaluations.filter(({ purpose }) => purpose.includes("shown to"));
  const all = children.flatMap(({ configuration }) => configuration["predict.demos"] as unknown as readonly Demo[]);
  expect(children.length).toBeGreaterThan(3);
  expect(all.some(({ outputs: { parity: answer } }) => answer === "wrong")).toBe(false);
  expect(Math.max(...children.map(({ configuration }) => (configuration["predict.demos"] as unknown[]).length))).toBeLessThanOrEqual(6); // prettier-ignore
});

test("a stage gets no more demonstrations than the most, and none of them twice", () => {
  const shown: Task = { ...task, space: space([demos("predict.demos", { max: 12 })]) };
  const options = { candidates: 24, spread: 1, maxDemos: 5, strategies: ["append_a_demo"] } as const;
  const half: World["score"] = (configuration, { index }) =>
    seededRng(canonicalJson([configuration, index])).next() < 0.5 ? 1 : 0;
  const { evaluations } = playSearch(simba(options), shown, scriptOf({ score: half, trace: traced }));
  const sets = evaluations.map(
    ({ configuration }) => (configuration["predict.demos"] ?? []) as unknown as readonly Demo[],
  );
  expect(Math.max(...sets.map(({ length }) => length))).toBe(5);
  expect(sets.every((own) => new Set(own.map(({ inputs }) => canonicalJson(inputs))).size === own.length)).toBe(true);
});

test("a lucky minibatch wins nothing: the choice is made on all validation examples", () => {
  const rng = seededRng("luck");
  const score: World["score"] = (configuration, { split, index }) =>
    split === "train" ? Math.round(rng.fork(canonicalJson([configuration, index])).next()) : index % 2;
  const { incumbent } = play({ candidates: 20 }, { score });
  expect(incumbent?.configuration).toEqual(task.baseline);
  expect(incumbent?.score).toBe(0.5);
});

test("whoever was measured on some of the validation examples is not the best yet", () => {
  const better: World["score"] = (configuration) => (rules(configuration).length > 0 ? 1 : 0.5);
  let partial = 0;
  const teleprompter = simba({ candidates: 6, perStep: 3, minibatch: 10 });
  const watched: typeof teleprompter = {
    ...teleprompter,
    tell: (state, told) => {
      const next = teleprompter.tell(state, told);
      const isBlock = told.type === "evaluated" && told.work.split === "validation" && told.work.examples.length === 16;
      if (isBlock) partial += teleprompter.incumbent(next)?.score === 0.5 ? 1 : 0;
      return next;
    },
  };
  const { incumbent } = playSearch(watched, task, scriptOf(world({ score: better })));
  expect(partial).toBeGreaterThan(0);
  expect(incumbent?.score).toBe(1);
});

test("the order of answers does not matter for soundness", () => {
  for (const seed of [1, 2, 3]) {
    const options = { capacity: 5, scrambled: `order ${seed}` };
    const { incumbent, reason } = playSearch(simba({ candidates: 20, perStep: 4 }), mixed, scriptOf(world(), options));
    expect(reason).toBe("20 children were made");
    expect(incumbent?.score).toBeGreaterThan(0.3);
  }
});

test("a call may be asked of several examples, and one child has all their rules", () => {
  const { evaluations } = play({ strategies: ["append_a_rule"], candidates: 6, perStep: 6 });
  const counts = learning({ evaluations }).map(({ configuration }) => rules(configuration).length);
  expect(Math.max(...counts)).toBeGreaterThan(1);
});

/** What of training examples a child was taught: by the cases of its calls and by its demos. */
function taughtExamples({ calls, evaluations }: Played, child: EvaluateWork): readonly number[] {
  const number = (child.note?.["more"] as JsonObject | undefined)?.["child"];
  const asked = calls.filter(({ id }) => id.startsWith(`child-${String(number)}-`));
  const cases = asked.flatMap(({ inputs }) => Object.values(inputs["examples_with_feedback"] as JsonObject).flat()) as JsonObject[]; // prettier-ignore
  const contrasts = asked.map(({ inputs }) => ({ inputs: inputs["program_inputs"] }));
  const [parent] = (child.note?.["parents"] ?? []) as readonly number[];
  const before = demosOf(evaluations.find(({ note }) => note?.["member"] === parent)?.configuration ?? {});
  const known = new Set(before.map((demo) => canonicalJson({ ...demo })));
  const added = demosOf(child.configuration).filter((demo) => !known.has(canonicalJson({ ...demo })));
  return [...cases, ...contrasts, ...added].map((each) => Number((each["inputs"] as JsonObject)["n"]));
}

function demosOf(configuration: Configuration): readonly Demo[] {
  return (configuration["predict.demos"] ?? []) as unknown as readonly Demo[];
}

test("no child is tried on an example that it was taught, and calls are shown many cases", () => {
  const both = space([text(instructions), demos("predict.demos")]);
  const large: Task = { ...task, space: both, train: parityExamples(0, 40) };
  const played = play({ strategies: ["append_a_rule", "append_a_demo"] }, {}, large);
  const children = learning(played).filter(({ note }) => (note?.["more"] as JsonObject | undefined)?.["child"] !== undefined); // prettier-ignore
  const taught = children.map((child) => ({ child, places: taughtExamples(played, child) }));
  expect(children.length).toBeGreaterThan(6);
  expect(Math.max(...taught.map(({ places }) => places.length))).toBeGreaterThan(30);
  for (const { child, places } of taught)
    expect(places.filter((place) => child.examples.includes(place) && place < 40)).toEqual([]);
});

test("a child that is worse than its parent on half of the minibatch is not run on the other half", () => {
  let number = 0;
  const complete = (): Outputs => ({ module_advice: { predict: `Rule ${++number} bad` } });
  const options = { strategies: ["append_a_rule"], minibatch: 20, candidates: 4 } as const;
  const played = play(options, { complete, score: goodAndBad });
  const children = learning(played).filter(({ note }) => note?.["member"] !== 0);
  expect(children.length).toBe(4);
  expect(children.every(({ examples }) => examples.length === 10)).toBe(true);
});

test("what two members gained apart from each other comes together in a child", () => {
  let number = 0;
  const complete: World["complete"] = ({ id }) =>
    id.includes("_rule/0/") ? { module_advice: { predict: `Rule ${++number}` } } : undefined;
  const both = space([text(instructions), demos("predict.demos", { max: 4 })]);
  const score: World["score"] = (configuration) =>
    0.2 + (rules(configuration).length > 0 ? 0.3 : 0) + (demosOf(configuration).length > 0 ? 0.3 : 0);
  const { evaluations } = play({ candidates: 30, minibatch: 20 }, { complete, score }, { ...task, space: both });
  const combined = evaluations.filter(({ purpose }) =>
    /^what configuration \d+ gained for configuration/.test(purpose),
  );
  expect(combined.length).toBeGreaterThan(0);
  expect(combined.some(({ configuration }) => rules(configuration).length > 0 && demosOf(configuration).length > 0)).toBe(true); // prettier-ignore
});

test("what cannot work is refused with what is missing", () => {
  expect(() => simba({ strategies: [] })).toThrow(/simba.strategies: expected some of append_a_rule/);
  expect(() => simba({ candidates: 0 })).toThrow(/simba.candidates/);
  const bare = space([float("predict.temperature", { min: 0, max: 1 })]);
  expect(() => simba().start({ ...task, space: bare })).toThrow(/add text\("predict.instructions"\)/);
  expect(() => simba().start({ ...task, train: [] })).toThrow(/expected training examples/);
});

/** Kept so that a changed prompt is a changed test. */
test("the contrast has both trajectories, their scores and what would have been right", () => {
  const { calls: asked } = playSearch(
    simba({ candidates: 6, strategies: ["append_a_rule"] }),
    staged,
    scriptOf(stagedWorld()),
  );
  const contrast = asked.find(({ inputs }) => inputs["better_program_trajectory"] !== undefined) as CompleteWork;
  expect(contrast.inputs).toMatchObject({
    better_reward: 1,
    worse_reward: 0,
    oracle_metadata: { parity: expect.stringMatching(/even|odd/) },
    worse_program_trajectory: [{ module_name: "read" }, { module_name: "say" }],
  });
});

test("on the offline model: a gain on examples that nothing was chosen on, the same in every deterministic run", async () => {
  const run = async (): ReturnType<typeof optimize> =>
    optimize(desk, {
      store: memoryStore(),
      space: space([text(instructions), demos("predict.demos", { max: 16 })]),
      teleprompter: simba({ candidates: 16, perStep: 4, minibatch: 16, spread: 3 }),
      model: iclModel(),
      metric: deskMetric,
      train: deskExamples("train", 40),
      validation: deskExamples("validation", 32),
      test: deskExamples("test", 100),
      seed: 3,
      deterministic: true,
    });
  const { report } = await run();
  expect(report.heldOut?.gain.mean).toBeGreaterThan(0.1);
  expect(report.significant).toBe(true);
  expect((await run()).report.candidates).toEqual(report.candidates);
}, 60_000);
