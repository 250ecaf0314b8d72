import { describe, expect, expectTypeOf, test } from "vitest";
import { demoOf, examplesFromRecords, signature } from "#programs";
import type { Example } from "#programs";
import { UsageError } from "#foundation";

const triage = signature('ticket, tries?: int -> queue: "billing" | "tech", urgent: bool');

describe("examples from flat records", () => {
  test("have inputs and expected outputs by their names, and leave out the rest", () => {
    const examples = examplesFromRecords(triage, [{ ticket: "x", tries: 2, queue: "tech", urgent: true, id: 17 }]);
    expect(examples).toEqual([{ inputs: { ticket: "x", tries: 2 }, expected: { queue: "tech", urgent: true } }]);
    expectTypeOf(examples).toEqualTypeOf<
      Example<{ ticket: string; tries?: number }, { queue: "billing" | "tech"; urgent: boolean }>[]
    >();
  });

  test("read texts as their types want them, as a CSV file has them", () => {
    expect(examplesFromRecords(triage, [{ ticket: "x", tries: "", queue: "Tech", urgent: "yes" }])).toEqual([
      { inputs: { ticket: "x" }, expected: { queue: "tech", urgent: true } },
    ]);
  });

  test("may know only some of the outputs", () => {
    expect(examplesFromRecords(triage, [{ ticket: "x" }])).toEqual([{ inputs: { ticket: "x" }, expected: {} }]);
  });

  test("that are defective are all listed, by place or by name", () => {
    const records = [{ ticket: "x" }, 5, { queue: "tech" }, { ticket: "x", queue: "sales", urgent: "?" }];
    const where = (record: number): string => `tickets.jsonl:${record}`;
    expect(() => examplesFromRecords(triage, records, where)).toThrow(
      new UsageError("3 of 4 records are no examples", [
        "tickets.jsonl:2: expected an object, got 5",
        "tickets.jsonl:3: ticket: expected string, got nothing",
        'tickets.jsonl:4: queue: expected one of "billing", "tech", got "sales"; urgent: expected bool, got "?"',
      ]),
    );
    expect(() =>
      examplesFromRecords(
        triage,
        Array.from({ length: 14 }, () => 1),
      ),
    ).toThrow("- and 4 more");
  });
});

test("an example is the demo that it can serve as", () => {
  const example = { inputs: { a: "x" }, expected: { b: 1 } };
  expect(demoOf(example)).toEqual({ inputs: { a: "x" }, outputs: { b: 1 } });
});
