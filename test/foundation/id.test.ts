import { describe, expect, expectTypeOf, test } from "vitest";
import { mintId, seededRng, systemRng } from "#foundation";
import type { Id } from "#foundation";

describe("an id", () => {
  test("is its kind, an underscore and twenty characters without i, l, o and u", () => {
    const id = mintId(systemRng(), "run");
    expect(id).toMatch(/^run_[0-9a-hjkmnp-tv-z]{20}$/);
  });

  test("follows from the stream alone", () => {
    expect(mintId(seededRng(1), "run")).toBe(mintId(seededRng(1), "run"));
    expect(mintId(seededRng(1), "run")).not.toBe(mintId(seededRng(2), "run"));
  });

  test("does not come twice", () => {
    const rng = seededRng("many");
    expect(new Set(Array.from({ length: 5000 }, () => mintId(rng, "a"))).size).toBe(5000);
  });

  test("of one kind does not stand in for another kind, and no text stands in for an id", () => {
    expectTypeOf(mintId(seededRng(1), "run")).toEqualTypeOf<Id<"run">>();
    expectTypeOf<Id<"run">>().not.toExtend<Id<"program">>();
    expectTypeOf<string>().not.toExtend<Id<"run">>();
    expectTypeOf<Id<"run">>().toExtend<string>();
  });
});
