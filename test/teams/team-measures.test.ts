import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adaptationSpeed, creditOf, measuresOf } from "#teams";
import type { Measured, TeamMeasures } from "#teams";
import type { Trace } from "#orchestration";
import { call, failed, message, trace } from "./traces.ts";

fc.configureGlobal({ seed: 11 });

const run = (given: Trace, changes: Partial<Measured> = {}): Measured => ({
  trace: given,
  ok: true,
  memoryBytes: 1,
  ...changes,
});
const measures = (...traces: readonly Trace[]): TeamMeasures => measuresOf(traces.map((each) => run(each)));

describe("coordination efficiency", () => {
  test("A43: two agents that work 80 ms and wait 20 ms come to .8", () => {
    const calls = [call(0, { endedAt: 50 }), call(1, { agent: "b", startedAt: 70, endedAt: 100 })];
    expect(measures(trace(calls)).coordinationEfficiency).toBeCloseTo(0.8);
  });

  test("calls that the output does not go back to are wasted", () => {
    const calls = [call(0, { endedAt: 60 }), call(1, { agent: "b", endedAt: 20 })];
    expect(measures(trace(calls, { provenance: [0] })).coordinationEfficiency).toBeCloseTo(0.75);
  });

  test("a judgement is useful work, a failed one is not, nor is any where there is no output", () => {
    const judged = (outcome = call(0).outcome): Trace =>
      trace([call(0, { endedAt: 50 }), call(1, { kind: "evaluate", startedAt: 50, endedAt: 100, outcome })], {
        provenance: [0],
      });
    expect(measures(judged()).coordinationEfficiency).toBe(1);
    expect(measures(judged(failed)).coordinationEfficiency).toBe(0.5);
    expect(measures({ ...judged(), provenance: [] }).coordinationEfficiency).toBe(0);
  });

  test("agents that work at once do not wait for each other", () => {
    const calls = [call(0, { endedAt: 60 }), call(1, { agent: "b", startedAt: 10, endedAt: 100 })];
    expect(measures(trace(calls)).coordinationEfficiency).toBe(1);
  });

  test("is taken over the requests together, not averaged", () => {
    const idle = trace([call(0, { endedAt: 0 })], { endedAt: 100 });
    const busy = trace([call(0, { endedAt: 300 })]);
    expect(measures(idle, busy).coordinationEfficiency).toBe(0.75);
  });

  test("is 1 for a single agent without waiting, also where nothing took any time", () => {
    expect(measures(trace([call(0, { endedAt: 7 })])).coordinationEfficiency).toBe(1);
    expect(measures(trace([call(0)])).coordinationEfficiency).toBe(1);
  });
});

describe("communication", () => {
  // As JSON, a text has two bytes more than letters.
  const generated = (bytes: number): string => "x".repeat(bytes - 2);

  test("A43: 30 bytes of messages beside 70 generated are an overhead of .3", () => {
    const calls = [call(0, { output: generated(30) }), call(1, { agent: "b", output: generated(40) })];
    expect(measures(trace(calls, { messages: [message(0, 1, 30)] })).communicationOverhead).toBeCloseTo(0.3);
  });

  test("A43: 20 of 30 bytes that a useful call read are an efficiency of .667", () => {
    const calls = [call(0), call(1, { agent: "b" }), call(2, { agent: "c" })];
    const given = trace(calls, { messages: [message(0, 1, 20), message(0, 2, 10)], provenance: [0, 1] });
    expect(measures(given).communicationEfficiency).toBeCloseTo(2 / 3);
  });

  test("what a judge has read is consumed", () => {
    const calls = [call(0), call(1, { agent: "judge", kind: "evaluate" })];
    const given = trace(calls, { messages: [message(0, 1, 20)], provenance: [0] });
    expect(measures(given).communicationEfficiency).toBe(1);
  });

  test("without messages there is no overhead and nothing is lost", () => {
    expect(measures(trace([call(0, { output: "x" })]))).toMatchObject({
      communicationOverhead: 0,
      communicationEfficiency: 1,
    });
  });
});

describe("resource utilization", () => {
  const calls = [
    call(0, { used: { tokens: 30, calls: 1 } }),
    call(1, { used: { tokens: 20 } }),
    call(2, { agent: "b", used: { tokens: 10 } }),
  ];
  const grants = { a: { tokens: 100, calls: 1 }, b: { tokens: 20 }, idle: { tokens: 80 } };

  test("is what was used of what was granted, idle agents included, and its mean over the resources", () => {
    const { resourceUtilization, resourceUtilizationByResource } = measures(trace(calls, { grants }));
    expect(resourceUtilizationByResource).toEqual({ tokens: 60 / 200, calls: 1 });
    expect(resourceUtilization).toBeCloseTo(0.65);
  });

  test("does not count what an agent used beyond its grant", () => {
    const given = trace([call(0, { used: { tokens: 900 } })], { grants: { a: { tokens: 100 }, b: { tokens: 100 } } });
    expect(measures(given).resourceUtilization).toBe(0.5);
  });

  test("is 1 without grants", () => {
    expect(measures(trace(calls))).toMatchObject({ resourceUtilization: 1, resourceUtilizationByResource: {} });
  });
});

describe("fault tolerance as observed", () => {
  test("counts calls made again with success, and failed calls of requests that were answered", () => {
    const again = trace([call(0, { attempts: 2 }), call(1)]);
    const despite = trace([call(0, { outcome: failed }), call(1)]);
    const lost = trace([call(0, { outcome: failed }), call(1, { outcome: failed, attempts: 2 })]);
    const { faultToleranceScore, faultToleranceMeasured } = measuresOf([
      run(again),
      run(despite),
      run(lost, { ok: false }),
    ]);
    expect(faultToleranceScore).toBe(0.5);
    expect(faultToleranceMeasured).toBe("observed");
  });

  test("is 1 without failures", () => {
    expect(measures(trace([call(0)])).faultToleranceScore).toBe(1);
  });
});

describe("sums", () => {
  test("times add up, the memory is the most that was held, both at least 1", () => {
    const given = [
      run(trace([call(0, { endedAt: 40 })]), { memoryBytes: 500 }),
      run(trace([call(0, { endedAt: 60 })]), { memoryBytes: 300 }),
    ];
    expect(measuresOf(given)).toMatchObject({ executionTime: 100, memoryUsage: 500 });
    expect(measuresOf([run(trace([]), { memoryBytes: 0 })])).toMatchObject({ executionTime: 1, memoryUsage: 1 });
  });

  test("activations count the calls of each agent, and usage adds up by resource", () => {
    const one = trace([call(0), call(1), call(2, { agent: "b" })], { used: { tokens: 3 } });
    const two = trace([call(0, { agent: "b" })], { used: { tokens: 4, usd: 0.5 } });
    expect(measures(one, two)).toMatchObject({ agentActivations: { a: 2, b: 2 }, used: { tokens: 7, usd: 0.5 } });
  });

  test("names that every object has anyway are names like others", () => {
    const calls = [call(0, { agent: "constructor", used: { toString: 2 } })];
    const given = trace(calls, { used: { toString: 2 }, grants: { constructor: { toString: 4, valueOf: 4 } } });
    const { agentActivations, used, resourceUtilizationByResource } = measures(given);
    expect(Object.entries(agentActivations)).toEqual([["constructor", 1]]);
    expect(Object.entries(used)).toEqual([["toString", 2]]);
    expect(Object.entries(resourceUtilizationByResource)).toEqual([
      ["toString", 0.5],
      ["valueOf", 0],
    ]);
    expect(Object.entries(creditOf([{ trace: given, score: 1 }], ["constructor", "valueOf"]))).toEqual([
      ["constructor", 1],
      ["valueOf", 0],
    ]);
  });
});

describe("individual credit", () => {
  test("is the mean score of the requests whose output goes back to the agent, 0 for one that none does", () => {
    const both = trace([call(0), call(1, { agent: "b" })]);
    const onlyA = trace([call(0), call(1, { agent: "b" })], { provenance: [0] });
    const runs = [
      { trace: both, score: 1 },
      { trace: onlyA, score: 0.5 },
      { trace: onlyA, score: 0 },
    ];
    expect(creditOf(runs, ["a", "b", "c"])).toEqual({ a: 0.5, b: 1, c: 0 });
  });

  test("counts an agent once for a request, however often it was called", () => {
    const twice = trace([call(0), call(1)]);
    const once = trace([call(0)]);
    expect(
      creditOf(
        [
          { trace: twice, score: 1 },
          { trace: once, score: 0 },
        ],
        ["a"],
      ),
    ).toEqual({ a: 0.5 });
  });
});

describe("adaptation speed", () => {
  test("A46: a change at run 50 of 200 that settles at run 70 comes to 1 − 20/150", () => {
    const scores = Array.from({ length: 200 }, (_, place) => (place < 50 || place >= 70 ? 0.9 : 0.2));
    expect(adaptationSpeed(scores, [50])).toBeCloseTo(1 - 20 / 150);
  });

  test("luck with the first scores is not settling", () => {
    const scores = Array.from({ length: 100 }, (_, place) => (place < 2 || place >= 40 ? 1 : 0));
    expect(adaptationSpeed(scores, [0])).toBeCloseTo(0.6);
  });

  test("only the last change counts", () => {
    const scores = [...Array.from({ length: 50 }, () => 0), ...Array.from({ length: 50 }, () => 1)];
    expect(adaptationSpeed(scores, [10, 50])).toBe(1);
    expect(adaptationSpeed(scores, [50, 10])).toBe(1);
    expect(adaptationSpeed(scores, [10])).toBeCloseTo(1 - 40 / 90);
  });

  test("is 1 when nothing changed, or nothing was scored since", () => {
    expect(adaptationSpeed([0, 1, 0, 1], [])).toBe(1);
    expect(adaptationSpeed([0, 1, 0, 1], [4])).toBe(1);
    expect(adaptationSpeed([], [0])).toBe(1);
  });

  test("knows scores below 0", () => {
    const scores = Array.from({ length: 100 }, (_, place) => (place < 40 ? -10 : -1));
    expect(adaptationSpeed(scores, [0])).toBeCloseTo(0.6);
  });
});

describe("whatever happened", () => {
  const times = fc.integer({ min: -50, max: 1000 });
  const amounts = fc.dictionary(
    fc.constantFrom("tokens", "usd", "calls"),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  const traces = fc
    .array(
      fc.record({
        agent: fc.constantFrom("a", "b", "c"),
        kind: fc.constantFrom("work" as const, "plan" as const, "decide" as const, "evaluate" as const),
        startedAt: times,
        endedAt: times,
        used: amounts,
        attempts: fc.integer({ min: 1, max: 3 }),
        outcome: fc.option(fc.jsonValue(), { nil: undefined }),
      }),
      { maxLength: 8 },
    )
    .chain((drafts) => {
      const ids = fc.subarray(drafts.map((_, id) => id));
      const place = fc.integer({ min: 0, max: Math.max(0, drafts.length - 1) });
      const messages = fc.array(fc.tuple(place, place, fc.integer({ min: 0, max: 1e6 })), {
        maxLength: drafts.length,
      });
      return fc
        .record({ ids, messages, grants: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), amounts), ends: times })
        .map(({ ids: provenance, messages: sent, grants, ends }) =>
          trace(
            drafts.map(({ outcome, ...draft }, id) =>
              call(id, {
                ...draft,
                outcome: outcome === undefined ? failed : { ok: true, reply: { output: outcome } },
              }),
            ),
            {
              provenance,
              grants,
              startedAt: 0,
              endedAt: ends,
              messages: sent.map(([sentBy, readBy, bytes]) => message(sentBy, readBy, bytes)),
            },
          ),
        );
    });
  const runs = fc.array(fc.record({ trace: traces, ok: fc.boolean(), memoryBytes: fc.integer({ min: 0 }) }), {
    maxLength: 5,
  });

  test("every share lies between 0 and 1 and every sum is a number, for no, failed and timeless runs too", () => {
    fc.assert(
      fc.property(runs, (given) => {
        const all = measuresOf(given);
        const shares = [
          all.coordinationEfficiency,
          all.communicationOverhead,
          all.communicationEfficiency,
          all.resourceUtilization,
          ...Object.values(all.resourceUtilizationByResource),
          all.faultToleranceScore,
        ];
        for (const share of shares) expect(share >= 0 && share <= 1).toBe(true);
        expect(all.executionTime).toBeGreaterThanOrEqual(1);
        expect(all.memoryUsage).toBeGreaterThanOrEqual(1);
        const sums = [all.executionTime, all.memoryUsage, ...Object.values(all.agentActivations)];
        expect(sums.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("adaptation speed lies above 0 and at most at 1", () => {
    const scores = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(scores, fc.array(fc.nat(70), { maxLength: 3 }), (given, changes) => {
        const speed = adaptationSpeed(given, changes);
        expect(speed > 0 && speed <= 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
