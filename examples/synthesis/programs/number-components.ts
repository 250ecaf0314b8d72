import { component } from "./component.ts";
import type { Component } from "./component.ts";

/** Arithmetic, comparison and choice on whole numbers. */
export const numberComponents: readonly Component[] = [
  component("number number -> number", { source: "($0 + $1)", apply: (a, b) => a + b, symmetric: true }),
  component("number number -> number", { source: "($0 - $1)", apply: (a, b) => a - b }),
  component("number number -> number", { source: "($0 * $1 + 0)", apply: (a, b) => a * b + 0, symmetric: true }),
  component("number number -> number", {
    source: "Math.max($0, $1)",
    apply: (a, b) => (a > b ? a : b),
    symmetric: true,
  }),
  component("number number -> number", {
    source: "Math.min($0, $1)",
    apply: (a, b) => (a < b ? a : b),
    symmetric: true,
  }),
  component("number number -> number", {
    source: "mod($0, $1)",
    apply: (a, b) => (b === 0 ? undefined : a - b * Math.floor(a / b) + 0),
  }),
  component("number number -> number", {
    source: "divide($0, $1)",
    apply: (a, b) => (b === 0 ? undefined : Math.floor(a / b) + 0),
  }),
  component("number -> number", { source: "(0 - $0)", apply: (a) => 0 - a }),
  component("number -> number", { source: "Math.abs($0)", apply: (a) => Math.abs(a) }),
  component("number number -> flag", { source: "($0 < $1)", apply: (a, b) => a < b }),
  component("number number -> flag", { source: "($0 === $1)", apply: (a, b) => a === b, symmetric: true }),
  component("number -> flag", { source: "($0 % 2 === 0)", apply: (a) => a % 2 === 0 }),
  component("flag number number -> number", { source: "choose($0, $1, $2)", apply: (f, a, b) => (f ? a : b) }),
];
