import type { Json } from "tutti/foundation";

/** A way to change a piece of text, with its JavaScript over `$0` and the number of its parts. */
export interface Transform {
  readonly source: string;
  readonly size: number;
  readonly apply: (text: string) => string;
}

/** The changes that formats make to a token. */
export const transforms: readonly Transform[] = [
  { source: "$0", size: 0, apply: (text) => text },
  { source: "$0.toUpperCase()", size: 1, apply: (text) => text.toUpperCase() },
  { source: "$0.toLowerCase()", size: 1, apply: (text) => text.toLowerCase() },
  {
    source: "title($0)",
    size: 1,
    apply: (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(),
  },
  { source: "$0.slice(0, 1)", size: 1, apply: (text) => text.slice(0, 1) },
  { source: "$0.slice(0, 3)", size: 1, apply: (text) => text.slice(0, 3) },
  { source: "$0.slice(-2)", size: 1, apply: (text) => text.slice(-2) },
  { source: "$0.slice(-4)", size: 1, apply: (text) => text.slice(-4) },
];

/** What counts as a token in a record, as the text of a regular expression. */
export const tokenPatterns: readonly string[] = ["[A-Za-z]+", "[0-9]+", "[A-Za-z0-9]+", "[A-Z][a-z]*", "[^ ;]+"];

/** One token of the first argument, changed: the k-th match of a pattern, counted from the end below zero. */
export interface Atom {
  readonly pattern: string;
  readonly index: number;
  readonly transform: Transform;
}

/** The JavaScript of an atom. */
export function atomBody({ pattern, index, transform }: Atom): string {
  return transform.source.replace("$0", `at(all(x, /${pattern}/g), ${index})`);
}

/** An atom's text in a record, or `undefined` when the record has no such token. */
export function atomText({ pattern, index, transform }: Atom, record: Json | undefined): string | undefined {
  const token = (String(record).match(new RegExp(pattern, "g")) ?? []).at(index);
  return token === undefined ? undefined : transform.apply(token);
}
