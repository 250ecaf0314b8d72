import type { Json } from "tutti/foundation";
import type { Hypothesis } from "./hypothesis.ts";

/** A choice within an extraction, with its JavaScript and the number of its parts. */
interface Step<Output> {
  readonly source: string;
  readonly size: number;
  readonly apply: (tokens: readonly string[]) => Output;
}
type ListStep = Step<readonly string[]>;

/** Which tokens of a text count, in which order, and what is made of them. */
export interface Extraction {
  /** The text of the regular expression that the token's body matches. */
  readonly tokenClass: string;
  /** What stands before the body: a character, "" for nothing, or "[#@$%=]?" for anything. */
  readonly context: string;
  readonly filter: ListStep;
  readonly order: ListStep;
  readonly post: Step<Json | undefined>;
}

export const tokenClasses: readonly string[] = ["[0-9]+", "[A-Z][a-z]+", "[A-Z]{2,}", "[a-z]+"];
export const prefixes: readonly string[] = ["#", "@", "$", "%", "="];
export const anyPrefix = "[#@$%=]?";
export const contexts: readonly string[] = [anyPrefix, "", ...prefixes];

/** Which of the tokens stay. */
export const filters: readonly ListStep[] = [
  { source: "$0", size: 0, apply: (list) => list },
  { source: "$0.slice(0, 2)", size: 1, apply: (list) => list.slice(0, 2) },
  { source: "$0.slice(1)", size: 1, apply: (list) => list.slice(1) },
  { source: '$0.filter((t) => t > "M")', size: 2, apply: (list) => list.filter((token) => token > "M") },
];

export const orders: readonly ListStep[] = [
  { source: "$0", size: 0, apply: (list) => list },
  { source: "unique($0)", size: 1, apply: (list) => [...new Set(list)] },
  { source: "$0.toSorted()", size: 1, apply: (list) => list.toSorted() },
  { source: "$0.toReversed()", size: 1, apply: (list) => list.toReversed() },
  { source: "byLength($0)", size: 1, apply: (list) => list.toSorted((a, b) => a.length - b.length) },
  { source: "unique($0).toSorted()", size: 2, apply: (list) => [...new Set(list)].toSorted() },
];

const isNumber = (text: string): boolean => /^-?[0-9]+$/.test(text);
const joined = (separator: string): Extraction["post"] => ({
  source: `$0.join("${separator}")`,
  size: 1,
  apply: (list) => list.join(separator),
});

export const posts: readonly Extraction["post"][] = [
  ...[",", "-", " ", "", "/", "+"].map(joined),
  { source: "$0.length", size: 1, apply: (list) => list.length },
  { source: "at($0, 0)", size: 1, apply: (list) => list[0] },
  { source: "at($0, -1)", size: 1, apply: (list) => list.at(-1) },
  { source: "$0", size: 0, apply: (list) => list },
  {
    source: "sum($0.map((t) => number(t)))",
    size: 2,
    apply: (list) => (list.every(isNumber) ? list.reduce((total, text) => total + Number(text), 0) : undefined),
  },
  { source: "at($0, 1)", size: 1, apply: (list) => list[1] },
  { source: '$0.join("").length', size: 2, apply: (list) => list.join("").length },
];

/** The bodies of the tokens (parted by blanks) of this class that stand in this context. */
export function tokensOf(
  text: Json | undefined,
  { tokenClass, context }: Pick<Extraction, "tokenClass" | "context">,
): readonly string[] {
  const pattern = new RegExp(patternOf({ tokenClass, context }), "g");
  return String(text).match(pattern) ?? [];
}

/** The program of an extraction. */
export function extractionProgram(extraction: Extraction): Hypothesis {
  const { filter, order, post } = extraction;
  const tokens = `all(x, /${patternOf(extraction)}/g)`;
  return {
    body: post.source.replace("$0", () => order.source.replace("$0", () => filter.source.replace("$0", () => tokens))),
    size: 2 + (extraction.context === anyPrefix ? 0 : 1) + filter.size + order.size + post.size,
    run: ([text]) => {
      return post.apply(order.apply(filter.apply(tokensOf(text, extraction))));
    },
  };
}

function patternOf({ tokenClass, context }: Pick<Extraction, "tokenClass" | "context">): string {
  const before = context === "$" ? "\\$" : context;
  return `(?<=(?:^| )${before})${tokenClass}(?= |$)`;
}
