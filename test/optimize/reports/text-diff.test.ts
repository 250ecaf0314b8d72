import fc from "fast-check";
import { expect, test } from "vitest";
import { textDiff } from "#optimize";
import type { DiffPart } from "#optimize";

const side = (parts: readonly DiffPart[], op: DiffPart["op"]): string =>
  parts.map((part) => (part.op === "same" || part.op === op ? part.text : "")).join("");

test("the parts make up both texts, whatever they are", () => {
  const word = fc.constantFrom("a", "b", "of ", "\n", " ", "é", "<b>", "👍", ".");
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
  );
  fc.assert(
    fc.property(text, text, (from, to) => {
      const parts = textDiff(from, to);
      expect(side(parts, "removed")).toBe(from);
      expect(side(parts, "added")).toBe(to);
      expect(parts.every((part, at) => part.text !== "" && part.op !== parts[at - 1]?.op)).toBe(true);
    }),
  );
});

test("only what differs is told, by words, what was removed first", () => {
  expect(textDiff("Route the ticket now.", "Route each ticket now.")).toEqual([
    { op: "same", text: "Route " },
    { op: "removed", text: "the" },
    { op: "added", text: "each" },
    { op: "same", text: " ticket now." },
  ]);
  expect(textDiff("same", "same")).toEqual([{ op: "same", text: "same" }]);
  expect(textDiff("", "")).toEqual([]);
});

test("long texts are compared by lines", () => {
  const lines = Array.from({ length: 700 }, (_, at) => `line ${at} has words`);
  const other = lines.map((line, at) => (at === 0 || at === 400 || at === 699 ? `${line} of its own` : line));
  const parts = textDiff(lines.join("\n"), other.join("\n"));
  expect(parts.filter(({ op }) => op === "added").map(({ text }) => text.trim())).toEqual([
    "line 0 has words of its own",
    "line 400 has words of its own",
    "line 699 has words of its own",
  ]);
});
