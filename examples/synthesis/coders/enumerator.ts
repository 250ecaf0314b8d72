import type { Task } from "../tasks/task.ts";
import { kindOf } from "../programs/value.ts";
import type { Kind, Value } from "../programs/value.ts";
import type { Component } from "../programs/component.ts";
import { interner, NO_CELL } from "./interner.ts";
import type { Interner } from "./interner.ts";
import { admit, programBank } from "./program-bank.ts";
import type { Part, ProgramBank } from "./program-bank.ts";
import type { Shortlist } from "./shortlist.ts";
import type { Tree } from "../programs/tree.ts";
import { treeHypothesis } from "../programs/tree.ts";

/** What an enumeration may use. */
export interface Grammar {
  readonly components: readonly Component[];
  readonly constants: readonly (string | number)[];
  /** The most nodes of a program. */
  readonly maxSize: number;
}

const kinds: readonly Kind[] = ["number", "text", "flag", "numbers", "texts"];
const UNKNOWN = NO_CELL + 1;

/** A component ready to run on cells. */
interface Step {
  readonly component: Component;
  readonly takes: readonly number[];
  readonly gives: number;
  /** The result cell by argument cell, for one argument whose cells are dense. */
  memo: Int32Array | undefined;
}

interface Search {
  readonly steps: readonly Step[];
  readonly leaves: readonly Tree[];
  readonly values: Interner;
  readonly bank: ProgramBank;
  /** Programs by kind, then by size. */
  readonly levels: readonly number[][][];
  readonly targetKind: number;
  readonly target: Int32Array;
  readonly shortlist: Shortlist;
}

/**
 * Builds programs bottom-up by size and keeps one of those that behave alike on the visible pairs (observational
 * equivalence: Albarghouthi, Gulwani, Kincaid 2013). Every program tried costs one unit of the shortlist's budget.
 */
export function enumerate(task: Task, { grammar, shortlist }: { grammar: Grammar; shortlist: Shortlist }): void {
  const search = start(task, { grammar, shortlist });
  if (search === undefined || !plantLeaves(search, task)) return;
  for (let size = 2; size <= grammar.maxSize; size++) {
    if (shortlist.isDone(size)) return;
    for (const kind of search.levels) kind[size] = [];
    for (let index = 0; index < search.steps.length; index++) if (!apply(search, index, size)) return;
  }
}

function start(task: Task, { grammar, shortlist }: { grammar: Grammar; shortlist: Shortlist }): Search | undefined {
  const width = task.train.length;
  const targetKind = kindOf(task.train[0]?.output);
  if (targetKind === undefined) return undefined;
  const values = interner();
  const first = task.train[0]?.input ?? [];
  return {
    steps: grammar.components.map((component) => ({
      component,
      takes: component.takes.map((kind) => kinds.indexOf(kind)),
      gives: kinds.indexOf(component.gives),
      memo: component.takes.length === 1 && isDense(component.takes[0]) ? new Int32Array(256).fill(UNKNOWN) : undefined,
    })),
    leaves: [...first.map((_, argument) => ({ argument })), ...grammar.constants.map((constant) => ({ constant }))],
    values,
    bank: programBank(width),
    levels: kinds.map(() => [[], []]),
    targetKind: kinds.indexOf(targetKind),
    target: Int32Array.from(task.train, ({ output }) => values.cellOf(targetKind, output as Value)),
    shortlist,
  };
}

function isDense(kind: Kind | undefined): boolean {
  return kind === "text" || kind === "texts" || kind === "numbers";
}

/** Arguments and constants; false when the budget ends. */
function plantLeaves(search: Search, task: Task): boolean {
  const { bank, leaves, shortlist, values } = search;
  for (const [index, leaf] of leaves.entries()) {
    if (!shortlist.spend()) return false;
    const column = task.train.map(({ input }) =>
      "argument" in leaf ? input[leaf.argument] : "constant" in leaf ? leaf.constant : undefined,
    );
    const kind = kindOf(column[0]);
    if (kind === undefined) continue;
    for (const [row, value] of column.entries()) bank.scratch[row] = values.cellOf(kind, value as Value);
    if (bank.scratch.includes(NO_CELL)) continue;
    enter(search, 1, { kind: kinds.indexOf(kind), part: -1 - index, first: 0, second: 0, third: 0 });
  }
  return true;
}

/** Every program of this size whose root is this component; false when the search is over. */
function apply(search: Search, index: number, size: number): boolean {
  const { takes } = search.steps[index] as Step;
  if (takes.length === 1) return applyToOne(search, index, size);
  if (takes.length === 2) return applyToTwo(search, index, size);
  return applyToThree(search, index, size);
}

function applyToOne(search: Search, part: number, size: number): boolean {
  const step = search.steps[part] as Step;
  for (const first of level(search, step.takes[0], size - 1)) {
    if (!search.shortlist.spend()) return false;
    if (!fillFromOne(search, step, first)) continue;
    if (!enter(search, size, { kind: step.gives, part, first, second: 0, third: 0 })) return false;
  }
  return true;
}

function applyToTwo(search: Search, part: number, size: number): boolean {
  const step = search.steps[part] as Step;
  for (let left = 1; left <= size - 2; left++) {
    const seconds = level(search, step.takes[1], size - 1 - left);
    for (const first of level(search, step.takes[0], left)) {
      for (const second of seconds) {
        if (step.component.symmetric && second < first) continue;
        if (!search.shortlist.spend()) return false;
        if (!fillFromTwo(search, step, { first, second })) continue;
        if (!enter(search, size, { kind: step.gives, part, first, second, third: 0 })) return false;
      }
    }
  }
  return true;
}

function applyToThree(search: Search, part: number, size: number): boolean {
  const step = search.steps[part] as Step;
  for (let left = 1; left <= size - 3; left++) {
    for (let middle = 1; middle <= size - 2 - left; middle++) {
      const thirds = level(search, step.takes[2], size - 1 - left - middle);
      for (const first of level(search, step.takes[0], left)) {
        for (const second of level(search, step.takes[1], middle)) {
          for (const third of thirds) {
            if (!search.shortlist.spend()) return false;
            if (!fillFromThree(search, step, { first, second, third })) continue;
            if (!enter(search, size, { kind: step.gives, part, first, second, third })) return false;
          }
        }
      }
    }
  }
  return true;
}

function level({ levels }: Search, kind: number | undefined, size: number): readonly number[] {
  return levels[kind ?? 0]?.[size] ?? [];
}

function fillFromOne({ bank, values }: Search, step: Step, first: number): boolean {
  const { scratch, width, cells } = bank;
  const kind = kinds[step.takes[0] as number] as Kind;
  for (let row = 0, at = first * width; row < width; row++, at++) {
    const argument = cells[at] as number;
    let cell = step.memo?.[argument] ?? UNKNOWN;
    if (cell === UNKNOWN) {
      cell = values.cellOf(step.component.gives, step.component.apply(values.valueOf(kind, argument)));
      if (step.memo !== undefined) remember(step, argument, cell);
    }
    if (cell === NO_CELL) return false;
    scratch[row] = cell;
  }
  return true;
}

function remember(step: Step, argument: number, cell: number): void {
  const memo = step.memo as Int32Array;
  if (argument >= memo.length) {
    step.memo = new Int32Array(Math.max(argument + 1, memo.length * 2)).fill(UNKNOWN);
    step.memo.set(memo);
  }
  (step.memo as Int32Array)[argument] = cell;
}

function fillFromTwo(search: Search, step: Step, { first, second }: Pick<Part, "first" | "second">): boolean {
  const { scratch, width, cells } = search.bank;
  const { apply: call, gives, takes } = step.component;
  const isNumeric = takes[0] === "number";
  for (let row = 0, left = first * width, right = second * width; row < width; row++, left++, right++) {
    const [one, two] = [cells[left] as number, cells[right] as number];
    const value = isNumeric
      ? call(one, two)
      : call(search.values.valueOf("text", one), search.values.valueOf("text", two));
    const cell = search.values.cellOf(gives, value);
    if (cell === NO_CELL) return false;
    scratch[row] = cell;
  }
  return true;
}

function fillFromThree(
  { bank }: Search,
  _: Step,
  { first, second, third }: Pick<Part, "first" | "second" | "third">,
): boolean {
  const { scratch, width, cells } = bank;
  for (let row = 0; row < width; row++) {
    scratch[row] = cells[(cells[first * width + row] === 1 ? second : third) * width + row] as number;
  }
  return true;
}

/** Takes the program in the scratch cells into the bank and the shortlist; false when the search is over. */
function enter(search: Search, size: number, part: Part): boolean {
  const { bank, shortlist } = search;
  const wrong = part.kind === search.targetKind ? mismatches(search) : bank.width;
  const isNew = admit(bank, part);
  if (isNew) search.levels[part.kind]?.[size]?.push(bank.count - 1);
  if (wrong > shortlist.tolerance || (wrong > 0 && !isNew)) return true;
  shortlist.offer(treeHypothesis(treeOf(search, part)), wrong);
  return !shortlist.isDone(size);
}

function mismatches({ bank, target }: Search): number {
  let wrong = 0;
  for (let row = 0; row < bank.width; row++) if (bank.scratch[row] !== target[row]) wrong++;
  return wrong;
}

function treeOf(search: Search, { part, first, second, third }: Omit<Part, "kind">): Tree {
  if (part < 0) return search.leaves[-1 - part] as Tree;
  const { component } = search.steps[part] as Step;
  const { parts, operands } = search.bank;
  return {
    component,
    operands: [first, second, third].slice(0, component.takes.length).map((id) =>
      treeOf(search, {
        part: parts[id] as number,
        first: operands[3 * id] as number,
        second: operands[3 * id + 1] as number,
        third: operands[3 * id + 2] as number,
      }),
    ),
  };
}
