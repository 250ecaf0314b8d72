import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { mipro, miproCost, teleprompterNamed } from "#optimize";
import type { EvaluateWork, MiproOptions, Task } from "#optimize";
import { demoOf } from "#programs";
import { teleprompterContract } from "#testing";
import { choice, demos, float, space, text } from "#variables";
import type { Configuration, Demo } from "#variables";
import { desk, deskExamples } from "./desk.ts";
import { playSearch, tracedResult } from "./scripted-search.ts";
import type { Played, Script } from "./scripted-search.ts";

const train = deskExamples("train", 40);

const task: Task = {
  program: desk,
  space: space([
    text("predict.instructions"),
    demos("predict.demos", { max: 6 }),
    choice("predict.adapter", ["chat", "json"]),
    float("predict.temperature", { min: 0, max: 1 }),
  ]),
  baseline: {},
  train,
  validation: deskExamples("validation", 60),
};

const small: MiproOptions = {
  trials: 10,
  minibatch: 20,
  instructions: 3,
  demoSets: 4,
  batch: 8,
  teaching: 24,
  maxBootstrapped: 2,
  maxDemos: 4,
};

describe("mipro keeps the Teleprompter contract", () => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: mipro(small), task })));

  test("it can be made again from its name and options", () => {
    const { name, options } = mipro({ auto: "heavy", maxTokens: 90, refreshed: 0, sampler: "auto" });
    expect(teleprompterNamed(name, options).options).toEqual(options);
    expect(options).toMatchObject({ auto: "heavy", maxTokens: 90, refreshed: 0, sampler: "auto", round: 5 });
  });
});

function textOf(configuration: Configuration): string {
  return String(configuration["predict.instructions"]);
}

function demosOf(configuration: Configuration): readonly Demo[] {
  return (configuration["predict.demos"] ?? []) as unknown as readonly Demo[];
}

/** A text is worth what it ends with, four demonstrations .2, json .2 and cold .1; what is left is the example's luck. */
function worth(configuration: Configuration): number {
  const words = Number(/\d+$/.exec(String(configuration["predict.instructions"] ?? ""))?.[0] ?? 0) / 100;
  const shown = demosOf(configuration).length >= 4 ? 0.2 : 0;
  const json = configuration["predict.adapter"] === "json" ? 0.2 : 0;
  return 0.1 + words + shown + json - 0.1 * Number(configuration["predict.temperature"] ?? 0);
}

function score(configuration: Configuration, index: number, work: EvaluateWork): ReturnType<Script["score"]> {
  const value = seededRng(`luck ${index}`).next() < worth(configuration) ? 1 : 0;
  return work.split === "train" ? tracedResult(task, work, index, value) : value;
}

const reply: Script["reply"] = (work, number) =>
  work.id === "summary" ? { summary: "Messages to desks." } : { proposed_instruction: `Try ${number + 10}` };

function trialsOf({ evaluations }: Played): readonly EvaluateWork[] {
  return evaluations.filter(({ id }) => /^trial-\d+$/.test(id));
}

test("text, demonstrations, a choice and a number are searched together", () => {
  const { incumbent } = playSearch(mipro({ ...small, trials: 40 }), task, { score, reply });
  const best = incumbent?.configuration ?? {};
  expect(best["predict.adapter"]).toBe("json");
  expect(demosOf(best)).toHaveLength(4);
  expect(Number(/\d+/.exec(String(best["predict.instructions"]))?.[0])).toBeGreaterThan(15);
});

test("the trials of a round meet the same examples, those of the next one others", () => {
  const trials = trialsOf(playSearch(mipro({ ...small, trials: 15 }), task, { score, reply }));
  const batches = [0, 5, 10].map(
    (from) => new Set(trials.slice(from, from + 5).map(({ examples }) => examples.join())),
  );
  expect(batches.map(({ size }) => size)).toEqual([1, 1, 1]);
  const seen = batches
    .flatMap((batch) => [...batch])
    .join()
    .split(",");
  expect(new Set(seen).size).toBe(60);
});

test("after a round the most promising is measured on the examples that it lacks, and only what was can win", () => {
  const played = playSearch(mipro(small), task, { score, reply });
  const trials = new Map(trialsOf(played).map((work) => [work.id, work]));
  const full = played.evaluations.filter(({ id }) => id.endsWith("/full"));
  expect(full.length).toBeGreaterThan(0);
  for (const { id, examples, configuration } of full) {
    const trial = trials.get(id.replace("/full", ""));
    expect(configuration).toEqual(trial?.configuration);
    expect([...examples, ...(trial?.examples ?? [])].toSorted((a, b) => a - b)).toEqual([...task.validation.keys()]);
  }
  expect(full.map(({ id }) => id.replace("/full", ""))).toContain(played.incumbent?.work);
});

test("one that is lucky on its minibatch alone does not win", () => {
  const { incumbent, evaluations } = playSearch(mipro(small), task, {
    reply,
    score: (configuration, index, work) => {
      if (work.id === "trial-1") return 1;
      return score(configuration, index, work);
    },
  });
  expect(evaluations.map(({ id }) => id)).toContain("trial-1/full");
  const before = evaluations.find(({ id }) => id === "trial-1")?.examples.length ?? 0;
  expect(incumbent?.work === "trial-1" ? incumbent.score : 0).toBeLessThan(before / 60 + 0.5);
  expect(incumbent?.score).toBeLessThan(1);
});

test("proposals go on during the search, from what the best gets wrong and from how each text fared", () => {
  const { calls, work } = playSearch(mipro({ ...small, trials: 10, refreshed: 2 }), task, { score, reply });
  const [first] = calls.filter(({ id }) => id.startsWith("propose-0"));
  const later = calls.filter(({ id }) => id.startsWith("propose-1"));
  expect(first?.inputs).toMatchObject({
    dataset_summary: "Messages to desks.",
    current_instruction: "Choose the desk.",
  });
  expect(later).toHaveLength(2);
  const attempts = later[0]?.inputs["attempts"] as { instruction: string; score: number }[];
  expect(attempts.map(({ instruction }) => instruction)).toEqual(
    expect.arrayContaining(["Try 11", "Try 12", "Try 13"]),
  );
  expect(attempts.map((each) => each.score)).toEqual(attempts.map((each) => each.score).toSorted((a, b) => a - b));
  const review = work.find(({ id }) => id === "review-1") as EvaluateWork;
  expect(review).toMatchObject({ split: "train", trace: true });
  const cases = JSON.stringify(later[0]?.inputs["examples_with_feedback"]);
  expect(review.examples.some((index) => cases.includes(`no, example ${index}"`))).toBe(true);
  const said = JSON.stringify(calls.map(({ inputs }) => inputs));
  for (const { inputs } of task.validation) expect(said).not.toContain(JSON.stringify(inputs));
});

test("every option is tried, the new ones in the round after they came", () => {
  const options = { ...small, instructions: 4, trials: 10, refreshed: 3 };
  const texts = trialsOf(playSearch(mipro(options), task, { score, reply })).map((work) => textOf(work.configuration));
  expect(texts.slice(0, 5)).toEqual(expect.arrayContaining(["Try 11", "Try 12", "Try 13", "Try 14"]));
  expect(texts.slice(5)).toEqual(expect.arrayContaining(["Try 15", "Try 16", "Try 17"]));
});

/** What the last proposals were told of each text. */
function lastAttempts({ calls }: Played): ReadonlyMap<string, number> {
  const attempts = calls.at(-1)?.inputs["attempts"] as { instruction: string; score: number }[];
  return new Map(attempts.map((each) => [each.instruction, each.score]));
}

test("a text is not better because its minibatch was easy", () => {
  const options = { ...small, trials: 15, refreshed: 2 };
  const [easy = []] = trialsOf(playSearch(mipro(options), task, { score, reply })).map(({ examples }) => examples);
  const told = lastAttempts(
    playSearch(mipro(options), task, {
      reply,
      score: (configuration, index, work) => {
        const value = (easy.includes(index) ? 0.8 : 0) + worth(configuration) / 10;
        return work.split === "train" ? tracedResult(task, work, index, value) : value;
      },
    }),
  );
  // The texts of the first round met the easy examples, those of the second round did not.
  expect(told.get("Try 11")).toBeLessThan(0.5);
  expect(Math.abs((told.get("Try 14") ?? 0) - (told.get("Try 11") ?? 9))).toBeLessThan(0.1);
});

test("as long as nothing was measured on all examples, a budget that ends leaves what is surely better", () => {
  const isPerfect = (perfect: string): Script["score"] => {
    return (configuration, index, work) => (work.id === perfect ? 1 : score(configuration, index, work));
  };
  const early = playSearch(mipro(small), task, { reply, score: isPerfect("trial-2"), until: "trial-3" });
  expect(early.incumbent?.work).toBe("trial-2");
  const late = playSearch(mipro(small), task, { reply, score: isPerfect("trial-7"), until: "trial-8" });
  expect(late.incumbent?.work).not.toBe("trial-7");
});

test("in the first round each second trial has one new text or set of demonstrations alone", () => {
  const trials = trialsOf(playSearch(mipro(small), task, { score, reply })).slice(0, 5);
  const isNew = trials.map(({ configuration }) => [textOf(configuration) !== "", demosOf(configuration).length > 0]);
  expect(isNew.slice(0, 4)).toEqual([
    [true, true],
    [true, false],
    [true, true],
    [false, true],
  ]);
});

test("a later round begins with the best so far without its demonstrations", () => {
  const trials = trialsOf(playSearch(mipro(small), task, { score, reply }));
  const [sixth, ...before] = [trials[5], ...trials.slice(0, 5)].map((work) => work?.configuration ?? {});
  const without = before.filter((each) => demosOf(each).length > 0).map((each) => ({ ...each, "predict.demos": [] }));
  expect(without).toContainEqual(sixth);
});

test("without refreshing, the texts are those from before the search", () => {
  const { calls, evaluations } = playSearch(mipro({ ...small, refreshed: 0 }), task, { score, reply });
  expect(calls.map(({ id }) => id)).toEqual(["summary", "propose-0-1-1", "propose-0-1-2", "propose-0-1-3"]);
  expect(evaluations.some(({ id }) => id.startsWith("review"))).toBe(false);
});

test("demonstrations come from the teacher's successes, which it never was shown", () => {
  const { evaluations } = playSearch(mipro(small), task, { score, reply });
  const taught = evaluations.filter(({ id }) => id.startsWith("teach"));
  for (const { configuration, examples } of taught) {
    const asked = examples.map((index) => canonicalJson(train[index]?.inputs as Json));
    expect(demosOf(configuration).length).toBeGreaterThan(0);
    expect(demosOf(configuration).some(({ inputs }) => asked.includes(canonicalJson(inputs)))).toBe(false);
  }
  const correct = new Set(train.map((example) => canonicalJson(demoOf(example) as unknown as Json)));
  for (const { configuration } of evaluations)
    for (const demo of demosOf(configuration)) expect(correct).toContain(canonicalJson(demo as unknown as Json));
});

test("useless proposals cost no trial of their own", () => {
  const played = playSearch(mipro(small), task, {
    score,
    reply: (_, number) => (number % 2 === 0 ? { proposed_instruction: "Choose the desk." } : undefined),
  });
  const texts = new Set(trialsOf(played).map(({ configuration }) => configuration["predict.instructions"]));
  expect([...texts]).toEqual([""]);
  expect(trialsOf(played)).toHaveLength(10);
});

describe("miproCost says what a run comes to at most", () => {
  const spaces: Record<string, Task["space"]> = {
    "texts and demonstrations": task.space,
    "texts alone": space([text("predict.instructions")]),
    "demonstrations alone": space([demos("predict.demos")]),
  };
  const efforts: readonly MiproOptions[] = [
    { auto: "light" },
    { auto: "medium" },
    small,
    { ...small, minibatch: 60 },
    { ...small, refreshed: 0, round: 3, trials: 7 },
  ];
  for (const [name, own] of Object.entries(spaces))
    test.each(efforts)(`${name}: %j`, (options) => {
      const asked = { ...task, space: own };
      const cost = miproCost(options, asked);
      // Nobody succeeds, so that the teacher goes on to the end, and all look alike, so that none is ruled out.
      const { evaluations, calls } = playSearch(mipro(options), asked, { score: () => 0.5, reply });
      const runs = evaluations.reduce((sum, { examples }) => sum + examples.length, 0);
      expect(runs).toBeLessThanOrEqual(cost.programRuns);
      expect(evaluations.length).toBeLessThanOrEqual(cost.evaluations);
      expect(calls.length).toBeLessThanOrEqual(cost.proposals);
      expect(cost.calls).toBe(cost.programRuns + cost.proposals);
      expect(cost.mostCalls).toBe(2 * cost.calls);
      if (own === task.space) expect([runs, calls.length]).toEqual([cost.programRuns, cost.proposals]);
    });
});

test("the effort decides how much", () => {
  const costs = (["light", "medium", "heavy"] as const).map((auto) => miproCost({ auto }, task).programRuns);
  expect(costs).toEqual(costs.toSorted((a, b) => a - b));
  expect(new Set(costs).size).toBe(3);
});

test("whichever the sampler, and any order of answers, comes to an end with a gain", () => {
  for (const sampler of ["gp", "tpe", "auto"] as const)
    for (const scrambled of ["one", "two"]) {
      const { incumbent, reason } = playSearch(mipro({ ...small, sampler }), task, {
        score,
        reply,
        scrambled,
        capacity: 4,
      });
      expect(reason).toBe("10 combinations were tried in 2 rounds");
      expect(incumbent?.work).not.toBe("baseline");
    }
});

test("a space that lacks what it takes, conditions on demonstrations and faulty options are refused", () => {
  const numbers = { ...task, space: space([float("predict.temperature", { min: 0, max: 1 })]) };
  expect(() => mipro().start(numbers)).toThrow(/such as text\("predict\.instructions"\) or demos\("predict\.demos"\)/);
  const asked = space([demos("predict.demos"), float("predict.temperature", { min: 0, max: 1 })], {
    when: { "predict.temperature": { "predict.demos": { includes: demoOf(train[0] as never) as unknown as Json } } },
  });
  expect(() => mipro().start({ ...task, space: asked })).toThrow(/no condition or constraint about demonstrations/);
  for (const options of [
    { trials: 0 },
    { auto: "huge" },
    { sampler: "luck" },
    { threshold: Number.NaN },
    { refreshed: -1 },
  ])
    expect(() => mipro(options as MiproOptions)).toThrow(UsageError);
});
