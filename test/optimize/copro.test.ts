import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { copro, teleprompterNamed } from "#optimize";
import type { CompleteWork, EvaluateWork, Task } from "#optimize";
import { noUsage, predict, program, signature } from "#programs";
import { teleprompterContract } from "#testing";
import { float, space, text } from "#variables";
import type { Configuration } from "#variables";
import { desk, deskExamples } from "./desk.ts";
import { playSearch, tracedResult } from "./scripted-search.ts";
import type { Played, Script } from "./scripted-search.ts";

const task: Task = {
  program: desk,
  space: space([text("predict.instructions", { maxTokens: 50 }), float("predict.temperature", { min: 0, max: 1 })]),
  baseline: { "predict.temperature": 0.5 },
  train: deskExamples("train", 24),
  validation: deskExamples("validation", 72),
};

const small = { breadth: 9, depth: 2, batch: 6 };

describe("copro keeps the Teleprompter contract", () => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: copro(small), task })));

  test("it can be made again from its name and options", () => {
    const again = teleprompterNamed("copro", copro({ maxTokens: 90 }).options);
    expect(again.options).toEqual({ breadth: 10, depth: 3, batch: 16, shownTokens: 4000, maxTokens: 90 });
  });
});

/** An instruction is worth the number it ends with, in hundredths. */
function worth(configuration: Configuration): number {
  return Number(/\d+$/.exec(String(configuration["predict.instructions"] ?? ""))?.[0] ?? 10);
}

function score(configuration: Configuration, index: number, work: EvaluateWork): ReturnType<Script["score"]> {
  const value = worth(configuration) / 100;
  return work.split === "train" ? tracedResult(task, work, index, value) : value;
}

/** The first round proposes worths of 11 to 19, the second of 21 to 29. */
function reply(_: CompleteWork, number: number): { readonly [name: string]: Json } {
  return { proposed_instruction: `Try ${Math.floor(number / 9) + 1}${(number % 9) + 1}` };
}

function tries({ evaluations }: Played, round: number, rung: number): readonly EvaluateWork[] {
  return evaluations.filter(({ id }) => id.startsWith(`try-${round}-`) && id.endsWith(`/${rung}`));
}

test("the candidates of a round meet the same examples, and only the best go on to all of them", () => {
  const played = playSearch(copro(small), task, { score, reply });
  for (const round of [1, 2]) {
    const sizes = [1, 2, 3].map((rung) => tries(played, round, rung).length);
    expect(sizes).toEqual([9, 3, 1]);
    for (const rung of [1, 2, 3])
      expect(new Set(tries(played, round, rung).map(({ examples }) => examples.join())).size).toBe(1);
    const seen = [1, 2, 3].flatMap((rung) => tries(played, round, rung)[0]?.examples ?? []);
    expect(new Set(seen)).toEqual(new Set(task.validation.keys()));
  }
  expect(tries(played, 1, 1)[0]?.examples).not.toEqual(tries(played, 2, 1)[0]?.examples);
});

test("what was good on a few examples and then left behind does not win", () => {
  const first: Readonly<Record<string, number>> = { "Try 11": 0.9, "Try 12": 0.8, "Try 13": 0.7, "Try 14": 0.6 };
  const { incumbent } = playSearch(copro({ ...small, depth: 1 }), task, {
    reply,
    score: (configuration, index, work) => {
      if (work.id.endsWith("/1")) return first[String(configuration["predict.instructions"])] ?? 0;
      return work.id.startsWith("try") ? 0.05 : score(configuration, index, work);
    },
  });
  expect(incumbent?.configuration).toMatchObject({ "predict.instructions": "Try 11" });
  expect(incumbent?.score).toBeCloseTo((8 * 0.9 + 64 * 0.05) / 72);
});

test("the best text goes on, the other variables stay as they are", () => {
  const { evaluations, incumbent, reason } = playSearch(copro(small), task, { score, reply });
  expect(incumbent?.configuration).toEqual({ "predict.instructions": "Try 29", "predict.temperature": 0.5 });
  expect(evaluations.every(({ configuration }) => configuration["predict.temperature"] === 0.5)).toBe(true);
  expect(evaluations.find(({ id }) => id === "learn-2")?.configuration).toMatchObject({
    "predict.instructions": "Try 19",
  });
  expect(reason).toBe("18 candidates were tried in 2 rounds");
});

test("a proposal sees the instruction, its mistakes with feedback and the scores, and no validation example", () => {
  const { calls } = playSearch(copro(small), task, { score, reply });
  const [first, , , , , , , , , second] = calls as CompleteWork[];
  expect(first?.inputs).toMatchObject({ current_instruction: "Choose the desk." });
  expect(second?.inputs).toMatchObject({ current_instruction: "Try 19" });
  const cases = second?.inputs["examples_with_feedback"] as { feedback?: string; expected: Json; outputs?: Json }[];
  expect(cases.some(({ feedback }) => feedback?.startsWith("no, example") === true)).toBe(true);
  expect(cases.every(({ expected }) => expected !== undefined)).toBe(true);
  const attempts = second?.inputs["attempts"] as { instruction: string; score: number }[];
  expect(attempts.at(-1)?.instruction).toBe("Try 19");
  expect(attempts.map((each) => each.score)).toEqual(attempts.map((each) => each.score).toSorted((a, b) => a - b));
  expect(first?.inputs["attempts"]).toEqual([{ instruction: "Choose the desk.", score: 0.1, examples: 72 }]);
  const said = JSON.stringify(calls.map(({ inputs }) => inputs));
  for (const { inputs } of task.validation) expect(said).not.toContain(JSON.stringify(inputs));
});

test("what the program failed at is shown, what the world failed at is not", () => {
  const { calls } = playSearch(copro({ ...small, depth: 1 }), task, {
    reply,
    score: (configuration, index, work) => {
      if (work.split === "validation" || index % 3 === 0) return score(configuration, index, work);
      const failure = index % 3 === 1 ? "candidate" : "infrastructure";
      return { ok: false, failure, message: `${failure} trouble`, index, usage: noUsage };
    },
  });
  const said = JSON.stringify(calls.map(({ inputs }) => inputs));
  expect(said).toContain("The program failed: candidate trouble");
  expect(said).not.toContain("infrastructure trouble");
});

test("the examples in a prompt keep to their tokens, and long texts lose their middle", () => {
  const long = task.train.map(({ expected }, index) => ({
    inputs: { message: `begins ${index} ${"and goes on ".repeat(index % 2 === 0 ? 1 : 400)}ends` },
    expected,
  }));
  const { calls } = playSearch(copro({ ...small, shownTokens: 800 }), { ...task, train: long }, { score, reply });
  const texts = calls.map(({ inputs }) => JSON.stringify(inputs["examples_with_feedback"]));
  for (const text of texts) expect(text.length).toBeLessThanOrEqual(800 * 3 + 50);
  expect(texts.some((text) => text.includes(" … ") && text.includes("ends"))).toBe(true);
});

test("what is empty, unchanged, known, too long or failed costs no evaluation", () => {
  const replies = ["", "  Choose  the desk. ", "Try 40", '"Try 40"', "```\nTry 40\n```", `Try ${"very ".repeat(50)}99`];
  const { evaluations, incumbent } = playSearch(copro({ ...small, depth: 1 }), task, {
    score,
    reply: (_, number) => (number < replies.length ? { proposed_instruction: replies[number] ?? "" } : undefined),
  });
  const tried = evaluations.filter(({ id }) => id.startsWith("try")).map(({ id }) => id.split("/")[0]);
  expect(new Set(tried)).toEqual(new Set(["try-1-1"]));
  expect(incumbent?.configuration).toMatchObject({ "predict.instructions": "Try 40" });
});

test("maxTokens holds even where the variable allows more", () => {
  const { evaluations } = playSearch(copro({ ...small, depth: 1, maxTokens: 4 }), task, {
    score,
    reply: (_, number) => ({ proposed_instruction: number === 0 ? "Try something quite long 90" : "Try 50" }),
  });
  const tried = evaluations.map(({ configuration }) => configuration["predict.instructions"]);
  expect(tried).toContain("Try 50");
  expect(tried).not.toContain("Try something quite long 90");
});

test("when nothing useful comes it shows less, then ends", () => {
  const { calls, incumbent, reason } = playSearch(copro({ ...small, depth: 9, shownTokens: 600 }), task, { score });
  const sizes = [0, 9, 18].map((at) => JSON.stringify(calls[at]?.inputs["examples_with_feedback"]).length);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(sizes[2]).toBeLessThan((sizes[0] as number) / 2);
  expect(calls).toHaveLength(27);
  expect(reason).toMatch(/no proposal of the last 3 was of any use/);
  expect(incumbent?.work).toBe("baseline");
});

test("a score from few examples is told drawn towards the baseline's", () => {
  const { calls } = playSearch(copro(small), task, { score, reply });
  const attempts = calls.at(-1)?.inputs["attempts"] as { instruction: string; score: number; examples: number }[];
  expect(attempts.find(({ instruction }) => instruction === "Try 19")).toMatchObject({ score: 0.19, examples: 72 });
  // 8 examples count 8 parts of 18: 0.10 and 4 tenths of the difference.
  expect(attempts.find(({ instruction }) => instruction === "Try 16")).toMatchObject({ score: 0.127, examples: 8 });
});

test("the order in which answers come changes nothing", () => {
  const results = ["one", "two", "three"].map((scrambled) =>
    playSearch(copro(small), task, { score, reply, scrambled, capacity: 5 }),
  );
  const [first, ...others] = results.map(({ work, incumbent }) => ({
    ids: work.map(({ id }) => id).toSorted(),
    incumbent,
  }));
  for (const other of others) expect(other).toEqual(first);
});

test("each text of a program has its turn, in a prompt of its own stage", () => {
  const staged = program({
    name: "two",
    signature: signature("message -> answer"),
    pipeline: [
      predict({ id: "plan", signature: signature("message -> plan") }),
      predict({ id: "say", signature: signature("message, plan -> answer") }),
    ],
  });
  const texts = space([text("plan.instructions"), text("say.instructions")]);
  const two: Task = { ...task, program: staged, space: texts, baseline: {} };
  const { calls, incumbent } = playSearch(copro({ breadth: 1, depth: 2, batch: 2 }), two, {
    score: (configuration) => Object.keys(configuration).length / 4,
    reply: (_, number) => ({ proposed_instruction: `text ${number}` }),
  });
  expect(calls.map(({ inputs }) => String(inputs["module_description"]).split("\n")[0])).toEqual(
    ["plan", "say", "plan", "say"].map((stage) => `Step ${stage}`),
  );
  expect(incumbent?.configuration).toEqual({ "plan.instructions": "text 0", "say.instructions": "" });
});

test("a space without texts and faulty options are refused", () => {
  const numbers = { ...task, space: space([float("predict.temperature", { min: 0, max: 1 })]) };
  expect(() => copro().start(numbers)).toThrow('copro: the space has no text variable that is active in the baseline, such as text("predict.instructions")'); // prettier-ignore
  expect(() => copro({ breadth: 0 })).toThrow(UsageError);
});
