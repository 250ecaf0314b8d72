import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { optimize, randomSearch, readEvents, readRecord, runReport, startRun } from "#optimize";
import type { ExampleResult, Report, Told } from "#optimize";
import { memoryStore } from "#storage/memory";
import { scriptedModel } from "#testing";
import type { ScriptedModel } from "#testing";
import { choice, space } from "#variables";
import { numberIn, parity, parityExamples } from "./parity.ts";
import { options } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";

/** Right on all numbers but every `wrong`th; a call costs so many dollars. */
function priced(id: string, usd: number, wrong: number): ScriptedModel {
  return scriptedModel(
    (request) => {
      const n = numberIn(request);
      const isEven = (n % 2 === 0) !== (n % wrong === 0);
      return `[[ ## parity ## ]]\n${isEven ? "even" : "odd"}\n[[ ## completed ## ]]`;
    },
    { id, usage: { inputTokens: 10, outputTokens: 2, usd } },
  );
}

const models = {
  cheap: priced("cheap", 0.001, 10),
  dear: priced("dear", 0.02, 10_000),
  useless: priced("useless", 0, 2),
};

/** `useless` stands at the beginning; `cheap` is wrong on a tenth, `dear` on nothing, for twenty times the price. */
function chosen(changes: Partial<Options> = {}): Options {
  return options({
    space: space([choice("model", ["useless", "cheap", "dear"])]),
    program: { ...parity, configuration: { model: "useless" } },
    model: models.useless,
    models,
    teleprompter: randomSearch({ candidates: 2 }),
    validation: parityExamples(100, 40),
    test: parityExamples(200, 40),
    ...changes,
  });
}

async function report(changes: Partial<Options> = {}): Promise<Report> {
  const { program, ...others } = chosen(changes);
  return (await optimize(program, others)).report;
}

describe("costWeight", () => {
  test("without it the best score wins, with it the best score less its cost", async () => {
    expect((await report()).configuration).toEqual({ model: "dear" });
    // A tenth of the score for a hundredth of a dollar: dear is worth 1 - .2, cheap .9 - .01.
    const weighed = await report({ costWeight: { usd: 10 } });
    expect(weighed.configuration).toEqual({ model: "cheap" });
    expect(weighed.significant).toBe(true);
    expect((await report({ costWeight: { usd: 1 } })).configuration).toEqual({ model: "dear" });
  });

  test("a program that does nearly as well for far less is a significant gain", async () => {
    const program = { ...parity, configuration: { model: "dear" } };
    const own = chosen({ costWeight: { usd: 30 } });
    const { configuration, significant, heldOut } = (await optimize(program, own)).report;
    expect(configuration).toEqual({ model: "cheap" });
    expect(significant).toBe(true);
    expect(heldOut?.gain.mean).toBeCloseTo(-0.1, 12);
    expect(heldOut?.weighted?.gain.mean).toBeCloseTo(0.87 - 0.4, 12);
  });

  test("the report shows score, cost and what the winner was judged by", async () => {
    const { heldOut, costWeight, candidates } = await report({ costWeight: { usd: 10 } });
    expect(costWeight).toEqual({ usd: 10 });
    expect(heldOut?.winner.score).toBeCloseTo(0.9, 12);
    expect(heldOut?.weighted?.winner).toBeCloseTo(0.89, 12);
    expect(heldOut?.winner.usage.usd).toBeCloseTo(0.04, 12);
    expect(heldOut?.weighted?.gain.mean).toBeCloseTo(0.89 - (heldOut?.baseline.score ?? 0), 12);
    expect(candidates.map(({ configuration, score, weighted }) => [configuration["model"], score, weighted])).toEqual([
      ["cheap", 0.9, expect.closeTo(0.89, 12)],
      ["dear", 1, expect.closeTo(0.8, 12)],
      ["useless", expect.anything(), expect.anything()],
    ]);
    expect((await report()).heldOut).not.toHaveProperty("weighted");
  });

  test("tokens and calls count as they are weighed, and a failure counts less than nothing", async () => {
    const told: ExampleResult[] = [];
    const inner = randomSearch({ candidates: 2 });
    const teleprompter = {
      ...inner,
      tell: (state: ReturnType<typeof inner.start>, answer: Told) => {
        if (answer.type === "evaluated") told.push(...answer.results);
        return inner.tell(state, answer);
      },
    };
    const nonsense = scriptedModel(() => "no answer at all", { usage: { inputTokens: 100 } });
    const all = { ...models, useless: nonsense };
    await report({ teleprompter, models: all, model: nonsense, costWeight: { tokens: 0.001, calls: 0.01 } });
    const scored = told.filter((result) => result.ok);
    expect(scored.length).toBeGreaterThan(0);
    for (const result of scored) expect(result.score).toBeCloseTo(Number(result.metricScore) - 0.012 - 0.01, 12);
    const failed = told.filter((result) => !result.ok);
    expect(failed.length).toBe(40);
    for (const { score, usage } of failed) expect(score).toBeCloseTo(-0.1 * usage.calls - 0.01 * usage.calls, 12);
  });

  test("the log holds the metric's own scores, and the report of the run is the same from it", async () => {
    const store = memoryStore();
    const runner = await startRun(chosen({ store, costWeight: { usd: 10 } }));
    await runner.finished;
    const [record, events] = [await readRecord(store, runner.id), await readEvents(store, runner.id)];
    const scores = events.flatMap((event) => (event.type === "example" && event.result.ok ? [event.result.score] : []));
    expect(new Set(scores)).toEqual(new Set([0, 1]));
    expect(events.some((event) => event.type === "example" && "metricScore" in event.result)).toBe(false);
    const { run, candidates, curve, heldOut } = runReport(record, events);
    expect(run.costWeight).toEqual({ usd: 10 });
    const cheap = candidates.find(({ configuration }) => configuration["model"] === "cheap");
    expect(cheap).toMatchObject({
      score: 0.9,
      weighted: expect.closeTo(0.89, 12),
      cost: { usd: expect.closeTo(0.001, 12) },
    });
    expect(curve.at(-1)?.best).toEqual({ candidate: cheap?.number, score: expect.closeTo(0.89, 12) });
    expect(heldOut?.weighted?.winner).toBeCloseTo(0.89, 12);
    expect(record.progress.bestScore).toBeCloseTo(0.89, 12);
  });

  test.each([{ usd: -1 }, { usd: 0 }, {}, { time: 1 }, { calls: Number.NaN }, 3])(
    "%j is refused",
    async (costWeight) => {
      await expect(report({ costWeight: costWeight as object })).rejects.toThrow(UsageError);
    },
  );
});
