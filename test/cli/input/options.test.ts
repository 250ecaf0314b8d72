import { describe, expect, test } from "vitest";
import { checkBudget } from "#optimize";
import { chooseModel } from "../../../src/cli/code/model-named.ts";
import { readKeyValues, readNumber, readWhole } from "../../../src/cli/input/key-values.ts";
import { readJsonl } from "../../../src/cli/input/jsonl.ts";
import { readTeleprompter } from "../../../src/cli/input/teleprompter-option.ts";

describe("--budget", () => {
  test("reads its limits", () => {
    expect(checkBudget(readKeyValues("evaluations=30, usd=0.5", "--budget"))).toEqual({ evaluations: 30, usd: 0.5 });
    expect(checkBudget(readKeyValues("", "--budget"))).toEqual({});
  });

  test.each([
    ["minutes=3", "budget.minutes: not a limit; limits are evaluations, calls"],
    ["calls=many", 'budget.calls: expected a whole number above 0, got "many"'],
    ["calls", '--budget: expected name=value, separated by commas, got "calls"'],
    ["calls=1,calls=2", "--budget: calls is given twice"],
  ])("refuses %s", (text, message) => {
    expect(() => checkBudget(readKeyValues(text, "--budget"))).toThrow(message);
  });
});

describe("--teleprompter", () => {
  test.each(["bootstrap_few_shot", "bootstrapFewShot", "bootstrap-few-shot:maxDemos=4,threshold=0.5"])("%s", (text) => {
    expect(readTeleprompter(text).name).toBe("bootstrap_few_shot");
  });

  test("passes its options on, and refuses those it does not have", () => {
    expect(readTeleprompter("random_search:candidates=3").options).toMatchObject({ candidates: 3 });
    expect(() => readTeleprompter("magic")).toThrow('unknown teleprompter "magic"; known are random_search');
    expect(() => readTeleprompter("random_search:tries=3")).toThrow("has no option tries; its options are candidates");
    expect(() => readTeleprompter("random_search:candidates=0")).toThrow("expected a whole number of at least 1");
  });
});

describe("--model", () => {
  test("wins over the file's own, which wins over the offline one", async () => {
    const own = { id: "own", url: "http://127.0.0.1:1/v1" };
    expect(await chooseModel("icl", own, "x.ts")).toMatchObject({ model: { id: "icl-base-1" }, name: "icl" });
    expect(await chooseModel(undefined, own, "x.ts")).toMatchObject({ model: { id: "own" } });
    const offline = await chooseModel(undefined, undefined, "x.ts");
    expect(offline.note).toContain("x.ts exports no model");
  });

  test("takes what a program may name", async () => {
    expect(await chooseModel("icl/small", undefined, "x.ts")).toMatchObject({ model: { id: "icl/small" } });
    expect(await chooseModel("mock/echo", undefined, "x.ts")).toMatchObject({ model: { id: "mock/echo" } });
  });

  test.each([
    ["magic", 'cannot make a model of "magic"'],
    ["http://127.0.0.1:1/v1", "expected http://host:port/v1#model-id"],
    ["http://me:secret@host/v1#m", "no user or password in the address"],
  ])("refuses %s", async (name, message) => {
    await expect(chooseModel(name, undefined, "x.ts")).rejects.toThrow(message);
  });
});

test("numbers are whole where they must be", () => {
  expect(readWhole("8", "--concurrency", 1)).toBe(8);
  for (const text of ["0", "1.5", "", "x"])
    expect(() => readWhole(text, "--concurrency", 1)).toThrow("--concurrency: expected a whole number of at least 1");
  expect(() => readNumber("", "--min-score")).toThrow("--min-score: expected a number");
});

test("JSONL: the first ten broken lines are listed, the rest is counted", () => {
  const broken = "x\n".repeat(12);
  expect(() => readJsonl(`{"a":1}\n${broken}`, "t.jsonl")).toThrow(
    /12 of 13 lines(.|\n)*t\.jsonl:11: (.|\n)*and 2 more$/,
  );
  expect(readJsonl('\uFEFF{"a":1}\r\n\r\n{"a":2}', "t.jsonl").map(({ line }) => line)).toEqual([1, 3]);
});
