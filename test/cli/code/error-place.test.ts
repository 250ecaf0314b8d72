import { expect, test } from "vitest";
import { errorPlace, thrownAt } from "../../../src/cli/code/error-place.ts";

const here = import.meta.filename;

function caught(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

test("an error of the user's code is placed at its innermost frame there, also below another one", () => {
  const inner = caught(() => JSON.parse("{"));
  expect(errorPlace(here, inner)).toEqual([expect.stringMatching(/^in .*error-place\.test\.ts:\d+:\d+$/)]);
  expect(thrownAt(here, new Error("outer", { cause: inner }))).toMatch(/^ \(in .*error-place\.test\.ts:\d+:\d+\)$/);
});

test("an error from elsewhere has no place", () => {
  const elsewhere = new Error("x");
  elsewhere.stack = "Error: x\n    at f (file:///somewhere/else.ts:1:2)\n    at g (node:internal/x:3:4)";
  expect(errorPlace(here, elsewhere)).toEqual([]);
  expect(thrownAt(here, elsewhere)).toBe("");
  expect(errorPlace(here, "a text")).toEqual([]);
});
