import type { Example } from "./question.ts";

/** A run of tokens of a text that may be a value. */
export interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What surrounds and makes a value. */
interface Surroundings {
  readonly left: string;
  readonly leftTwo: string;
  readonly right: string;
  readonly shape: string;
}

/** What the examples teach about where values stand and how they look. */
interface SpanLesson {
  readonly seen: readonly Surroundings[];
  readonly insideWords: ReadonlyMap<string, number>;
  readonly outsideWords: ReadonlyMap<string, number>;
}

const weights = { left: 1.2, leftTwo: 0.6, right: 1, shape: 0.5, overlap: 2.2, length: 0.15, outside: 0.8 };
const maxTokens = 6;
/** Below this score a span is no value. */
export const spanThreshold = 1.75;

/** Every span of a text that scores above 0 by the examples, best first; ties in the order of the text. */
export function rankSpans(text: string, examples: readonly TaughtSpans[]): Span[] {
  const lesson = learn(examples);
  const all = tokenise(text);
  const spans: Span[] = [];
  for (let first = 0; first < all.length; first++) {
    for (let length = 1; length <= maxTokens && first + length <= all.length; length++) {
      const score = scoreSpan(lesson, all, first, length);
      const [head, tail] = [all[first], all[first + length - 1]];
      if (score <= 0 || head === undefined || tail === undefined) continue;
      spans.push({ text: text.slice(head.start, tail.end), start: head.start, end: tail.end, score });
    }
  }
  return spans.toSorted((a, b) => b.score - a.score || a.start - b.start);
}

/** The best spans above the threshold that do not overlap, in the order of the text. */
export function pickSpans(ranked: readonly Span[]): Span[] {
  const picked: Span[] = [];
  for (const span of ranked) {
    if (span.score < spanThreshold) break;
    if (picked.every((other) => span.end <= other.start || span.start >= other.end)) picked.push(span);
  }
  return picked.toSorted((a, b) => a.start - b.start);
}

/** A text and the values that were found in it. */
export interface TaughtSpans {
  readonly text: string;
  readonly values: readonly string[];
}

/** An example as a text with values, when its value is a string or a list of strings. */
export function taughtSpans({ situation, value }: Example): TaughtSpans {
  const values = Array.isArray(value) ? value : [value];
  return {
    text: situation.whole,
    values: values.filter((item) => typeof item === "string" && item !== "") as string[],
  };
}

/** The share of the examples' values that stand in their inputs word for word. */
export function copiedShare(examples: readonly TaughtSpans[]): number {
  let [copied, all] = [0, 0];
  for (const { text, values } of examples) {
    const haystack = text.toLowerCase();
    for (const value of values) {
      all++;
      if (haystack.includes(value.trim().toLowerCase())) copied++;
    }
  }
  return all === 0 ? 0 : copied / all;
}

function tokenise(text: string): Token[] {
  const found = text.matchAll(/[\p{L}\p{N}\p{Sc}#@%&+_./:'’-]*[\p{L}\p{N}%]|\S/gu);
  return [...found].map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
}

function learn(examples: readonly TaughtSpans[]): SpanLesson {
  const [insideWords, outsideWords] = [new Map<string, number>(), new Map<string, number>()];
  const seen: Surroundings[] = [];
  for (const { text, values } of examples) {
    const all = tokenise(text);
    const inside = new Set<number>();
    for (const value of values) {
      const [first, length] = locate(all, tokenise(value));
      if (first < 0) continue;
      seen.push(surroundings(all, first, length));
      for (let index = first; index < first + length; index++) inside.add(index);
    }
    for (const [index, token] of all.entries()) {
      const words = inside.has(index) ? insideWords : outsideWords;
      const word = token.text.toLowerCase();
      words.set(word, (words.get(word) ?? 0) + 1);
    }
  }
  return { seen, insideWords, outsideWords };
}

function locate(all: readonly Token[], value: readonly Token[]): readonly [first: number, length: number] {
  const wanted = value.map(({ text }) => text.toLowerCase());
  for (let first = 0; wanted.length > 0 && first + wanted.length <= all.length; first++)
    if (wanted.every((word, offset) => all[first + offset]?.text.toLowerCase() === word)) return [first, wanted.length];
  return [-1, 0];
}

function surroundings(all: readonly Token[], first: number, length: number): Surroundings {
  const word = (index: number): string => all[index]?.text.toLowerCase() ?? "";
  const own = all.slice(first, first + length).map(({ text }) => text);
  return {
    left: word(first - 1),
    leftTwo: word(first - 2),
    right: word(first + length),
    shape: shapeOf(own.join(" ")),
  };
}

/** `Xx d` for "Route 66": runs of capitals, small letters and digits. */
function shapeOf(text: string): string {
  return text
    .replace(/\p{Lu}+/gu, "X")
    .replace(/\p{Ll}+/gu, "x")
    .replace(/\p{N}+/gu, "d");
}

function scoreSpan(lesson: SpanLesson, all: readonly Token[], first: number, length: number): number {
  const own = surroundings(all, first, length);
  let best = 0;
  for (const seen of lesson.seen) {
    const left = own.left === seen.left;
    const score =
      (left ? weights.left : 0) +
      (left && own.leftTwo === seen.leftTwo ? weights.leftTwo : 0) +
      (own.right === seen.right ? weights.right : 0) +
      (own.shape === seen.shape ? weights.shape : 0);
    best = Math.max(best, score);
  }
  let [known, foreign] = [0, 0];
  for (const { text } of all.slice(first, first + length)) {
    const word = text.toLowerCase();
    const [inside, outside] = [lesson.insideWords.get(word) ?? 0, lesson.outsideWords.get(word) ?? 0];
    if (inside > 0 && inside >= outside) known++;
    else if (outside > 0 || /^[^\p{L}\p{N}]+$/u.test(word)) foreign++;
  }
  return best + (weights.overlap * known) / length - weights.length * length - weights.outside * foreign;
}
