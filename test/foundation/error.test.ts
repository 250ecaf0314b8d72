import { describe, expect, expectTypeOf, test } from "vitest";
import { CodedError, messageOf, StoreError, UsageError } from "#foundation";
import type { StoreErrorCode } from "#foundation";

describe("a usage error", () => {
  test("says one thing in its message", () => {
    const error = new UsageError("concurrency: expected at least 1, got 0");
    expect(error).toMatchObject({ name: "UsageError", message: "concurrency: expected at least 1, got 0", issues: [] });
  });

  test("lists its issues below its message", () => {
    const error = new UsageError("the inputs do not fit", ["a: expected int", "b: not an input"]);
    expect(error.message).toBe("the inputs do not fit\n  - a: expected int\n  - b: not an input");
    expect(error.issues).toEqual(["a: expected int", "b: not an input"]);
  });
});

describe("a coded error", () => {
  test("carries its code, whether to try again and its cause", () => {
    const cause = new Error("EBUSY");
    const error = new StoreError("busy", "the store is held", { retryable: true, cause });
    expect(error).toMatchObject({ name: "StoreError", code: "busy", retryable: true, cause });
    expect(error).toBeInstanceOf(CodedError);
    expectTypeOf(error.code).toEqualTypeOf<StoreErrorCode>();
  });

  test("is not retryable and has no cause unless told", () => {
    const error = new StoreError("closed", "the store is closed");
    expect(error.retryable).toBe(false);
    expect("cause" in error).toBe(false);
  });
});

describe("the message of what was thrown", () => {
  test.each<[thrown: unknown, message: string]>([
    [new Error("boom"), "boom"],
    ["boom", "boom"],
    [undefined, "undefined"],
    [null, "null"],
    [42, "42"],
    [{ code: 7 }, "an object with code"],
    [Object.create(null), "an empty object"],
  ])("%o gives %s", (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
