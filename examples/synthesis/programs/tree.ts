import type { Json } from "tutti/foundation";
import type { Hypothesis } from "./hypothesis.ts";
import { argumentNames } from "./source.ts";
import type { Value } from "./value.ts";
import type { Component } from "./component.ts";

/** A program of components: an argument, a constant or a component applied to programs. */
export type Tree =
  | { readonly argument: number }
  | { readonly constant: string | number }
  | { readonly component: Component; readonly operands: readonly Tree[] };

/** The hypothesis that a tree is. Its size is the number of its nodes. */
export function treeHypothesis(tree: Tree): Hypothesis {
  return { body: bodyOf(tree), size: sizeOf(tree), run: (input) => runTree(tree, input) };
}

function bodyOf(tree: Tree): string {
  if ("argument" in tree) return argumentNames[tree.argument] ?? "";
  if ("constant" in tree) return JSON.stringify(tree.constant);
  const operands = tree.operands.map(bodyOf);
  return tree.component.source.replace(/\$([0-2])/g, (_, index: string) => operands[Number(index)] ?? "");
}

function sizeOf(tree: Tree): number {
  if (!("operands" in tree)) return 1;
  return 1 + tree.operands.reduce((total, operand) => total + sizeOf(operand), 0);
}

function runTree(tree: Tree, input: readonly Json[]): Value | undefined {
  if ("argument" in tree) return input[tree.argument] as Value | undefined;
  if ("constant" in tree) return tree.constant;
  const operands: Value[] = [];
  for (const operand of tree.operands) {
    const value = runTree(operand, input);
    if (value === undefined) return undefined;
    operands.push(value);
  }
  return tree.component.apply(...operands);
}
