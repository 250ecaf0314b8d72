import { describe, expect, test } from "vitest";
import { checkSteps } from "#teams";

const kinds = ["plan", "code", "test"];
const step = (id: string, needs: readonly string[] = [], kind = "code"): object => ({ id, kind, needs });
const issuesOf = (value: unknown): string[] => {
  const check = checkSteps(value, { kinds });
  return check.ok ? [] : check.issues.map(({ path, expected, received }) => `${path}: ${expected} / ${received}`);
};

test("a plan comes back as levels of steps that can be done at once", () => {
  const plan = [step("d", ["b", "c"]), step("b", ["a"]), step("c", ["a", "a"]), step("a")];
  expect(checkSteps(plan, { kinds })).toMatchObject({ ok: true, levels: [["a"], ["b", "c"], ["d"]] });
});

test("only what a step is made of is kept, and a need counts once", () => {
  const check = checkSteps([step("a"), { ...step("b", ["a", "a"]), why: "because" }], { kinds });
  expect(check).toMatchObject({ ok: true });
  expect(check.ok && check.steps).toEqual([step("a"), step("b", ["a"])]);
});

describe("a plan is foreign JSON:", () => {
  test.each([
    ["nothing", undefined, "steps: a list of 1 to 64 steps / nothing"],
    ["a text", "1. plan 2. code", 'steps: a list of 1 to 64 steps / "1. plan 2. code"'],
    ["no list", { steps: [] }, "steps: a list of 1 to 64 steps / an object with steps"],
    ["an empty plan", [], "steps: a list of 1 to 64 steps / a list of 0"],
    [
      "a plan too long",
      Array.from({ length: 65 }, (_, n) => step(`s${n}`)),
      "steps: a list of 1 to 64 steps / a list of 65",
    ],
    ["no step", ["code"], 'steps[0]: { id, kind, needs } / "code"'],
    [
      "a number as id",
      [{ id: 1, kind: "code", needs: [] }],
      'steps[0].id: a short name of letters, digits, "_", "." and "-" / 1',
    ],
    [
      "a name that every object has",
      [step("__proto__")],
      'steps[0].id: a short name of letters, digits, "_", "." and "-" / "__proto__"',
    ],
    ["an unknown kind", [step("a", [], "deploy")], 'steps[0].kind: one of plan, code, test / "deploy"'],
    ["no needs", [{ id: "a", kind: "code" }], "steps[0].needs: a list of ids of steps / nothing"],
    [
      "needs that are no texts",
      [{ id: "a", kind: "code", needs: [1] }],
      "steps[0].needs: a list of ids of steps / a list of 1",
    ],
    ["an id twice", [step("a"), step("a")], 'steps[1].id: an id of its own / "a" again'],
    ["an unknown need", [step("a", ["z"])], 'steps[0].needs[0]: an id of steps / "z"'],
    ["a step that needs itself", [step("a", ["a"])], "steps: no cycle / a needs a"],
    [
      "a cycle",
      [step("y", ["c"]), step("x"), step("a", ["x", "c"]), step("b", ["a"]), step("c", ["b"])],
      "steps: no cycle / c needs b needs a needs c",
    ],
  ])("%s is refused", (_, value, issue) => {
    expect(issuesOf(value)).toEqual([issue]);
  });

  test("64 steps are a plan", () => {
    expect(issuesOf(Array.from({ length: 64 }, (_, n) => step(`s${n}`)))).toEqual([]);
  });
});
