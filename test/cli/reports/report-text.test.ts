import { describe, expect, test } from "vitest";
import type { CandidateReport, Comparison, Report } from "#optimize";
import { noUsage } from "#programs";
import { reportText } from "../../../src/cli/reports/report-text.ts";

const usage = noUsage;
const measured = (score: number): Comparison["baseline"] => ({ score, interval: [score, score], usage });
const comparison: Comparison = {
  examples: 10,
  baseline: measured(0.5),
  winner: measured(0.5),
  gain: { mean: 0, interval: [0, 0] },
};

function candidate(temperature: number, score: number): CandidateReport {
  return { work: `w${temperature}`, purpose: "", configuration: { temperature }, score, examples: 10, usage };
}

function report(parts: Partial<Report>): string {
  const whole: Report = {
    status: "completed",
    reason: "finished",
    configuration: { temperature: 0 },
    significant: false,
    judgedOn: "test",
    validation: comparison,
    heldOut: comparison,
    candidates: [candidate(0, 0.5)],
    spend: { evaluations: 2, calls: 20, tokens: 0, usd: 0, ms: 1 },
    ...parts,
  };
  return reportText(whole, { temperature: 0 }).join("\n");
}

describe("a report", () => {
  test("of the baseline alone shows no comparison", () => {
    expect(report({})).toContain("Nothing was compared: no candidate beside the baseline was measured in full.");
    expect(report({})).toContain("The baseline scores 0.500 on 10 examples");
    expect(report({})).toContain("\nThe chosen configuration is the baseline's.");
    expect(report({})).not.toContain("winner ");
    expect(report({ validation: undefined, heldOut: undefined, candidates: [] })).toContain("Nothing was compared");
  });

  test("of candidates that were no better says so", () => {
    const text = report({ candidates: [candidate(0, 0.5), candidate(1, 0.4)] });
    expect(text).toContain("None of 1 candidate did better than the baseline on validation.");
    expect(text).not.toContain("gain ");
  });

  test("of a better candidate compares them, and says when the held-out comparison is missing", () => {
    const candidates = [candidate(1, 0.9), candidate(0, 0.5)];
    const better = { ...comparison, winner: measured(0.9), gain: { mean: 0.4, interval: [0.1, 0.6] as const } };
    expect(report({ candidates, heldOut: better })).toMatch(/held-out examples, which nothing.*(.|\n)*winner +0\.900/);
    expect(report({ candidates, validation: better, heldOut: undefined })).toContain(
      "The run ended before its comparison on the held-out examples.",
    );
  });

  test("of a limit that covers no worst case says what lowers it", () => {
    expect(report({ reason: "the budget's tokens are used up" })).toContain("a lower maxTokens");
    expect(report({ reason: "the budget's usd do not cover a further candidate" })).toContain("a lower maxTokens");
    expect(report({ reason: "the budget's calls are used up" })).not.toContain("maxTokens");
  });
});
