import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { readCsv } from "../../../src/cli/input/csv.ts";

const values = (text: string): unknown[] => readCsv(text, "x.csv").map((record) => record.values);

describe("readCsv", () => {
  test("reads rows under the header's names", () => {
    expect(readCsv("a,b\n1,2\n3,4\n", "x.csv")).toEqual([
      { line: 2, values: { a: "1", b: "2" } },
      { line: 3, values: { a: "3", b: "4" } },
    ]);
  });

  test("takes CRLF, a byte order mark, spaces around column names and a missing last line end", () => {
    expect(values("\uFEFFa, b \r\n1,2\r\n3,4")).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
  });

  test("takes commas, doubled quotes and line breaks within quotes, and counts the lines", () => {
    expect(readCsv('a,b\n"x, ""y""","1\r\n2"\nz,w\n', "x.csv")).toEqual([
      { line: 2, values: { a: 'x, "y"', b: "1\r\n2" } },
      { line: 4, values: { a: "z", b: "w" } },
    ]);
  });

  test("an empty cell is absent, an empty pair of quotes an empty text", () => {
    expect(values('a,b,c\n,"",1\n')).toEqual([{ b: "", c: "1" }]);
  });

  test("leaves blank lines out, and finds nothing in an empty file", () => {
    expect(values("a\n\n1\n\n")).toEqual([{ a: "1" }]);
    expect(values("")).toEqual([]);
    expect(values("a,b\n")).toEqual([]);
  });

  test.each([
    ["rows of another length", "a,b\n1\n1,2\n1,2,3\n", "x.csv:2: expected 2 cells (a, b), got 1"],
    ["a row behind a quoted line break", 'a,b\n"1\n2",3\n4\n', "x.csv:4: expected 2 cells"],
    ["a quote that stays open", 'a\n"1\n2\n', "x.csv:2: a quote is opened here and never closed"],
    ["a quote in the middle", 'a\n1"2\n', "x.csv:2: a quote in the middle of a cell"],
    ["text after a quote", 'a\n"1"2\n', "x.csv:2: text after a closing quote"],
    ["a column without a name", "a,,b\n1,2,3\n", "x.csv:1: column 2 of the header has no name"],
    ["two columns of one name", "a,b,a\n1,2,3\n", "x.csv:1: two columns of the header are named a"],
  ])("refuses %s", (_, text, message) => {
    expect(() => readCsv(text, "x.csv")).toThrow(message);
  });

  test("reads back whatever was written", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", " ", ",", '"', "\n", "\r", "é") });
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1 });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(rows, fc.constantFrom("\n", "\r\n"), (cells, end) => {
        const text = [["a", "b"], ...cells].map((row) => row.map(quoted).join(",") + end).join("");
        expect(values(text)).toEqual(cells.map(([a, b]) => ({ a, b })));
      }),
    );
  });

  test("is linear in a long cell", () => {
    expect(values(`a\n"${"x".repeat(2_000_000)}"\n`)).toHaveLength(1);
  });
});
