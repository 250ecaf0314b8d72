import { describe, expect, test } from "vitest";
import { runReport } from "#optimize";
import type { CostWeight, RunReport } from "#optimize";
import { runPage } from "../../../src/cli/reports/page/run-page.ts";
import { runReportText } from "../../../src/cli/reports/run-report-text.ts";
import { all, logOf, storedRun } from "../../optimize/reports/stored-run.ts";

const steps = [
  { id: "baseline", configuration: { "predict.temperature": 0.5 }, scores: all(0.5), usd: 0.02 },
  { id: "dear", configuration: { "predict.temperature": 0.1 }, scores: all(1), usd: 0.05 },
  { id: "cheap", configuration: { "predict.temperature": 0.2 }, scores: all(0.75), usd: 0.01 },
];

/** The baseline, and two that beat it: one by score, one by price too. */
function reported(costWeight?: CostWeight): RunReport {
  const record = storedRun(costWeight && { costWeight });
  const [started, ...others] = logOf(steps);
  const first = costWeight === undefined ? [started] : [{ ...started, costWeight }];
  return runReport(record, [...first, ...others] as Parameters<typeof runReport>[1]);
}

function textOf(report: RunReport): string {
  return runReportText(report, { bold: (text) => text }).join("\n");
}

describe("the compromises of a run", () => {
  test("stand in the text with the reference of their hypervolume, the highest score first", () => {
    const text = textOf(reported());
    expect(text).toContain("no other does better than these in all of: score high, usd low.");
    expect(text).toContain("Hypervolume 0.01 beyond the worst values measured (score 0.500, usd 0.05).");
    const rows = text.slice(text.indexOf("The best compromises")).split("\n").map((line) => line.trim().split(/\s+/)); // prettier-ignore
    expect(rows.slice(4, 6)).toEqual([
      ["1*", "1.000", "0.05"],
      ["2", "0.750", "0.01"],
    ]);
  });

  test("stand on the page too", () => {
    const page = runPage(reported());
    expect(page).toContain("<h2>The best compromises</h2>");
    expect(page).toContain("USD an example");
  });

  test("are left out where candidates differ in nothing but the score", () => {
    const same = runReport(storedRun(), logOf(steps.map((step) => ({ ...step, usd: 0.02 }))));
    expect(same.front).toBeNull();
    expect(textOf(same)).not.toContain("compromises");
    expect(runPage(same)).not.toContain("compromises");
  });
});

describe("a run that weighs costs", () => {
  test("shows score, score less cost, and that the latter decides", () => {
    const report = reported({ usd: 10 });
    expect(report.winner).toEqual({ candidate: 2, by: "score" });
    for (const shown of [textOf(report), runPage(report)]) {
      expect(shown).toContain("judged by its score less the cost of an example, in points 10 for each of usd.");
      expect(shown).toContain("gain, less cost");
      expect(shown).toContain("+0.350");
    }
    expect(textOf(report)).toMatch(/LESS COST[^]*2\*[^\n]*0\.750\s+0\.650/);
  });

  test("says nothing of it otherwise", () => {
    expect(textOf(reported())).not.toMatch(/less (the )?cost/i);
  });
});
