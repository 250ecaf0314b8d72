import { expect, test } from "vitest";
import { listComponents } from "../../../../examples/synthesis/programs/list-components.ts";
import { interner } from "../../../../examples/synthesis/coders/interner.ts";
import { numberComponents } from "../../../../examples/synthesis/programs/number-components.ts";
import { admit, programBank } from "../../../../examples/synthesis/coders/program-bank.ts";
import { textComponents } from "../../../../examples/synthesis/programs/text-components.ts";
import { functionSource } from "../../../../examples/synthesis/programs/source.ts";
import type { Kind, Value } from "../../../../examples/synthesis/programs/value.ts";
import { executed } from "../executed.ts";

const samples: Readonly<Record<Kind, readonly Value[]>> = {
  number: [0, 1, -1, 2, -7, 12],
  flag: [true, false],
  text: ["", "a", "Ada Lovelace, 36", "id=7;x@y.z-w", "42", "NASA and MIT"],
  numbers: [[], [5], [3, -2, 3, 8, 0, -7], [-1, -4]],
  texts: [[], ["b"], ["b", "a", "Bb", "a"], ["10", "9"]],
};

function tuples(kinds: readonly Kind[]): readonly (readonly Value[])[] {
  const [first, ...rest] = kinds;
  return first === undefined ? [[]] : samples[first].flatMap((value) => tuples(rest).map((tail) => [value, ...tail]));
}

test("every component computes what its JavaScript computes, and has no value where that throws", () => {
  for (const component of [...numberComponents, ...textComponents, ...listComponents]) {
    const names = ["x", "y", "z"];
    const body = component.source.replace(/\$([0-2])/g, (_, index: string) => names[Number(index)] ?? "");
    const run = executed(functionSource(component.takes.length, body));
    for (const inputs of tuples(component.takes)) {
      const real = run(inputs);
      expect(component.apply(...inputs) ?? null, `${body} of ${JSON.stringify(inputs)}`).toStrictEqual(real);
      if (component.symmetric)
        expect(component.apply(...inputs.toReversed())).toStrictEqual(component.apply(...inputs));
    }
  }
});

test("values have equal cells exactly when they are equal, however many there are", () => {
  const { cellOf, valueOf } = interner();
  const lists = Array.from({ length: 3000 }, (_, index) =>
    Array.from({ length: index % 7 }, (_unused, place) => (index >> place) % 5),
  );
  const cells = lists.map((list) => cellOf("numbers", list));
  for (const [index, list] of lists.entries()) {
    expect(cellOf("numbers", [...list])).toBe(cells[index]);
    expect(valueOf("numbers", cells[index] as number)).toEqual(list);
  }
  expect(new Set(cells).size).toBe(new Set(lists.map((list) => JSON.stringify(list))).size);
  expect(cellOf("texts", ["a"])).not.toBe(cellOf("texts", ["a", "b"]));
});

test("the bank keeps one program of a kind for each behaviour, through its growth", () => {
  const bank = programBank(2);
  const part = { part: 0, first: 0, second: 0, third: 0 };
  const offer = (kind: number, cells: readonly number[]): boolean => {
    bank.scratch.set(cells);
    return admit(bank, { kind, ...part });
  };
  const all = Array.from({ length: 5000 }, (_, index) => [index % 71, index]);
  expect(all.map((cells) => offer(0, cells))).not.toContain(false);
  expect(all.map((cells) => offer(1, cells))).not.toContain(false);
  expect(all.map((cells) => offer(0, cells))).not.toContain(true);
  expect(bank.count).toBe(10_000);
});
