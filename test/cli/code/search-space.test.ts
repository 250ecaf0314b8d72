import { expect, test } from "vitest";
import { program, signature } from "#programs";
import { choice, demos, space } from "#variables";
import { withPools } from "../../../src/cli/code/search-space.ts";

test("demonstrations get the training examples as their pool, and the space keeps its conditions", () => {
  const when = { "predict.demos": { "predict.adapter": "chat" } };
  const given = space([demos("predict.demos"), choice("predict.adapter", ["chat", "json"])], { when });
  const parity = program({ name: "parity", signature: signature('n: int -> parity: "even" | "odd"') });
  const pooled = withPools(given, parity, [{ inputs: { n: 1 }, expected: { parity: "odd" } }]);
  const pool = [{ inputs: { n: 1 }, outputs: { parity: "odd" } }];
  expect(pooled).toEqual(space([demos("predict.demos", { pool }), given.variables[1] ?? demos("x")], { when }));
});
