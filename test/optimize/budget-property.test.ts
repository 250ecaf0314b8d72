import fc from "fast-check";
import { expect, test } from "vitest";
import { nextTurn } from "#foundation";
import {
  bootstrapFewShot,
  bootstrapRandomSearch,
  optimize,
  randomSearch,
  readEvents,
  readRecord,
  resumeRun,
  searchTeleprompter,
  simba,
  startRun,
  tpe,
} from "#optimize";
import type { Budget, Resource, RunEvent, Spend, Teleprompter } from "#optimize";
import { ModelError } from "#programs";
import type { LanguageModel, ModelReply } from "#programs";
import { memoryStore } from "#storage/memory";
import { options } from "./parity-run.ts";
import type { Options } from "./parity-run.ts";
import { parity, parityMetric, parityModel } from "./parity.ts";

const usage = { calls: 1, inputTokens: 30, outputTokens: 12, usd: 0.01 };
const price = { input: 100, output: 584 };

/** What happens to the calls, one after the other, again and again. */
type Fault = "none" | "rate_limited" | "unavailable" | "invalid_request" | "nonsense" | "crash";

interface Faulty extends LanguageModel {
  readonly made: { calls: number; tokens: number };
}

function faultyModel(faults: readonly Fault[]): Faulty {
  const inner = parityModel({ usage });
  const made = { calls: 0, tokens: 0 };
  const generate = async (...[request, call]: Parameters<LanguageModel["generate"]>): Promise<ModelReply> => {
    const fault = faults[made.calls++ % faults.length] ?? "none";
    if (fault === "crash") throw new TypeError("a bug in the bridge");
    if (fault === "rate_limited") throw new ModelError("rate_limited", "later", { retryable: true });
    if (fault === "unavailable" || fault === "invalid_request") throw new ModelError(fault, `it is ${fault}`);
    const reply = await inner.generate({ ...request, messages: request.messages.slice(0, 2) }, call);
    made.tokens += 42;
    return fault === "nonsense" ? { ...reply, text: "colourless green ideas" } : reply;
  };
  return { id: "faulty", usdPerMillionTokens: price, made, generate };
}

const searches: Readonly<Record<string, () => Teleprompter>> = {
  random: () => randomSearch({ candidates: 6 }),
  race: () => searchTeleprompter(tpe({ startup: 3 }), { candidates: 8, prune: "race" }),
  halving: () => searchTeleprompter(tpe({ startup: 3 }), { candidates: 9, prune: "halving" }),
  bootstrap: () => bootstrapFewShot({ candidates: 3, batch: 4 }),
  sets: () => bootstrapRandomSearch({ candidates: 6 }),
  simba: () => simba({ candidates: 6, perStep: 2, minibatch: 6 }),
};

const limits = fc.record(
  {
    evaluations: fc.integer({ min: 1, max: 12 }),
    calls: fc.integer({ min: 1, max: 400 }),
    tokens: fc.integer({ min: 1, max: 100_000 }),
    usd: fc.double({ min: 0.001, max: 20, noNaN: true }),
  },
  { requiredKeys: [] },
);
const faults = fc.array(
  fc.constantFrom<Fault>(
    "none",
    "none",
    "none",
    "none",
    "rate_limited",
    "unavailable",
    "invalid_request",
    "nonsense",
    "crash",
  ),
  { minLength: 1, maxLength: 12 },
);

/** How many evaluations ran anything, by the log. */
function evaluationsRun(events: readonly RunEvent[]): number {
  return new Set(events.flatMap((event) => (event.type === "example" ? [event.work] : []))).size;
}

function checkSpend(spend: Spend, budget: Budget): void {
  for (const [limit, most] of Object.entries(budget) as [Resource, number][])
    expect(spend[limit], limit).toBeLessThanOrEqual(most * (1 + 1e-9));
}

/** The run's spend and log, whether it came to an end or the world ended it. */
async function driven(
  changes: Partial<Options>,
): Promise<{ spend: Spend; events: readonly RunEvent[]; failed: boolean }> {
  const store = memoryStore();
  const runner = await startRun(options({ store, ...changes }));
  const failed = await runner.finished.then(
    () => false,
    (error: unknown) => {
      expect(error).toMatchObject({ code: "infrastructure" });
      return true;
    },
  );
  const { report } = await readRecord(store, runner.id);
  if (report === undefined) throw new Error("expected a report");
  return { spend: report.spend, events: await readEvents(store, runner.id), failed };
}

test("whatever fails and whatever the limits, no search ever spends more, and everything spent is told", async () => {
  const setting = fc.record({
    budget: limits,
    faults,
    search: fc.constantFrom(...Object.keys(searches)),
    concurrency: fc.integer({ min: 1, max: 9 }),
    deterministic: fc.boolean(),
    held: fc.constantFrom(0, 12),
  });
  await fc.assert(
    fc.asyncProperty(setting, async ({ budget, faults: schedule, search, concurrency, deterministic, held }) => {
      const model = faultyModel(schedule);
      const clock = { now: () => 0, sleep: nextTurn };
      const base = options();
      const { spend, events } = await driven({
        model,
        clock,
        budget,
        concurrency,
        deterministic,
        teleprompter: (searches[search] as () => Teleprompter)(),
        validation: (base.validation ?? []).slice(0, 12),
        test: (base.test ?? []).slice(0, held),
      });
      checkSpend(spend, budget);
      expect(spend).toMatchObject({ calls: model.made.calls, tokens: model.made.tokens });
      expect(evaluationsRun(events)).toBeLessThanOrEqual(spend.evaluations);
    }),
    { numRuns: 120 },
  );
}, 60_000);

test.each(Object.keys(searches))(
  "25 evaluations are at most 25, with the baseline, and the best so far comes back (%s)",
  async (name) => {
    const store = memoryStore();
    const teleprompter = (searches[name] as () => Teleprompter)();
    const { run, report } = await optimize(parity, options({ store, teleprompter, budget: { evaluations: 25 } }));
    expect(report.status).toBe("completed");
    expect(report.spend.evaluations).toBeLessThanOrEqual(25);
    expect(evaluationsRun(await readEvents(store, run))).toBe(report.spend.evaluations);
    const best = Math.max(...report.candidates.map(({ score }) => score ?? -Infinity));
    expect(report.candidates[0]?.score).toBe(best);
  },
);

test("a budget that ends in the middle of a search gives the best of what was measured, judged on held-out examples", async () => {
  const search = searchTeleprompter(tpe({ startup: 3 }), { candidates: 200 });
  const store = memoryStore();
  const { run, report } = await optimize(parity, options({ store, teleprompter: search, budget: { evaluations: 25 } }));
  expect(report).toMatchObject({
    status: "completed",
    reason: "the budget's evaluations do not cover a further candidate",
    significant: true,
    spend: { evaluations: 25 },
    heldOut: { examples: 40 },
  });
  expect(report.candidates).toHaveLength(23);
  expect(evaluationsRun(await readEvents(store, run))).toBe(25);
});

test("what a run that failed had spent is not there to be spent again", async () => {
  await fc.assert(
    fc.asyncProperty(limits, fc.integer({ min: 0, max: 60 }), async (budget, outage) => {
      const store = memoryStore();
      const clock = { now: () => 0, sleep: nextTurn };
      const first = faultyModel([...Array.from({ length: outage }, (): Fault => "none"), ...Array.from({ length: 400 }, (): Fault => "unavailable")]); // prettier-ignore
      const runner = await startRun(options({ store, clock, model: first, budget }));
      const failed = await runner.finished.then(
        () => false,
        () => true,
      );
      if (!failed) return;
      const second = faultyModel(["none"]);
      const resumed = await resumeRun(runner.id, { store, clock, metric: parityMetric, model: second });
      const { spend } = await resumed.finished;
      checkSpend(spend, budget);
      expect(spend.calls).toBe(first.made.calls + second.made.calls);
    }),
    { numRuns: 30 },
  );
}, 60_000);
