import { component } from "./component.ts";
import type { Component } from "./component.ts";

const unique = (list: readonly number[]): readonly number[] => [...new Set(list)];
const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);

/** From a list of numbers to another. The truths of the list family are chains of these. */
export const listToList: readonly Component[] = [
  component("numbers -> numbers", {
    source: "$0.filter((v) => v > 0)",
    apply: (list) => list.filter((value) => value > 0),
  }),
  component("numbers -> numbers", {
    source: "$0.filter((v) => v % 2 === 0)",
    apply: (list) => list.filter((value) => value % 2 === 0),
  }),
  component("numbers -> numbers", {
    source: "$0.filter((v) => v % 2 !== 0)",
    apply: (list) => list.filter((value) => value % 2 !== 0),
  }),
  component("numbers -> numbers", { source: "$0.map((v) => v * 2)", apply: (list) => list.map((value) => value * 2) }),
  component("numbers -> numbers", {
    source: "$0.map((v) => v * v)",
    apply: (list) => list.map((value) => value * value),
  }),
  component("numbers -> numbers", { source: "$0.map((v) => v + 1)", apply: (list) => list.map((value) => value + 1) }),
  component("numbers -> numbers", { source: "$0.map((v) => 0 - v)", apply: (list) => list.map((value) => 0 - value) }),
  component("numbers -> numbers", { source: "$0.toReversed()", apply: (list) => list.toReversed() }),
  component("numbers -> numbers", { source: "up($0)", apply: (list) => list.toSorted((a, b) => a - b) }),
  component("numbers -> numbers", { source: "unique($0)", apply: unique }),
  component("numbers -> numbers", { source: "$0.slice(0, 3)", apply: (list) => list.slice(0, 3) }),
  component("numbers -> numbers", { source: "$0.slice(1)", apply: (list) => list.slice(1) }),
  component("numbers -> numbers", {
    source: "running($0)",
    apply: (list) => {
      let total = 0;
      return list.map((value) => (total += value));
    },
  }),
  component("numbers -> numbers", {
    source: "differences($0)",
    apply: (list) => list.slice(1).map((value, index) => value - (list[index] as number)),
  }),
  component("numbers -> numbers", {
    source: "$0.map((v) => Math.abs(v))",
    apply: (list) => list.map((value) => Math.abs(value)),
  }),
  component("numbers -> numbers", {
    source: "$0.map((v) => v % 3 + 0)",
    apply: (list) => list.map((value) => (value % 3) + 0),
  }),
];

/** From a list of numbers to a number. */
export const listToNumber: readonly Component[] = [
  component("numbers -> number", { source: "sum($0)", apply: sum }),
  component("numbers -> number", {
    source: "Math.max(...some($0))",
    apply: (list) => (list.length === 0 ? undefined : Math.max(...list)),
  }),
  component("numbers -> number", { source: "$0.length", apply: (list) => list.length }),
  component("numbers -> number", { source: "at($0, -1)", apply: (list) => list.at(-1) }),
  component("numbers -> number", {
    source: "Math.min(...some($0))",
    apply: (list) => (list.length === 0 ? undefined : Math.min(...list)),
  }),
  component("numbers -> number", { source: "at($0, 0)", apply: (list) => list[0] }),
];

/** What the list coder builds from. */
export const listComponents: readonly Component[] = [...listToList, ...listToNumber];
