import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import { aggregate, aggregators } from "#orchestration";
import type { CallRecord } from "#orchestration";

/** Calls with these outputs, counted from 10. */
function answers(...outputs: readonly Json[]): CallRecord[] {
  return outputs.map((output, place) => call(10 + place, { ok: true, reply: { output } }));
}

function call(id: number, outcome: CallRecord["outcome"]): CallRecord {
  const when = { startedAt: 0, endedAt: 0, used: {}, attempts: 1 };
  return { id, agent: `agent ${id}`, kind: "work", round: 0, sees: [], outcome, ...when };
}

describe("aggregate", () => {
  test("takes the first or the last answer", () => {
    expect(aggregate("first", answers("a", "b", "c"))).toEqual({ output: "a", from: [10] });
    expect(aggregate("last", answers("a", "b", "c"))).toEqual({ output: "c", from: [12] });
  });

  test("votes for what most said, whatever the order of an object's keys, and names those who said it", () => {
    const given = answers({ x: 1, y: 2 }, "other", { y: 2, x: 1 });
    expect(aggregate("vote", given)).toEqual({ output: { x: 1, y: 2 }, from: [10, 12] });
  });

  test("votes for the one proposed first when as many said another", () => {
    expect(aggregate("vote", answers("b", "a", "a", "b"))).toEqual({ output: "b", from: [10, 13] });
    expect(aggregate("vote", answers(3, 2, 1))).toEqual({ output: 3, from: [10] });
  });

  test("does not take a number for its text in a vote", () => {
    expect(aggregate("vote", answers("1", 1, 1)).from).toEqual([11, 12]);
  });

  test("joins texts by a blank line, and lists anything else", () => {
    expect(aggregate("concat", answers("one", "two"))).toEqual({ output: "one\n\ntwo", from: [10, 11] });
    expect(aggregate("concat", answers("one", 2, [3]))).toEqual({ output: ["one", 2, [3]], from: [10, 11, 12] });
  });

  test("merges objects, later keys win; an answer that is no object leaves the last one", () => {
    const merged = aggregate("merge", answers({ a: 1, b: 1 }, { b: 2 }, { c: 3 }));
    expect(merged).toEqual({ output: { a: 1, b: 2, c: 3 }, from: [10, 11, 12] });
    expect(aggregate("merge", answers({ a: 1 }, "text", { c: 3 }))).toEqual({ output: { c: 3 }, from: [12] });
    expect(aggregate("merge", answers({ a: 1 }, [2]))).toEqual({ output: [2], from: [11] });
  });

  test("merges a key called __proto__ as a key", () => {
    const { output } = aggregate("merge", answers({ a: 1 }, JSON.parse('{"__proto__":{"b":1}}') as Json));
    expect(JSON.stringify(output)).toBe('{"a":1,"__proto__":{"b":1}}');
  });

  test.each(Object.keys(aggregators))("%s leaves out who failed or found nothing, and makes null of nobody", (name) => {
    const silent = [
      call(1, { ok: false, code: "timeout", message: "no answer" }),
      call(2, { ok: true, reply: { output: null } }),
    ];
    expect(aggregate(name, silent)).toEqual({ output: null, from: [] });
    expect(aggregate(name, [...silent, ...answers({ a: 0 }, { a: 0 })]).from).not.toContain(2);
    expect(aggregate(name, [])).toEqual({ output: null, from: [] });
  });

  test.each(["best", "toString"])("refuses %s and lists what it knows", (name) => {
    expect(() => aggregate(name, answers(1))).toThrow(UsageError);
    expect(() => aggregate(name, answers(1))).toThrow(/first, last, vote, concat, merge/);
  });
});
