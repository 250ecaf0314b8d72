import { isContent, stems } from "../words/features.ts";
import { sentences } from "../words/sentences.ts";

/** Words whose presence in the input speaks for or against a label, as an instruction states them. */
export interface Rule {
  readonly label: number;
  readonly excludes: boolean;
  /** Empty for an exclusion without condition ("never answer L"). */
  readonly keywords: readonly Keyword[];
}

export interface Keyword {
  readonly text: string;
  readonly stems: readonly string[];
}

/** What an instruction says about labels. */
export interface Guidance {
  readonly rules: readonly Rule[];
  /** Prose about a label, by label; empty where there is none. */
  readonly descriptions: readonly string[];
}

const verb =
  "(?:answer|choose|use|pick|return|output|select|give|assign|classify(?:\\s+(?:it|this))?(?:\\s+as)?|" +
  "label(?:\\s+it)?(?:\\s+as)?|set\\s.{1,40}?\\sto|it\\s+is|the\\s+answer\\s+is)(?:\\s+with)?" +
  "(?:\\s+the\\s+(?:label|answer|value|class))?";
const negation = "\\b(?:not|never|don['’]t|avoid)\\b";
const bullet = "^\\s*(?:[-*•]|\\d+[.)])?\\s*(?:please\\s+)?";
const when = "(?:only\\s+)?(?:when(?:ever)?|if|for|where)\\b";
const ifClause = "\\b(?:if|when(?:ever)?)\\b(?<condition>.+?)[\\s,;:]*";

interface Pattern {
  readonly source: (label: string) => string;
  readonly excludes: boolean;
}

/** Tried in this order; the first that fits a sentence reads it. */
const patterns: readonly Pattern[] = [
  { excludes: true, source: (label) => `${ifClause}(?:do\\s+)?${negation}\\s+(?:${verb}\\s+)?${label}` },
  { excludes: true, source: (label) => `${bullet}(?:do\\s+)?${negation}\\s+(?:${verb}\\s+)?${label}(?<condition>.*)$` },
  { excludes: false, source: (label) => `${ifClause}(?:then\\s+)?\\b${verb}\\s+${label}` },
  { excludes: false, source: (label) => `${ifClause}(?:then\\b|->|=>|→|,|:)\\s*${label}\\s*$` },
  { excludes: false, source: (label) => `${bullet}${verb}\\s+${label}\\s*,?\\s+${when}(?<condition>.+)$` },
  {
    excludes: false,
    source: (label) => `${bullet}${label}\\s*(?::|->|=>|→|—|–|\\s-\\s|=|\\(|\\s${when})(?<condition>.+)$`,
  },
];

/** The longest sentence that is read: longer ones are no rules, and patterns are not run over them. */
const maxSentence = 600;
/** The longest prose piece that is still a keyword. */
const maxKeywordWords = 4;

/**
 * Reads the rules and descriptions of labels in an instruction, sentence by sentence: "If the text mentions A, B or
 * "C", answer L", "Use L for A, B", "L: A, B", "- L — A; B", and the negatives "not L if A", "never answer L".
 */
export function readGuidance(instruction: string, labels: readonly string[]): Guidance {
  const rules: Rule[] = [];
  const descriptions = labels.map(() => "");
  const indexOf = new Map(labels.map((label, index) => [label.toLowerCase(), index]));
  const compiled = compile(labels);
  if (compiled.length === 0) return { rules, descriptions };
  for (const sentence of sentences(instruction)) {
    const found = sentence.length > maxSentence ? undefined : firstMatch(compiled, sentence);
    const label = indexOf.get(found?.label.toLowerCase() ?? "");
    if (found === undefined || label === undefined || absence.test(found.condition)) continue;
    const { keywords, prose } = readCondition(found.condition);
    if (keywords.length > 0 || (found.excludes && prose === ""))
      rules.push({ label, excludes: found.excludes, keywords });
    if (prose !== "" && !found.excludes) descriptions[label] = `${descriptions[label] ?? ""} ${prose}`.trim();
  }
  return { rules, descriptions };
}

/** The keywords of a rule that a text's stems contain. */
export function matchedKeywords(rule: Rule, textStems: readonly string[]): Keyword[] {
  return rule.keywords.filter((keyword) => containsRun(textStems, keyword.stems));
}

/** How much a matched keyword counts: a phrase more than a word. */
export function keywordWeight(keyword: Keyword): number {
  return keyword.stems.length > 1 ? 1.4 : 1;
}

interface CompiledPattern {
  readonly expression: RegExp;
  readonly excludes: boolean;
}

function compile(labels: readonly string[]): CompiledPattern[] {
  const alternatives = labels
    .filter((label) => label.trim() !== "")
    .toSorted((a, b) => b.length - a.length)
    .map((label) => label.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  if (alternatives.length === 0) return [];
  const label = `["'\`“”]?(?<![\\p{L}\\p{N}_])(?<label>${alternatives.join("|")})(?![\\p{L}\\p{N}_])["'\`“”]?`;
  return patterns.map(({ source, excludes }) => ({ expression: new RegExp(source(label), "isu"), excludes }));
}

interface MatchedSentence {
  readonly label: string;
  readonly condition: string;
  readonly excludes: boolean;
}

function firstMatch(compiled: readonly CompiledPattern[], sentence: string): MatchedSentence | undefined {
  for (const { expression, excludes } of compiled) {
    const { label, condition } = expression.exec(sentence)?.groups ?? {};
    if (label !== undefined && condition !== undefined) return { label, condition, excludes };
  }
  return undefined;
}

/** A condition on what is *not* there is beyond the grammar: such a sentence is no rule. */
const absence = /(?:\b(?:not|never)|n['’]t)\s+(?:mention|contain|say|includ|have|ask)|\bwithout\b/i;
const mention =
  /^.*?\b(?:mention\w*|contain\w*|say\w*|includ\w*|about|refer\w*\s+to|has|have|ask\w*\s+for|talk\w*\s+of)\b/is;
const filler =
  /^\s*(?:the|a|an|any|either|one|of|words?|phrases?|keywords?|terms?|like|such|as|e\.g\.|for|if|when|whenever|where|it|is|text|input|message)\s+/i;

/** Splits a condition into keywords (quoted or short pieces) and prose (longer pieces). */
function readCondition(condition: string): { readonly keywords: Keyword[]; readonly prose: string } {
  const keywords = new Map<string, Keyword>();
  const prose: string[] = [];
  const keep = (piece: string): void => {
    const found = stems(piece);
    if (found.some(isContent)) keywords.set(found.join(" "), { text: piece, stems: found });
  };
  const said = mention.test(condition);
  const rest = condition
    .replace(mention, "")
    .replace(/["“`]([^"”`]{1,60})["”`]|(?<![\p{L}])'([^']{1,60})'/gu, (_, double?: string, single?: string) => {
      keep((double ?? single ?? "").trim());
      return ",";
    });
  for (const raw of rest.split(/[,;/|()]|\b(?:or|and)\b|\bthen\b/i)) {
    const piece = withoutFiller(raw);
    const length = stems(piece).length;
    if (length === 0) continue;
    if (length <= maxKeywordWords && (said || keywords.size > 0 || length <= 3)) keep(piece);
    else prose.push(piece);
  }
  return { keywords: [...keywords.values()], prose: prose.join(" ") };
}

function withoutFiller(raw: string): string {
  let piece = raw.trim();
  for (let shorter = piece.replace(filler, ""); shorter !== piece; shorter = piece.replace(filler, "")) piece = shorter;
  return piece;
}

function containsRun(all: readonly string[], run: readonly string[]): boolean {
  for (let start = 0; start + run.length <= all.length; start++)
    if (run.every((stem, offset) => all[start + offset] === stem)) return true;
  return false;
}
