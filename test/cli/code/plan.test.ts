import { describe, expect, test } from "vitest";
import { teleprompterNamed } from "#optimize";
import { program, signature } from "#programs";
import { demos, float, space } from "#variables";
import { budgetWarnings, leastBudget } from "../../../src/cli/code/budget-need.ts";
import { chooseMetric } from "../../../src/cli/code/chosen-metric.ts";
import { searchedVariables } from "../../../src/cli/code/searched-variables.ts";

const twoStages = program({
  name: "two",
  signature: signature("text -> label, reason"),
  pipeline: ["predict", "chain_of_thought"],
});

describe("a budget", () => {
  const sizes = { train: 10, validation: 10, test: 20 };

  test("needs two evaluations on validation and on test, a call for each example and stage", () => {
    expect(leastBudget(sizes, twoStages)).toEqual({ evaluations: 4, calls: 120 });
    expect(leastBudget({ ...sizes, test: 0 }, twoStages)).toEqual({ evaluations: 2, calls: 40 });
  });

  test("below that is warned of, limit by limit", () => {
    expect(budgetWarnings({ evaluations: 4, calls: 120 }, sizes, twoStages)).toEqual([]);
    expect(budgetWarnings({ evaluations: 3, calls: 119 }, sizes, twoStages)).toEqual([
      expect.stringContaining("evaluations=3 is too little"),
      expect.stringContaining("10 validation and 20 held-out examples need at least calls=120"),
    ]);
  });
});

test("bootstrap_few_shot searches demonstrations only, random_search the whole space", () => {
  const search = space([demos("predict.demos", { max: 4 }), float("temperature", { min: 0, max: 1 })]);
  const names = (name: string): string[][] => {
    const { searched, left } = searchedVariables(teleprompterNamed(name), search);
    return [searched, left].map((variables) => variables.map((variable) => variable.name));
  };
  expect(names("bootstrap_few_shot")).toEqual([["predict.demos"], ["temperature"]]);
  expect(names("random_search")).toEqual([["predict.demos", "temperature"], []]);
});

describe("the metric", () => {
  const choose = (expected: readonly object[], exported?: () => number): string =>
    chooseMetric(
      { file: "x.ts", exported, signature: twoStages.signature },
      expected.map((each) => ({ inputs: { text: "t" }, expected: each })),
      "d.jsonl",
    ).note;

  test("is the file's own where it exports one", () => {
    expect(choose([{}], () => 1)).toBe("scored by the metric that x.ts exports");
    const looking = Object.assign(() => 1, { outputs: ["reason"] });
    expect(choose([{ label: "a" }], looking)).toContain("it looks at reason, and no example in d.jsonl has that");
  });

  test("is exact match otherwise, which says what it cannot compare", () => {
    const exact = "x.ts exports no metric: scored by the exact match of";
    expect(choose([{ label: "a", reason: "b" }])).toBe(`${exact} label, reason`);
    expect(choose([{ label: "a" }])).toBe(
      `${exact} label; in d.jsonl no example has reason, which is not compared there`,
    );
    expect(choose([{ label: "a" }, { label: "a", reason: "b" }])).toContain("1 of 2 examples have no reason");
    expect(() => choose([{}])).toThrow("1 of 1 examples expect nothing to compare with; give them label, reason");
  });
});
