import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { fakeClock } from "#testing";
import { barProgress, lineProgress } from "../../../src/cli/terminal/progress.ts";

function stream(): { readonly columns: number; write(text: string): void; readonly texts: string[] } {
  const texts: string[] = [];
  return { columns: 40, texts, write: (text) => void texts.push(text) };
}

test("lines: one for every fifth, also when several are passed at once", () => {
  const out = stream();
  using progress = lineProgress(out);
  for (const share of [0, 0.1, 0.2, 0.21, 0.7, 0.8, 1, 1]) progress.show(share, `at ${share}`);
  expect(out.texts).toEqual(["20 %  at 0.2\n", "60 %  at 0.7\n", "80 %  at 0.8\n", "100 %  at 1\n"]);
});

test("bar: one line, cut to the terminal, redrawn now and then, gone at the end", () => {
  const out = stream();
  const clock = fakeClock();
  const progress = barProgress(out, clock);
  progress.show(0.5, "a text that is longer than the line has room for");
  progress.show(0.6, "too soon");
  expect(out.texts).toHaveLength(1);
  const [drawn = ""] = out.texts;
  expect(stripVTControlCharacters(drawn).trim()).toBe(`${"█".repeat(10)}${"░".repeat(10)} a text that is lo…`);
  progress[Symbol.dispose]();
  expect(out.texts.at(-1)).toBe("\r\u001B[2K");
});
