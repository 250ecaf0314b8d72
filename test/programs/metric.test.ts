import { expect, test } from "vitest";
import { exactMatch } from "#programs";
import type { Example } from "#programs";

type Out = { label: string; tags?: string[]; rest?: unknown };
const score = (outputs: Out, expected: Partial<Out>, ...fields: (keyof Out)[]): unknown =>
  exactMatch<object, Out>(...fields)(outputs, { inputs: {}, expected } satisfies Example<object, Out>);

test.each<[what: string, outputs: Out, expected: Partial<Out>, fields: (keyof Out)[], score: number]>([
  ["equal texts", { label: "a" }, { label: "a" }, [], 1],
  ["texts equal but for the space around them", { label: " a\n" }, { label: "a" }, [], 1],
  ["texts of another case", { label: "A" }, { label: "a" }, [], 0],
  ["what was not expected", { label: "a", tags: ["x"] }, { label: "a" }, [], 1],
  ["one of two expected", { label: "a", tags: ["x"] }, { label: "a", tags: ["y"] }, [], 0],
  ["the named one of two", { label: "a", tags: ["x"] }, { label: "a", tags: ["y"] }, ["label"], 1],
  ["lists in another order", { label: "a", tags: ["x", "y"] }, { tags: ["y", "x"] }, [], 0],
  ["objects in another order", { label: "a", rest: { a: 1, b: 2 } }, { rest: { b: 2, a: 1 } }, [], 1],
  ["a number and its text", { label: "a", rest: "1" }, { rest: 1 }, [], 0],
  ["an expected field that is missing", { label: "a" }, { tags: [] }, [], 0],
  ["nothing expected", { label: "a" }, {}, [], 0],
])("%s score %o", (_, outputs, expected, fields, wanted) => {
  expect(score(outputs, expected, ...fields)).toBe(wanted);
});
