import { UsageError } from "tutti/foundation";
import { expect, test } from "vitest";
import { settings } from "../../../examples/synthesis/settings.ts";

test("without options: the whole job, seed 1, in .tutti", () => {
  expect(settings([], {})).toMatchObject({ seed: 1, store: ".tutti/tutti.db", evaluations: 150, given: [] });
  expect(settings([], { TUTTI_STORE: "runs.db" })).toMatchObject({ store: "runs.db", given: [] });
});

test("what was given is given again to go on with a run", () => {
  const asked = settings(["--quick", "--seed", "7", "--store", "x.db"], {});
  expect(asked).toMatchObject({ seed: 7, evaluations: 40, store: "x.db" });
  expect(settings([...asked.given, "--resume", "run_1"], {})).toEqual({ ...asked, resume: "run_1" });
});

test.each([
  [["--seed", "one"]],
  [["--seed="]],
  [["--seed=-1"]],
  [["--seed", "1.5"]],
  [["--fast"]],
  [["more"]],
  [["--seed"]],
])("%j is the caller's mistake", (args) => {
  expect(() => settings(args, {})).toThrow(UsageError);
});
