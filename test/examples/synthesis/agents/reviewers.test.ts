import type { Json } from "tutti/foundation";
import { expect, test } from "vitest";
import type { Candidate } from "../../../../examples/synthesis/coders/candidate.ts";
import { reviewers } from "../../../../examples/synthesis/agents/reviewers.ts";

const candidate = (source: string, changes: Partial<Candidate> = {}): Candidate => ({
  source,
  size: 4,
  coder: "enumCoder",
  errors: 0,
  probeOutputs: [source] as readonly Json[],
  ...changes,
});
const chosen = (id: keyof typeof reviewers, candidates: readonly Candidate[], k = 5): string | undefined =>
  reviewers[id](candidates, { k, probes: 8 }).choice?.source;

test("no candidate: no choice and no confidence", () => {
  for (const review of Object.values(reviewers)) {
    expect(review([], { k: 3, probes: 8 })).toEqual({ choice: null, cost: 0, confidence: 0 });
  }
});

test("the fast reviewer takes the first consistent candidate, whatever its size, and is sure", () => {
  const list = [candidate("wrong", { errors: 1 }), candidate("long", { size: 30 }), candidate("short", { size: 1 })];
  expect(chosen("fastReviewer", list)).toBe("long");
  expect(reviewers.fastReviewer(list, { k: 5, probes: 8 })).toMatchObject({ cost: 0, confidence: 1 });
  expect(chosen("fastReviewer", list.slice(0, 1))).toBeUndefined();
});

test("the simplest reviewer takes the smallest consistent candidate, the first of equals", () => {
  const list = [
    candidate("wrong", { size: 1, errors: 1 }),
    candidate("long", { size: 9 }),
    candidate("one", { size: 3 }),
    candidate("two", { size: 3 }),
  ];
  expect(chosen("simplestReviewer", list)).toBe("one");
});

test("both trust a large program less", () => {
  for (const id of ["simplestReviewer", "deepLogicReviewer"] as const) {
    const confidences = [2, 8, 14, 30].map(
      (size) => reviewers[id]([candidate("p", { size })], { k: 1, probes: 8 }).confidence,
    );
    expect(confidences).toEqual(confidences.toSorted((left, right) => right - left));
    expect(confidences[0]).toBeGreaterThan(0.9);
    expect(confidences[2]).toBeCloseTo(0.5);
    expect(confidences[3]).toBeLessThan(0.05);
  }
});

test("the deep reviewer prefers behaviour that two algorithms reached to one simpler program", () => {
  const list = [
    candidate("alone", { size: 4, probeOutputs: [1, 2] }),
    candidate("agreed", { size: 7, probeOutputs: [3, 4] }),
    candidate("echo", { size: 9, coder: "listCoder", probeOutputs: [3, 4] }),
  ];
  expect(chosen("deepLogicReviewer", list)).toBe("agreed");
  // Twice the same algorithm is no agreement.
  expect(
    chosen(
      "deepLogicReviewer",
      list.map((one) => ({ ...one, coder: "enumCoder" })),
    ),
  ).toBe("alone");
});

test("the deep reviewer would rather accept an error than a much larger program", () => {
  const overfit = candidate("overfit", { size: 30 });
  const tolerant = candidate("tolerant", { size: 12, errors: 1 });
  expect(chosen("deepLogicReviewer", [overfit, tolerant])).toBe("tolerant");
  expect(chosen("deepLogicReviewer", [candidate("exact", { size: 13 }), tolerant])).toBe("exact");
});

test("the deep reviewer distrusts a program that throws on the probes it looks at", () => {
  const list = [candidate("throws", { size: 4, probeOutputs: [1, null] }), candidate("runs", { size: 7 })];
  expect(chosen("deepLogicReviewer", list)).toBe("runs");
  expect(reviewers.deepLogicReviewer(list, { k: 5, probes: 1 }).choice?.source).toBe("throws");
});

test("within a cluster the deep reviewer takes the one with the fewest errors, then the smallest", () => {
  const list = [
    candidate("error", { size: 2, errors: 1, probeOutputs: [1] }),
    candidate("long", { size: 6, probeOutputs: [1] }),
    candidate("short", { size: 5, probeOutputs: [1] }),
  ];
  expect(chosen("deepLogicReviewer", list)).toBe("short");
});

test("k counts for each algorithm apart, and an execution on a probe costs one", () => {
  const list = [
    candidate("first", { size: 9 }),
    candidate("second", { size: 2 }),
    candidate("other", { size: 5, coder: "polyCoder" }),
  ];
  expect(chosen("simplestReviewer", list, 1)).toBe("other");
  expect(chosen("simplestReviewer", list, 2)).toBe("second");
  expect(reviewers.deepLogicReviewer(list, { k: 1, probes: 4 }).cost).toBe(8);
  expect(reviewers.deepLogicReviewer(list, { k: 2, probes: 4 }).cost).toBe(12);
});
