/** What limits a type beyond its kind: bounds of numbers, lengths and counts, and patterns of texts. */

/** The least and the most of something, either open. */
export interface Bounds {
  readonly least: number | undefined;
  readonly most: number | undefined;
}

export function isWithin({ least, most }: Bounds, value: number): boolean {
  return (least === undefined || value >= least) && (most === undefined || value <= most);
}

/** `0 to 1`, `at least 1`, `at most 80 characters`; nothing without bounds. */
export function boundsText({ least, most }: Bounds, unit = ""): readonly string[] {
  const of = (count: number): string => `${count}${unit === "" ? "" : ` ${unit}`}`;
  if (least !== undefined && most !== undefined)
    return [least === most ? `exactly ${of(least)}` : `${least} to ${of(most)}`];
  if (least !== undefined) return [`at least ${of(least)}`];
  return most === undefined ? [] : [`at most ${of(most)}`];
}

/** The bounds under the names that JSON Schema has for them. */
export function boundsSchema({ least, most }: Bounds, lower: string, upper: string): Readonly<Record<string, number>> {
  return { ...(least === undefined ? {} : { [lower]: least }), ...(most === undefined ? {} : { [upper]: most }) };
}

/** The texts that a pattern may be tried on: the longest of these lengths at which it takes few enough steps. */
const triedLengths = [1000, 300, 100, 30];

/** How many ways of matching a text may be tried, in the worst case: well below a second. */
const maxSteps = 1e8;

const maxPatternCharacters = 200;

/**
 * Why a pattern is not taken, or `undefined`. The texts it meets are written by models, so that no text may cost it
 * much time: a repeated group that itself repeats or branches is refused, back references are, and what may take too
 * many steps even on a text of 30 characters.
 */
export function patternDefect(source: string): string | undefined {
  const known = patternOf(source);
  return "defect" in known ? known.defect : undefined;
}

/**
 * Whether a text matches. A text that is longer than the pattern may be tried on does not: 1,000 characters for a
 * pattern with one or two unbounded repetitions after `^`, fewer for more. A pattern with a defect matches nothing.
 */
export function matchesPattern(source: string, text: string): boolean {
  const known = patternOf(source);
  return "expression" in known && text.length <= known.longest && known.expression.test(text);
}

type Pattern = { readonly expression: RegExp; readonly longest: number } | { readonly defect: string };

/** How many patterns are remembered. */
const maxKnown = 1000;
const patterns = new Map<string, Pattern>();

function patternOf(source: string): Pattern {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    if (patterns.size >= maxKnown) patterns.clear();
    patterns.set(source, (pattern = readPattern(source)));
  }
  return pattern;
}

function readPattern(source: string): Pattern {
  if (source.length > maxPatternCharacters) return { defect: `it is longer than ${maxPatternCharacters} characters` };
  const expression = compiled(source);
  if (expression === undefined) return { defect: "it is no regular expression" };
  const choices = choicesOf(source);
  if (typeof choices === "string") return { defect: choices };
  const longest = triedLengths.find((length) => choices.fixed * length ** choices.unbounded <= maxSteps);
  return longest === undefined ? { defect: "it may take too many steps" } : { expression, longest };
}

/** In Unicode mode where it can be read so: `\p{L}` needs it, `\-` outside a class forbids it. */
function compiled(source: string): RegExp | undefined {
  for (const flags of ["u", ""])
    try {
      return new RegExp(source, flags);
    } catch {
      // The other mode may read it.
    }
  return undefined;
}

/** How many ways there are to match a text: a number, times the text's length for each unbounded repetition. */
interface Choices {
  readonly fixed: number;
  readonly unbounded: number;
}

/** An escape, a class, an opened or closed group, a quantifier or a bar. */
const token =
  /\\(?:k<|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|\)|[*+?]\??|\{\d+(?:,\d*)?\}\??|\|/g;

/** What a pattern has to choose, or why it may take exponential time. */
function choicesOf(source: string): Choices | string {
  // The open groups: whether something in them repeats or branches, and their branches.
  const groups: Group[] = [{ varies: false, branches: 1 }];
  let last: Group | undefined;
  let fixed = 1;
  // A search that is not anchored begins anywhere.
  let unbounded = source.startsWith("^") ? 0 : 1;
  for (const [text] of source.matchAll(token)) {
    const repeated = last;
    last = undefined;
    const group = groups.at(-1) ?? { varies: false, branches: 1 };
    const [least, most] = repetitions(text);
    if (text.startsWith("(")) groups.push({ varies: false, branches: 1 });
    else if (text === ")") {
      last = groups.pop() ?? group;
      fixed *= last.branches;
      const outer = groups.at(-1);
      if (outer !== undefined) outer.varies ||= last.varies;
    } else if (text === "|") {
      if (groups.length === 1) unbounded = Math.max(unbounded, 1);
      group.branches++;
      group.varies = true;
    } else if (/^\\(?:[1-9]|k<)/.test(text)) return "it refers back to a group";
    else if (most > 1 && repeated?.varies === true) return "it repeats a group that repeats or branches itself";
    else if (most > least) {
      if (most === Number.POSITIVE_INFINITY) unbounded++;
      else fixed *= most - least + 1;
      group.varies = true;
    }
  }
  return { fixed: fixed * (groups[0]?.branches ?? 1), unbounded };
}

interface Group {
  varies: boolean;
  branches: number;
}

/** How often a quantifier repeats what stands before it; once for anything else. */
function repetitions(text: string): readonly [least: number, most: number] {
  if (text.startsWith("*")) return [0, Number.POSITIVE_INFINITY];
  if (text.startsWith("+")) return [1, Number.POSITIVE_INFINITY];
  if (text.startsWith("?")) return [0, 1];
  const [counted, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(text) ?? [];
  if (counted === undefined) return [1, 1];
  if (comma === "") return [Number(least), Number(least)];
  return [Number(least), most === "" ? Number.POSITIVE_INFINITY : Number(most)];
}
