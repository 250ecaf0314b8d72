import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import type { Rng } from "#foundation";
import type { Machine } from "#orchestration";
import { byzantine, describeFailure, drawSchedule, minimiseSchedule, searchSchedules, simulate } from "#testing";
import type { Fault, Invariant, Schedule, ScheduledRequest, ScheduleOptions, SimulateOptions } from "#testing";
import { flood, hastyFlood } from "./toys.ts";
import type { Flood, Told } from "./toys.ts";

const members = ["a", "b", "c", "d"];

/** Everybody proposes its own number. */
const proposals = (rng: Rng, all: readonly string[]): readonly ScheduledRequest[] =>
  all.map((member, place) => ({ atMs: 2_000 + Math.floor(rng.next() * 2_000), member, request: place }));

const agreement: Invariant<Flood, Told, number> = ({ outcomes }) => {
  const decided = new Set(outcomes.map(({ outcome }) => outcome));
  return decided.size > 1 ? `decided ${[...decided].join(" and ")}` : undefined;
};

const agreeing: SimulateOptions<Flood, Told, number> = {
  machine: flood,
  members,
  invariants: () => ({ agreement }),
  liveness: { isDone: ({ states }) => [...states.values()].every(({ decided }) => decided !== null), withinSteps: 500 },
};
const draw: ScheduleOptions = { requests: proposals };
const quiet = (
  faults: readonly Fault[],
  requests = proposals({ next: () => 0, fork: () => noChance }, members),
): Schedule => ({
  seed: 1,
  requests,
  faults,
});
const noChance: Rng = { next: () => 0, fork: () => noChance };

describe("searching schedules", () => {
  test("a correct machine holds in 500 of them", () => {
    // Nobody is down any more when it is asked: what a client would ask again is no matter of the toy.
    const options = { ...draw, durationMs: 1_000 };
    const searched = searchSchedules({ ...agreeing, seed: "toys", draw: options });
    expect(searched.failure && describeFailure(searched.failure)).toBeUndefined();
    expect(searched.schedules).toBe(500);
  });

  test("a broken one is found, and told with its seed and the least schedule", () => {
    const { failure } = searchSchedules({ ...agreeing, machine: hastyFlood, seed: "toys", draw });
    expect(failure?.violation.invariant).toBe("agreement");
    if (failure === undefined) return;
    expect(describeFailure(failure)).toContain(JSON.stringify(failure.minimised));
    expect(describeFailure(failure)).toContain(JSON.stringify(failure.drawn.seed));
    const again = simulate(failure.minimised, { ...agreeing, machine: hastyFlood });
    expect(again.violation).toEqual(failure.violation);
    for (const part of ["faults", "requests"] as const) {
      for (const left of failure.minimised[part]) {
        const less = { ...failure.minimised, [part]: failure.minimised[part].filter((one) => one !== left) };
        expect(simulate(less, { ...agreeing, machine: hastyFlood }).violation?.invariant).not.toBe("agreement");
      }
    }
  });

  test("who does not come to an end once all is healed is found too", () => {
    const stuck = { ...agreeing, liveness: { isDone: () => false, withinSteps: 40 } };
    expect(simulate(quiet([]), stuck)).toMatchObject({ isDone: false, violation: { invariant: "liveness" } });
  });

  test("the least schedule of a known cause is that cause", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 3 }), (seed, needed) => {
        const drawn = drawSchedule(seed, members, { ...draw, maxFaults: 12 });
        const causes = drawn.faults.slice(-needed);
        const least = minimiseSchedule(drawn, ({ faults }) => causes.every((cause) => faults.includes(cause)));
        expect(least.faults).toEqual(causes);
        expect(least.requests).toEqual([]);
      }),
    );
  });
});

describe("a run", () => {
  test("is the same for the same schedule, and the schedule for the same seed; it survives JSON", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const schedule = drawSchedule(seed, members, draw);
        expect(drawSchedule(seed, members, draw)).toEqual(schedule);
        const copy = JSON.parse(JSON.stringify(schedule)) as Schedule;
        expect(simulate(copy, agreeing).trace).toEqual(simulate(schedule, agreeing).trace);
      }),
      { numRuns: 25 },
    );
  });

  test("loses no message without saying so", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const schedule = drawSchedule(seed, members, {
          ...draw,
          kinds: ["drop", "duplicate", "partition", "crash", "pause"],
        });
        const { messages, trace } = simulate(schedule, { ...agreeing, untilMs: 5_000 });
        const { sent, duplicated, delivered, dropped, lost, inFlight } = messages;
        expect(sent + duplicated).toBe(delivered + dropped + lost + inFlight);
        expect(trace.reduce((sum, step) => sum + step.sent.length, 0)).toBe(sent);
        expect(trace.filter(({ input }) => input.type === "message")).toHaveLength(delivered);
      }),
      { numRuns: 50 },
    );
  });

  test("refuses a schedule for somebody else", () => {
    expect(() => simulate(quiet([{ type: "pause", member: "zoe", fromMs: 0, untilMs: 1 }]), agreeing)).toThrow(
      UsageError,
    );
  });
});

describe("a fault", () => {
  const steps = (faults: readonly Fault[]) =>
    simulate(quiet(faults), { ...agreeing, liveness: undefined as never, untilMs: 3_000 }).trace;
  const heard = (faults: readonly Fault[], from: string, to: string) =>
    steps(faults).filter(({ member, input }) => member === to && input.type === "message" && input.from === from);
  const window = { fromMs: 0, untilMs: 10_000 };

  test("of a link concerns that link and direction alone", () => {
    const cut: Fault = { type: "drop", from: "a", to: "b", ...window, probability: 1 };
    expect(heard([cut], "a", "b")).toEqual([]);
    expect(heard([cut], "b", "a")).not.toEqual([]);
    expect(heard([cut], "a", "c")).not.toEqual([]);
  });

  test.each([
    ["both", 0, 0],
    ["out", 0, 1],
    ["in", 1, 0],
  ] as const)("that cuts members off %s ways", (direction, out, into) => {
    const cut: Fault = { type: "partition", members: ["a", "b"], direction, ...window };
    expect(Math.sign(heard([cut], "a", "c").length)).toBe(out);
    expect(Math.sign(heard([cut], "c", "a").length)).toBe(into);
    expect(heard([cut], "a", "b")).not.toEqual([]);
  });

  test("duplicates, and keeps or breaks the order", () => {
    const twice = heard([{ type: "duplicate", ...window, probability: 1 }], "a", "b").length;
    expect(twice).toBeGreaterThan(1.8 * heard([], "a", "b").length);
  });

  test("of order is the only one that breaks it, however late messages are", () => {
    const counting: Machine<number, number> = {
      name: "counting",
      start: () => 0,
      step: (state, { type }) =>
        type === "message" ? { state } : { state: state + 1, timers: { next: 5 }, out: [{ to: "b", message: state }] },
    };
    const came = (faults: readonly Fault[]): readonly number[] =>
      simulate(quiet(faults, []), { machine: counting, members, untilMs: 500 }).trace.flatMap(({ member, input }) =>
        member === "b" && input.type === "message" && input.from === "a" ? [input.message] : [],
      );
    const late: Fault = { type: "delay", ...window, minMs: 0, maxMs: 100 };
    const isInOrder = (numbers: readonly number[]): boolean =>
      numbers.every((number, place) => place === 0 || number >= (numbers[place - 1] ?? 0));
    expect(came([late]).length).toBeGreaterThan(50);
    expect(isInOrder(came([late]))).toBe(true);
    expect(isInOrder(came([{ type: "reorder", ...window, maxMs: 100 }]))).toBe(false);
  });

  test("crashes: nothing happens to it until it begins again, with its disk or without", () => {
    for (const keeps of ["disk", "nothing"] as const) {
      const crash: Fault = { type: "crash", member: "a", atMs: 2_100, restartMs: 2_400, keeps };
      const { states, trace } = simulate(quiet([crash]), { machine: flood, members, untilMs: 2_401 });
      const own = trace.filter(({ member, atMs }) => member === "a" && atMs >= 2_100);
      expect(own.map(({ atMs, input }) => [atMs, input.type])).toEqual([
        [2_100, "crash"],
        [2_400, "begin"],
      ]);
      expect(states.get("a")?.decided).toBe(keeps === "disk" ? 0 : null);
    }
  });

  test("pauses: what came meanwhile comes after", () => {
    const own = steps([{ type: "pause", member: "a", fromMs: 500, untilMs: 900 }]).filter(
      ({ member }) => member === "a",
    );
    expect(own.some(({ atMs }) => atMs >= 500 && atMs < 900)).toBe(false);
    expect(own.some(({ atMs }) => atMs === 900)).toBe(true);
  });

  test("skews a clock and the speed of its timers", () => {
    const own = steps([{ type: "skew", member: "a", fromMs: 0, untilMs: 3_000, offsetMs: 77, rate: 2 }]).filter(
      ({ member, input }) => member === "a" && input.type === "timer",
    );
    expect(own[0]).toMatchObject({ atMs: 25, input: { at: 102 } });
  });
});

describe("a liar", () => {
  const run = (behaviour: Extract<Fault, { type: "byzantine" }>["behaviour"]) =>
    simulate(quiet([{ type: "byzantine", member: "a", behaviour }]), { machine: flood, members, untilMs: 4_000 });

  test("is no correct member: its states and outcomes are nobody's", () => {
    const { states, outcomes } = run("corrupt");
    expect([...states.keys()]).toEqual(["b", "c", "d"]);
    expect(outcomes.some(({ member }) => member === "a")).toBe(false);
  });

  test("may be mute, to all or to some", () => {
    const hears = (behaviour: "mute" | "selective", to: string): boolean =>
      run(behaviour).trace.some(({ member, input }) => member === to && input.type === "message" && input.from === "a");
    expect(["b", "c", "d"].map((to) => hears("mute", to))).toEqual([false, false, false]);
    expect(["b", "c", "d"].map((to) => hears("selective", to))).toEqual([true, false, false]);
  });

  test("may tell different members different things, which breaks a protocol that trusts", () => {
    expect(new Set(run("equivocate").outcomes.map(({ outcome }) => outcome)).size).toBeGreaterThan(1);
  });

  test("may speak in another's name and repeat what was said", () => {
    const forger = run("forge")
      .trace.filter(({ member }) => member === "a")
      .flatMap(({ sent }) => sent);
    expect(forger.some((outgoing) => "from" in outgoing && outgoing.from !== "a")).toBe(true);
    const others = (behaviour: "replay" | "mute"): number => run(behaviour).messages.sent;
    expect(others("replay")).toBeGreaterThan(
      simulate(quiet([]), { machine: flood, members, untilMs: 4_000 }).messages.sent,
    );
  });

  test("may tell a protocol's own lie", () => {
    const liar = byzantine(flood, { behaviours: ["equivocate"], lie: () => ({ z: -1 }) });
    const step = liar.step(liar.start("a", members), { type: "request", at: 0, request: 5 }, noChance);
    expect(step.out).toEqual([
      { to: "b", message: { a: 5 } },
      { to: "c", message: { z: -1 } },
      { to: "d", message: { z: -1 } },
    ]);
  });
});
