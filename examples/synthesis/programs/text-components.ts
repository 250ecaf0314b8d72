import { component } from "./component.ts";
import type { Component } from "./component.ts";

const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

const texts: readonly Component[] = [
  component("text -> text", { source: "$0.toUpperCase()", apply: (text) => text.toUpperCase() }),
  component("text -> text", { source: "$0.toLowerCase()", apply: (text) => text.toLowerCase() }),
  component("text -> text", { source: "title($0)", apply: title }),
  component("text -> text", { source: "$0.slice(0, 1)", apply: (text) => text.slice(0, 1) }),
  component("text -> text", { source: "$0.slice(0, 3)", apply: (text) => text.slice(0, 3) }),
  component("text -> text", { source: "$0.slice(-2)", apply: (text) => text.slice(-2) }),
  component("text -> text", { source: "$0.slice(-4)", apply: (text) => text.slice(-4) }),
  component("text -> number", { source: "$0.length", apply: (text) => text.length }),
  component("text -> number", {
    source: "number($0)",
    apply: (text) => (/^-?[0-9]+$/.test(text) ? Number(text) : undefined),
  }),
  component("text text -> text", { source: "($0 + $1)", apply: (left, right) => left + right }),
];

const matches = (pattern: string): Component => {
  const expression = new RegExp(pattern, "g");
  return component("text -> texts", {
    source: `all($0, /${pattern}/g)`,
    apply: (text) => text.match(expression) ?? [],
  });
};

const split = (separator: string): Component =>
  component("text -> texts", { source: `$0.split("${separator}")`, apply: (text) => text.split(separator) });

const join = (separator: string): Component =>
  component("texts -> text", { source: `$0.join("${separator}")`, apply: (list) => list.join(separator) });

const item = (index: number): Component =>
  component("texts -> text", { source: `at($0, ${index})`, apply: (list) => list.at(index) });

const lists: readonly Component[] = [
  ...["[A-Za-z]+", "[0-9]+", "[A-Za-z0-9]+", "\\b[A-Z][a-z]+", "\\b[A-Z]{2,}\\b"].map(matches),
  ...[" ", ",", ";", "=", "@", ".", "-"].map(split),
  ...["", " ", ",", "-", "/"].map(join),
  ...[0, 1, 2, -1].map(item),
  component("texts -> number", { source: "$0.length", apply: (list) => list.length }),
  component("texts -> texts", { source: "$0.toSorted()", apply: (list) => list.toSorted() }),
  component("texts -> texts", { source: "$0.toReversed()", apply: (list) => list.toReversed() }),
  component("texts -> texts", { source: "unique($0)", apply: (list) => [...new Set(list)] }),
  component("texts -> numbers", {
    source: "$0.map((v) => number(v))",
    apply: (list) => (list.every((text) => /^-?[0-9]+$/.test(text)) ? list.map(Number) : undefined),
  }),
];

/** Texts, their parts and lists of them. */
export const textComponents: readonly Component[] = [...texts, ...lists];
