import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { inferRules, teleprompterNamed } from "#optimize";
import type { EvaluateWork, Task } from "#optimize";
import { teleprompterContract } from "#testing";
import { choice, space, text } from "#variables";
import type { Configuration } from "#variables";
import { desk, deskExamples } from "./desk.ts";
import { playSearch, tracedResult } from "./scripted-search.ts";
import type { Script } from "./scripted-search.ts";

const task: Task = {
  program: desk,
  space: space([text("predict.instructions")]),
  baseline: {},
  train: deskExamples("train", 24),
  validation: deskExamples("validation", 36),
};

describe("inferRules keeps the Teleprompter contract", () => {
  for (const [claim, check] of Object.entries(teleprompterContract))
    test(claim, () => check(() => ({ teleprompter: inferRules({ candidates: 8, batch: 4 }), task })));

  test("it can be made again from its name and options", () => {
    const { name, options } = inferRules({ rules: 3 });
    expect(name).toBe("infer_rules");
    expect(teleprompterNamed(name, options).options).toEqual(options);
  });
});

/** What each rule does to the score; a rule that is not here does nothing. */
const effects: Readonly<Record<string, number>> = { Good: 0.2, Better: 0.3, Bad: -0.2 };

function textOf(configuration: Configuration): string {
  return String(configuration["predict.instructions"] ?? "");
}

function score(configuration: Configuration, index: number, work: EvaluateWork): ReturnType<Script["score"]> {
  const lines = textOf(configuration).split("\n");
  const value = lines.reduce((sum, line) => sum + (effects[line] ?? 0), 0.3);
  return work.split === "train" ? tracedResult(task, work, index, value) : value;
}

const heading = "Follow these rules:";

test("rules stand after the instruction, as they came or by halves, and the best list goes on", () => {
  const { evaluations, incumbent } = playSearch(inferRules({ candidates: 4, batch: 4 }), task, {
    score,
    reply: (_, number) => ({ rules: number === 0 ? ["- Better", "2. Bad", "Better"] : ["Good"] }),
  });
  const tried = evaluations.filter(({ id }) => id.endsWith("/1")).map(({ configuration }) => textOf(configuration));
  expect(tried).toEqual(
    [["Better", "Bad"], ["Good"], ["Better"]].map((rules) => ["Choose the desk.", heading, ...rules].join("\n")),
  );
  expect(incumbent?.configuration).toEqual({ "predict.instructions": `Choose the desk.\n${heading}\nBetter` });
});

test("later rules are appended to those that hold, and a rule that does harm is dropped", () => {
  const { incumbent, evaluations } = playSearch(inferRules({ candidates: 15, batch: 4 }), task, {
    score,
    reply: (_, number) => ({ rules: number < 3 ? ["Bad", "Better"] : ["Good"] }),
  });
  expect(
    textOf(incumbent?.configuration ?? {})
      .split("\n")
      .toSorted(),
  ).toEqual(["Choose the desk.", heading, "Better", "Good"].toSorted());
  expect(evaluations.some(({ purpose }) => purpose.includes("appended"))).toBe(true);
  expect(evaluations.some(({ purpose }) => purpose.includes("without rule"))).toBe(true);
});

test("a rule that does nothing goes: of equals the shorter text wins", () => {
  const { incumbent } = playSearch(inferRules({ candidates: 16, batch: 4 }), task, {
    score,
    reply: () => ({ rules: ["Nothing at all", "Better"] }),
  });
  expect(incumbent?.configuration).toEqual({ "predict.instructions": `Choose the desk.\n${heading}\nBetter` });
});

test("the model sees the rules so far and what went wrong, and the list keeps to its length", () => {
  const { calls, evaluations } = playSearch(inferRules({ candidates: 10, batch: 6, rules: 2 }), task, {
    score,
    reply: () => ({ rules: ["Better", "Good", "Bad"] }),
  });
  const second = calls[3]?.inputs;
  expect(second?.["current_instruction"]).toBe(`Choose the desk.\n${heading}\nBetter\nGood`);
  const cases = second?.["examples_with_feedback"] as { feedback?: string }[];
  expect(cases.slice(0, 2).every(({ feedback }) => feedback?.startsWith("no") === true)).toBe(true);
  expect(second?.["limits"]).toBe("At most 2 rules.");
  expect(evaluations.some(({ configuration }) => textOf(configuration).includes("Bad"))).toBe(false);
});

test("never more lists are tried than candidates allows", () => {
  const { evaluations, reason } = playSearch(inferRules({ candidates: 7, batch: 4 }), task, {
    score,
    reply: (_, number) => ({ rules: [`rule ${number}`, `rule ${number + 100}`] }),
  });
  expect(new Set(evaluations.filter(({ id }) => id.startsWith("try")).map(({ id }) => id.split("/")[0])).size).toBe(7);
  expect(reason).toBe("7 candidates were tried in 2 rounds");
});

test("calls that fail, and rules that the instruction has already, cost no evaluation", () => {
  const { evaluations, incumbent } = playSearch(inferRules({ candidates: 8, batch: 4 }), task, {
    score,
    reply: (_, number) => (number % 2 === 0 ? { rules: ["Choose the desk."] } : undefined),
  });
  expect(evaluations.filter(({ id }) => id.startsWith("try"))).toEqual([]);
  expect(incumbent?.work).toBe("baseline");
});

test("without training examples there is nothing to learn from: it ends with the baseline", () => {
  const { work, incumbent, reason } = playSearch(inferRules(), { ...task, train: [] }, { score });
  expect(work.map(({ id }) => id)).toEqual(["baseline"]);
  expect(incumbent?.work).toBe("baseline");
  expect(reason).toMatch(/no proposal of the last 3 was of any use/);
});

test("a space without texts and faulty options are refused", () => {
  const adapters = { ...task, space: space([choice("predict.adapter", ["chat", "json"])]) };
  expect(() => inferRules().start(adapters)).toThrow(/no text variable .* such as text\("predict\.instructions"\)/);
  expect(() => inferRules({ rules: 0 })).toThrow(UsageError);
});
