import { expect, test } from "vitest";
import { routingCell, routingKinds } from "../../../../examples/synthesis/agents/routing-cell.ts";
import { generateTasks } from "../../../../examples/synthesis/tasks/generate-task.ts";

test("the routing cell is the kind of the first argument by the kind of the output", () => {
  expect(routingCell([{ input: [[1, 2]], output: 3 }])).toEqual({ row: "list", column: "number" });
  expect(routingCell([{ input: ["a b"], output: ["a"] }])).toEqual({ row: "text", column: "list" });
  expect(routingCell([{ input: [1], output: "one" }])).toEqual({ row: "number", column: "text" });
});

test("the pairs of a family lie in the row of what it works on", () => {
  const rows = { format: "text", poly: "number", branch: "number", extract: "text", list: "list" } as const;
  for (const { family, task } of generateTasks(0, 50)) {
    const cell = routingCell(task.train.slice(0, 3));
    expect(cell.row).toBe(rows[family]);
    expect(routingKinds).toContain(cell.column);
  }
});
