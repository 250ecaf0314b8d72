import { describe, expect, test } from "vitest";
import { readEvents, readRecord, runReport, startRun } from "#optimize";
import type { RunEvent } from "#optimize";
import { memoryStore } from "#storage/memory";
import { options } from "../parity-run.ts";
import { all, demo, logOf, storedRun } from "./stored-run.ts";

const baseline = { "predict.temperature": 0.5 };
const cold = { "predict.temperature": 0 };
const hot = { "predict.temperature": 1 };

describe("the curve", () => {
  test("has a point for each measurement, with the best so far and what the run had spent", () => {
    const log = logOf([
      { id: "b", configuration: baseline, scores: all(0.25) },
      { id: "worse", configuration: hot, scores: all(0.125), usd: 0.5 },
      { id: "better", configuration: cold, scores: all(0.75) },
    ]);
    const { curve } = runReport(storedRun(), log);
    expect(curve).toMatchObject([
      {
        candidate: 0,
        score: 0.25,
        best: { candidate: 0, score: 0.25 },
        spend: { evaluations: 1, calls: 8, tokens: 80 },
      },
      { candidate: 1, score: 0.125, best: { candidate: 0 }, spend: { evaluations: 2, calls: 16, tokens: 160, usd: 4 } },
      {
        candidate: 2,
        score: 0.75,
        best: { candidate: 2, score: 0.75 },
        spend: { evaluations: 3, calls: 24, ms: 30_000 },
      },
    ]);
  });

  test("calls nobody best who was measured on less than half of the examples", () => {
    const log = logOf([
      { id: "b", configuration: baseline, scores: all(0.25) },
      { id: "lucky", configuration: cold, scores: all(1, 3) },
    ]);
    const report = runReport(storedRun(), log);
    expect(report.curve.at(-1)?.best).toEqual({ candidate: 0, score: 0.25 });
    expect(report.candidates[1]).toMatchObject({ isPartial: true, examples: 3, interval: null });
  });

  test("falls when the best is measured again and does worse", () => {
    const again = [8, 9, 10, 11, 12, 13, 14, 15];
    const log = logOf([
      { id: "b", configuration: baseline, scores: all(0.25) },
      { id: "first", configuration: cold, scores: all(1) },
      { id: "second", configuration: cold, scores: all(0), examples: again },
    ]);
    const { curve, candidates } = runReport(storedRun(), log);
    expect(curve.map(({ best }) => best?.score)).toEqual([0.25, 1, 0.5]);
    expect(candidates).toHaveLength(2);
    expect(candidates[1]).toMatchObject({
      work: "first",
      purpose: "first",
      examples: 16,
      usage: { calls: 16 },
      measuredAt: { calls: 16 },
    });
  });
});

describe("candidates", () => {
  test("are all that were asked for, measured or not, those that only learned included", () => {
    const log = logOf([
      { id: "b", configuration: baseline, scores: all(0.25) },
      { id: "teacher", configuration: hot, scores: [1, 0], split: "train" },
      { id: "out", configuration: cold },
    ]);
    const { candidates, status, reason } = runReport(storedRun(), log);
    expect(candidates).toMatchObject([
      { number: 0, isBaseline: true, score: 0.25, interval: [0.25, 0.25], train: null, measuredAt: { calls: 8 } },
      {
        number: 1,
        score: null,
        examples: 0,
        train: { score: 0.5, examples: 2 },
        usage: { calls: 2 },
        measuredAt: null,
      },
      { number: 2, score: null, train: null, usage: { calls: 0 } },
    ]);
    expect([status, reason]).toEqual(["running", ""]);
  });

  test("have the parents that the teleprompter noted, by their places in its pool", () => {
    const log = logOf([
      { id: "b", configuration: baseline, scores: all(0.25), note: { member: 0, parents: [] } },
      { id: "teacher", configuration: { "predict.adapter": "json" }, scores: all(1), split: "train" },
      { id: "x", configuration: cold, scores: all(0.25), note: { member: 1, parents: [0] } },
      { id: "y", configuration: hot, scores: all(0.25), note: { member: 2, parents: [1, 0] } },
    ]);
    const { candidates } = runReport(storedRun(), log);
    expect(candidates.map(({ parents }) => parents)).toEqual([
      [],
      [],
      [{ candidate: 0, by: "note" }],
      [
        { candidate: 2, by: "note" },
        { candidate: 0, by: "note" },
      ],
    ]);
  });

  test("without a note have the nearest that was known then, which is said, and none where nothing is near", () => {
    const first = { "predict.temperature": 0.5, "predict.adapter": "chat", "predict.instructions": "A" };
    const log = logOf([
      { id: "b", configuration: first, scores: all(0.25) },
      { id: "far", configuration: { ...cold, "predict.adapter": "json", "predict.instructions": "B" }, scores: all(1) },
      { id: "out", configuration: { ...first, "predict.instructions": "C" } },
      { id: "near", configuration: { ...first, "predict.instructions": "D" }, scores: all(1) },
    ]);
    const { candidates } = runReport(storedRun({ baseline: first }), log);
    const nearest = [{ candidate: 0, by: "nearest" }];
    // The third is nearer to the fourth than nothing else, but its score was not known yet.
    expect(candidates.map(({ parents }) => parents)).toEqual([[], [], nearest, nearest]);
  });

  test("say what they have otherwise than the baseline: texts as read, demonstrations counted", () => {
    const own = { ...baseline, "predict.demos": [demo(1), demo(2)] };
    const other = {
      "predict.instructions": "Route the angry ticket.",
      "predict.demos": [demo(2), demo(3), demo(1)],
      "predict.adapter": "json",
    };
    const log = logOf([{ id: "x", configuration: other, scores: all(1) }]);
    const { candidates } = runReport(storedRun({ baseline: own }), log);
    expect(candidates[0]?.changes).toEqual([
      { kind: "value", path: "predict.adapter", to: "json" },
      { kind: "demos", path: "predict.demos", before: 2, after: 3, kept: 2 },
      {
        kind: "text",
        path: "predict.instructions",
        diff: [
          { op: "same", text: "Route the " },
          { op: "added", text: "angry " },
          { op: "same", text: "ticket." },
        ],
      },
      { kind: "value", path: "predict.temperature", from: 0.5 },
    ]);
  });
});

describe("importance", () => {
  const run = (count: number): RunEvent[] =>
    logOf(
      Array.from({ length: count }, (_, at) => {
        const adapter = at % 2 === 0 ? "chat" : "json";
        const configuration = { "predict.temperature": at / 100, "predict.adapter": adapter };
        return { id: `w${at}`, configuration, scores: all(adapter === "json" ? 0.9 : 0.1) };
      }),
    );

  test("is known from ten candidates on", () => {
    expect(runReport(storedRun(), run(9)).importance).toMatchObject({ known: false });
    expect(runReport(storedRun(), run(30)).importance).toMatchObject({
      known: true,
      candidates: 30,
      shares: [{ variable: "predict.adapter", share: expect.closeTo(1, 1) }, {}, {}, {}],
    });
  });
});

describe("amortisation", () => {
  const both = { id: "b", configuration: baseline, scores: all(0.25), usd: 0.03 };
  const end: readonly RunEvent[] = [{ type: "search_ended", at: 0, reason: "done" }];

  test("counts the uses after which a cheaper choice has paid for the run, and the price of a point", () => {
    const log = logOf([both, { id: "x", configuration: cold, scores: all(0.75), usd: 0.01 }], ...end);
    const { amortisation, spend, significant } = runReport(storedRun(), log);
    expect(significant).toBe(true);
    expect(spend.usd).toBeCloseTo(0.32, 9);
    expect(amortisation).toMatchObject({
      known: true,
      measuredOn: "validation",
      costs: [
        {
          resource: "usd",
          baseline: expect.closeTo(0.03, 9),
          chosen: expect.closeTo(0.01, 9),
          usesToPayOff: 16,
          // 0.32 USD for 50 hundredths.
          perPoint: { mean: expect.closeTo(0.0064, 9), least: expect.closeTo(0.0064, 9) },
        },
        { resource: "tokens", usesToPayOff: null },
        { resource: "calls", usesToPayOff: null },
      ],
    });
  });

  test("is not known where the baseline is kept", () => {
    const log = logOf([both, { id: "x", configuration: cold, scores: all(0.25), usd: 0.01 }], ...end);
    const { amortisation } = runReport(storedRun(), log);
    expect(amortisation).toEqual({ known: false, reason: "the baseline is the configuration to use" });
  });
});

describe("the report of a run in a store", () => {
  test("agrees with what the run itself found, and is JSON", async () => {
    const store = memoryStore();
    await using runner = await startRun(options({ store, deterministic: true }));
    const found = await runner.finished;
    const report = runReport(await readRecord(store, runner.id), await readEvents(store, runner.id));
    const { heldOut, validation, configuration, significant, spend } = report;
    expect({ heldOut, validation, configuration, significant, spend }).toEqual({
      heldOut: found.heldOut,
      validation: found.validation,
      configuration: found.configuration,
      significant: found.significant,
      spend: found.spend,
    });
    expect(report.winner).toMatchObject({ by: "comparison" });
    const winner = report.candidates[report.winner?.candidate ?? -1];
    expect(winner?.score).toBe(found.candidates[0]?.score);
    const scores = new Map(report.candidates.map(({ work, score, examples }) => [work, [score, examples]]));
    for (const { work, score, examples } of found.candidates) expect(scores.get(work)).toEqual([score, examples]);
    expect(scores.size).toBe(found.candidates.length);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("of every part of its log can be told", async () => {
    const store = memoryStore();
    await using runner = await startRun(options({ store, deterministic: true, concurrency: 2 }));
    await runner.finished;
    const { report: _, ...record } = await readRecord(store, runner.id);
    const events = await readEvents(store, runner.id);
    for (let length = 0; length < events.length; length += 37) {
      const report = runReport(record, events.slice(0, length));
      expect(report.heldOut === null || report.validation !== null).toBe(true);
      expect(report.curve.length).toBeLessThanOrEqual(report.candidates.length + 1);
    }
    expect(runReport(record, [])).toMatchObject({ candidates: [], curve: [], winner: null, status: "running" });
  }, 30_000);
});
