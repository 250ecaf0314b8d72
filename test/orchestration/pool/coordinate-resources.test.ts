import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { coordinateResources, maxMinShares } from "#orchestration";
import { exact, exactSum, frozen, total } from "./exact.ts";

fc.configureGlobal({ seed: 31 });

type ResourceRequest = Parameters<typeof coordinateResources>[0][number];
type ResourceGrant = Extract<ReturnType<typeof coordinateResources>, { ok: true }>["value"][number];
type CoordinateResourcesOptions = NonNullable<Parameters<typeof coordinateResources>[2]>;

const many = { numRuns: 1_000 };

/** Requests of memory, by A, B, C …. */
function memory(...requests: readonly Omit<ResourceRequest, "agent" | "resource">[]): readonly ResourceRequest[] {
  return requests.map((request, index) => ({
    agent: String.fromCodePoint(65 + index),
    resource: "memory",
    ...request,
  }));
}

/** What each request got, 0 without a grant, or the error's code. */
function granted(
  requests: readonly ResourceRequest[],
  capacity: number,
  options?: CoordinateResourcesOptions,
): readonly number[] | string {
  const result = coordinateResources(frozen(requests), frozen({ memory: capacity }), frozen(options));
  if (!result.ok) return result.error.code;
  return requests.map(({ agent }) => result.value.find((grant) => grant.agent === agent)?.granted ?? 0);
}

describe("requests of one resource", () => {
  test.each<[string, readonly ResourceRequest[], number, CoordinateResourcesOptions, readonly number[] | string]>([
    ["halve it", memory({ amount: 80, priority: 1 }, { amount: 80, priority: 1 }), 100, {}, [50, 50]],
    [
      "leave to the others what one does not need",
      memory({ amount: 20 }, { amount: 80 }, { amount: 80 }),
      100,
      {},
      [20, 40, 40],
    ],
    ["go by priority first", memory({ amount: 80, priority: 2 }, { amount: 80, priority: 1 }), 100, {}, [80, 20]],
    ["go by priority, not by order", memory({ amount: 80, priority: -1 }, { amount: 80 }), 100, {}, [20, 80]],
    [
      "are cut by the same part in the mode proportional",
      memory({ amount: 50 }, { amount: 150 }),
      100,
      { mode: "proportional" },
      [25, 75],
    ],
    [
      "are served in order in the mode strict",
      memory({ amount: 70 }, { amount: 80 }, { amount: 9 }),
      100,
      { mode: "strict" },
      [70, 30, 0],
    ],
    [
      "pass by one in the mode strict that needs more",
      memory({ amount: 70 }, { amount: 80, min: 50 }, { amount: 9 }),
      100,
      { mode: "strict" },
      [70, 0, 9],
    ],
    ["do without rather than below their min", memory({ amount: 80, min: 60 }, { amount: 80 }), 100, {}, [0, 80]],
    [
      "go without, the later first, when there is not 1 for everyone",
      memory({ amount: 5 }, { amount: 5 }, { amount: 5 }),
      2,
      {},
      [1, 1, 0],
    ],
    ["of less than 1 are granted in full or not at all", memory({ amount: 0.5 }, { amount: 0.5 }), 0.7, {}, [0.5, 0]],
    ["take any part with a min of 0", memory({ amount: 5, min: 0 }, { amount: 5, min: 0 }), 1, {}, [0.5, 0.5]],
    [
      "leave to a lower class what a min forbids",
      memory({ amount: 9, min: 9, priority: 1 }, { amount: 5 }),
      7,
      {},
      [0, 5],
    ],
    ["fill what is available in decimals", memory({ amount: 0.1 }, { amount: 0.2 }), 0.3, {}, [0.1, 0.2]],
    ["of nothing get nothing", memory({ amount: 0 }, { amount: 3 }), 7, {}, [0, 3]],
    ["are refused when nothing is there", memory({ amount: 3 }, { amount: 3 }), 0, {}, "resource_exhausted"],
    ["are refused when nobody's min fits", memory({ amount: 9, min: 8 }), 7, {}, "resource_exhausted"],
    [
      "are whole by largest remainders",
      memory({ amount: 80 }, { amount: 80 }, { amount: 80 }),
      100,
      { whole: ["memory"] },
      [34, 33, 33],
    ],
    [
      "are rounded down to whole ones, minima up",
      memory({ amount: 2.7 }, { amount: 3.9, min: 3.2 }),
      9.5,
      { whole: ["memory"] },
      [2, 0],
    ],
    [
      "leave the rest of a whole class to the next",
      memory({ amount: 2, priority: 1 }, { amount: 9 }),
      4.5,
      { whole: ["memory"] },
      [2, 2],
    ],
  ])("%s", (_, requests, capacity, options, expected) => {
    expect(granted(requests, capacity, options)).toEqual(expected);
  });

  test("leave room that one cannot use to those who can, in every mode", () => {
    const requests = memory(
      { amount: 110, min: 110 },
      { amount: 60, min: 60 },
      { amount: 50, min: 50 },
      { amount: 30, min: 30 },
    );
    expect(granted(requests, 100)).toEqual([0, 0, 50, 30]);
    expect(granted(requests, 100, { mode: "proportional" })).toEqual([0, 60, 0, 30]);
    expect(granted(requests, 100, { mode: "strict" })).toEqual([0, 60, 0, 30]);
  });

  test("leave nothing of a shared class to a lower one, not even dust", () => {
    const thirds = [{ amount: 1 }, { amount: 1 }, { amount: 1 }].map((one) => ({ ...one, min: 0, priority: 1 }));
    expect(granted(memory(...thirds, { amount: 1, min: 0 }), 1)).toEqual([1 / 3, 1 / 3, 1 / 3, 0]);
  });
});

describe("requests of several resources", () => {
  test("are decided resource by resource and answered in their order", () => {
    const requests = [
      { agent: "a", resource: "cpu", amount: 4 },
      { agent: "a", resource: "memory", amount: 80 },
      { agent: "b", resource: "cpu", amount: 4 },
      { agent: "b", resource: "gpu", amount: 1 },
      { agent: "b", resource: "memory", amount: 80 },
    ];
    expect(coordinateResources(requests, { memory: 100, cpu: 6 })).toEqual({
      ok: true,
      value: [
        { agent: "a", resource: "cpu", granted: 3 },
        { agent: "a", resource: "memory", granted: 50 },
        { agent: "b", resource: "cpu", granted: 3 },
        { agent: "b", resource: "memory", granted: 50 },
      ],
    });
  });

  test("find nothing under the names that every object has", () => {
    expect(coordinateResources([{ agent: "a", resource: "constructor", amount: 1 }], {})).toEqual({
      ok: false,
      error: { code: "resource_exhausted", message: "no request of constructor can be granted" },
    });
  });

  test("may be none at all", () => {
    expect(coordinateResources([], { memory: 100 })).toEqual({ ok: true, value: [] });
  });

  test("need numbers that are finite and not negative, and a min within the amount", () => {
    const asked = { agent: "a", resource: "memory", amount: 5 };
    const wrong = [{ amount: -1 }, { amount: Number.NaN }, { min: -1 }, { min: 6 }, { priority: Infinity }];
    for (const defect of wrong) {
      expect(() => coordinateResources([{ ...asked, ...defect }], { memory: 9 })).toThrow(UsageError);
      expect(() => coordinateResources([{ ...asked, ...defect }], { memory: 9 })).toThrow("request 0 (memory for a)");
    }
    expect(() => coordinateResources([asked], { memory: Number.NaN })).toThrow("available memory");
  });
});

const amount = fc.oneof(fc.nat({ max: 100 }), fc.double({ min: 0, max: 100, noNaN: true }));
const wanted = fc
  .record({
    resource: fc.constantFrom("memory", "cpu"),
    amount,
    priority: fc.option(fc.nat({ max: 2 })),
    part: fc.option(fc.constantFrom(0, 0.25, 0.5, 1)),
  })
  .map(({ resource, amount: most, priority, part }) => ({
    resource,
    amount: most,
    ...(priority === null ? {} : { priority }),
    ...(part === null ? {} : { min: most * part }),
  }));
/** One request per agent, so that a grant names its request. */
const asked = fc
  .array(wanted, { maxLength: 10 })
  .map((list) => list.map((request, index): ResourceRequest => ({ agent: `agent ${index}`, ...request })));
const offered = fc.record({ memory: amount, cpu: fc.oneof(amount, fc.nat({ max: 500 })) });
const mode = fc.constantFrom("max_min" as const, "proportional" as const, "strict" as const);
const whole = fc.subarray(["memory", "cpu"]);

interface Answered extends ResourceRequest {
  readonly granted: number;
}

/** Each request of the resource with what it got; undefined when nothing could be granted. */
function answers(requests: readonly ResourceRequest[], grants: readonly ResourceGrant[], resource: string): Answered[] {
  return requests
    .filter((request) => request.resource === resource && request.amount > 0)
    .map((request) => ({
      ...request,
      granted: grants.find((grant) => grant.agent === request.agent)?.granted ?? 0,
    }));
}

const leastOf = ({ min, amount: most }: Pick<ResourceRequest, "amount" | "min">): number => min ?? Math.min(1, most);

describe("any decision", () => {
  test("grants no more than is available, to each no more than asked and no less than its min", () => {
    fc.assert(
      fc.property(asked, offered, mode, whole, (requests, available, how, wholes) => {
        const result = coordinateResources(frozen(requests), frozen(available), { mode: how, whole: wholes });
        if (!result.ok) return;
        for (const resource of ["memory", "cpu"] as const) {
          const served = answers(requests, result.value, resource).filter((each) => each.granted > 0);
          expect(exactSum(served.map((each) => each.granted))).toBeLessThanOrEqual(exact(available[resource]));
          for (const each of served) {
            expect(each.granted).toBeLessThanOrEqual(each.amount);
            expect(each.granted).toBeGreaterThanOrEqual(leastOf(each));
            if (wholes.includes(resource)) expect(Number.isInteger(each.granted)).toBe(true);
          }
        }
        expect(result.value.every((grant) => grant.granted > 0)).toBe(true);
        const order = result.value.map(({ agent }) => requests.findIndex((request) => request.agent === agent));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
      many,
    );
  });

  test("grants everything when there is enough for all, and something when there is enough for one", () => {
    fc.assert(
      fc.property(asked, offered, mode, (requests, available, how) => {
        const result = coordinateResources(requests, available, { mode: how });
        const grants = result.ok ? result.value : [];
        for (const resource of ["memory", "cpu"] as const) {
          const each = answers(requests, grants, resource);
          if (exactSum(each.map((one) => one.amount)) <= exact(available[resource])) {
            expect(each.every((one) => one.granted === one.amount)).toBe(true);
          }
          const servable = available[resource] > 0 && each.some((one) => leastOf(one) <= available[resource]);
          expect(each.some((one) => one.granted > 0)).toBe(servable);
        }
        expect(result.ok).toBe(grants.length > 0 || requests.every((request) => request.amount === 0));
      }),
      many,
    );
  });

  test("gives nothing to a lower class while one of a higher one has only a part", () => {
    fc.assert(
      fc.property(asked, offered, mode, (requests, available, how) => {
        const result = coordinateResources(requests, available, { mode: how });
        if (!result.ok) return;
        for (const resource of ["memory", "cpu"]) {
          const each = answers(requests, result.value, resource).filter((one) => one.granted > 0);
          const cut = each.filter((one) => one.granted < one.amount).map(({ priority = 0 }) => priority);
          const lowest = Math.min(...each.map(({ priority = 0 }) => priority));
          expect(cut.every((priority) => priority <= lowest)).toBe(true);
        }
      }),
      many,
    );
  });

  test("is max–min fair within a class: whoever is cut has as much as anybody served", () => {
    fc.assert(
      fc.property(asked, offered, (requests, available) => {
        const result = coordinateResources(requests, available);
        if (!result.ok) return;
        for (const each of ["memory", "cpu"].map((resource) => answers(requests, result.value, resource))) {
          for (const [, members] of Map.groupBy(each, ({ priority = 0 }) => priority)) {
            const served = members.filter((one) => one.granted > 0);
            const most = Math.max(...served.map((one) => one.granted));
            for (const one of served) if (one.granted < one.amount) expect(one.granted).toBe(most);
          }
        }
      }),
      many,
    );
  });

  test("leaves nobody out for whom there is room beside those that are served", () => {
    const shared = fc.constantFrom("max_min" as const, "proportional" as const);
    fc.assert(
      fc.property(fc.array(wanted, { minLength: 1, maxLength: 8 }), amount, shared, (list, available, how) => {
        const requests = memory(...list.map((request) => ({ amount: request.amount, min: leastOf(request) })));
        const result = coordinateResources(requests, { memory: available }, { mode: how });
        const each = answers(requests, result.ok ? result.value : [], "memory");
        const served = each.filter((one) => one.granted > 0);
        for (const left of each.filter((one) => one.granted === 0 && leastOf(one) > 0)) {
          const more = [...served, left];
          const amounts = more.map((one) => one.amount);
          const shares = maxMinShares(amounts, available);
          const falls = (one: Answered, index: number): boolean =>
            how === "max_min"
              ? (shares[index] ?? 0) < leastOf(one)
              : exact(one.amount) * exact(available) < exact(leastOf(one)) * exactSum(amounts);
          expect(more.some(falls)).toBe(true);
        }
      }),
      many,
    );
  });

  test("hands out whole amounts to the last one", () => {
    const whole = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(whole, fc.integer({ min: 8, max: 300 }), mode, (amounts, available, how) => {
        const requests = memory(...amounts.map((each) => ({ amount: each, min: 0 })));
        const each = granted(requests, available, { mode: how, whole: ["memory"] });
        expect(typeof each).not.toBe("string");
        expect(total(each as readonly number[])).toBe(Math.min(available, total(amounts)));
      }),
      many,
    );
  });
});

test("a grant says how long and under what, as its request did", () => {
  const conditions = { releaseOnIdleMs: 30, preemptionPriority: 5 };
  const requests = memory({ amount: 2, durationMs: null, conditions }, { amount: 2, durationMs: 50 }, { amount: 2 });
  expect(coordinateResources(requests, { memory: 6 })).toEqual({
    ok: true,
    value: [
      { agent: "A", resource: "memory", granted: 2, durationMs: null, conditions },
      { agent: "B", resource: "memory", granted: 2, durationMs: 50 },
      { agent: "C", resource: "memory", granted: 2 },
    ],
  });
});
