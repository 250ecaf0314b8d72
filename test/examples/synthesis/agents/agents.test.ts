import type { Json } from "tutti/foundation";
import type { TeamCall } from "tutti/orchestration";
import { expect, test } from "vitest";
import type { Examiner } from "../../../../examples/synthesis/agents/examiner.ts";
import { plan } from "../../../../examples/synthesis/agents/planner-agent.ts";
import { review } from "../../../../examples/synthesis/agents/reviewer-agent.ts";
import { test as examine } from "../../../../examples/synthesis/agents/tester-agent.ts";

const task = { train: [{ input: [1], output: 2 }], probes: [[3]] };
const proposed = { source: "(x) => x + 1", size: 3, coder: "enumCoder", errors: 0, probeOutputs: [4], seen: 1 };
const call = (changes: Partial<TeamCall>): TeamCall => ({
  request: 1,
  kind: "evaluate",
  task,
  inbox: [],
  parameters: {},
  role: "evaluator",
  round: 0,
  grants: {},
  ...changes,
});
const from = (...outputs: readonly Json[]): TeamCall["inbox"] => outputs.map((output) => ({ from: "coder", output }));
const agreeable: Examiner = { failures: () => Promise.resolve([]) };

test.each<readonly [string, Json]>([
  ["a text", "(x) => x"],
  ["a program that is no list", proposed],
  ["a list with something else in it", [proposed, { source: "(x) => x" }]],
])("%s instead of programs is a failed call, for whoever hears it", async (_, output) => {
  const failed = { output: null, failure: { code: "invalid_call" } };
  expect(review(call({ inbox: from([proposed], output) }), "fastReviewer")).toMatchObject(failed);
  expect(plan(call({ kind: "decide", inbox: from([proposed], output) }))).toMatchObject(failed);
  const verdict = { accepted: true, output: [output] };
  await expect(examine(call({ verdict }), agreeable)).resolves.toMatchObject(failed);
});

test("no task is a failed call, not the end of the planner", () => {
  expect(plan(call({ kind: "plan", task: { train: "?" }, spokes: ["polyCoder"] }))).toMatchObject({
    failure: { code: "invalid_call" },
  });
});

test("the planner routes by its table, to the first spoke where the table names one that is not there", () => {
  const parameters = { number_to_number: "polyCoder" };
  const routed = (spokes: readonly string[]): Json =>
    Object.keys(plan(call({ kind: "plan", parameters, spokes })).assignments ?? {});
  expect(routed(["listCoder", "polyCoder"])).toEqual(["polyCoder"]);
  expect(routed(["listCoder", "enumCoder"])).toEqual(["listCoder"]);
  expect(routed([])).toEqual([]);
});

test("the tester turns down what fails more often than its coder said", async () => {
  const failing: Examiner = { failures: () => Promise.resolve(["pair 1: expected 2, got 3"]) };
  const verdict = { accepted: true, output: proposed };
  await expect(examine(call({ verdict }), agreeable)).resolves.toEqual({ output: proposed, accepted: true });
  await expect(examine(call({ verdict }), failing)).resolves.toMatchObject({ output: null, accepted: false });
  const honest = { accepted: true, output: { ...proposed, errors: 1 } };
  await expect(examine(call({ verdict: honest }), failing)).resolves.toMatchObject({ accepted: true });
});
