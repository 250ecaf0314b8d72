import { words } from "./words/features.ts";
import type { Example, Situation } from "./question.ts";

/** A rule that makes an output text of an input text. */
interface TextRule {
  readonly name: string;
  readonly apply: (text: string) => string;
}

/** A rule found in the examples, applied. */
export interface Transformed {
  readonly text: string;
  readonly rule: string;
}

const casing: readonly TextRule[] = [
  { name: "as it is", apply: (text) => text },
  { name: "lower case", apply: (text) => text.toLowerCase() },
  { name: "upper case", apply: (text) => text.toUpperCase() },
  { name: "capitalised", apply: (text) => text.toLowerCase().replace(/\p{L}/u, upper) },
  { name: "title case", apply: (text) => text.toLowerCase().replace(/(?<![\p{L}'’])\p{L}/gu, upper) },
];

const ordering: readonly TextRule[] = [
  { name: "words in order", apply: (text) => text.trim() },
  { name: "words reversed", apply: (text) => pieces(text).toReversed().join(" ") },
  { name: "words sorted", apply: (text) => pieces(text).toSorted().join(" ") },
  { name: "letters reversed", apply: (text) => Array.from(text.trim()).toReversed().join("") },
  { name: "last word first", apply: (text) => [...pieces(text).slice(-1), ...pieces(text).slice(0, -1)].join(" ") },
  { name: "last word first, with a comma", apply: (text) => commaOrder(pieces(text)) },
  {
    name: "initials",
    apply: (text) =>
      pieces(text)
        .map((piece) => Array.from(piece)[0] ?? "")
        .join(""),
  },
  { name: "words joined by _", apply: (text) => words(text).join("_") },
  { name: "words joined by -", apply: (text) => words(text).join("-") },
];

/** How many different examples must agree before a rule is believed. */
const minExamples = 2;

/**
 * The output by the first rule of case × word order × constant prefix and suffix that explains every example;
 * `undefined` when none does.
 */
export function transform(examples: readonly Example[], query: Situation): Transformed | undefined {
  if (new Set(examples.map(({ value }) => value)).size < minExamples) return undefined;
  for (let field = 0; field < query.texts.length; field++) {
    for (const order of ordering) {
      for (const letters of casing) {
        const apply = (text: string): string => letters.apply(order.apply(text));
        const affixes = commonAffixes(examples, (example) => apply(example.situation.texts[field] ?? ""));
        if (affixes === undefined) continue;
        const text = affixes.prefix + apply(query.texts[field] ?? "") + affixes.suffix;
        return { text, rule: `${order.name}, ${letters.name}` };
      }
    }
  }
  return undefined;
}

interface Affixes {
  readonly prefix: string;
  readonly suffix: string;
}

function commonAffixes(examples: readonly Example[], made: (example: Example) => string): Affixes | undefined {
  let common: Affixes | undefined;
  for (const example of examples) {
    const core = made(example);
    if (typeof example.value !== "string" || core === "") return undefined;
    const at = example.value.indexOf(core);
    if (at < 0) return undefined;
    const own = { prefix: example.value.slice(0, at), suffix: example.value.slice(at + core.length) };
    common ??= own;
    if (own.prefix !== common.prefix || own.suffix !== common.suffix) return undefined;
  }
  return common;
}

function pieces(text: string): string[] {
  return text.trim().split(/\s+/);
}

function commaOrder(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.at(-1) ?? ""}, ${all.slice(0, -1).join(" ")}`;
}

function upper(letter: string): string {
  return letter.toUpperCase();
}
