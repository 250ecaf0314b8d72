interface TypedPattern {
  /** Field names and descriptions that ask for it. */
  readonly asked: RegExp;
  readonly form: RegExp;
}

const month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";

/** What a field's name alone tells about the form of its value. The first that is asked for and found is taken. */
const patterns: readonly TypedPattern[] = [
  { asked: /e-?mail/i, form: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u },
  { asked: /\b(?:url|link|website|homepage)\b/i, form: /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)]/ },
  {
    asked: /\b(?:date|day|when|deadline|due)\b/i,
    form: new RegExp(
      `\\d{4}-\\d{2}-\\d{2}|\\d{1,2}[./]\\d{1,2}[./]\\d{2,4}|\\d{1,2}\\.? ${month}(?: \\d{4})?|${month} \\d{1,2}(?:,? \\d{4})?`,
      "i",
    ),
  },
  { asked: /\btime\b/i, form: /\b\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?\b|\b\d{1,2} ?[ap]m\b/i },
  {
    asked: /\b(?:price|amount|money|cost|fee|sum|total)\b/i,
    form: /\p{Sc} ?\d[\d.,]*\d|\p{Sc} ?\d|\d[\d.,]* ?(?:\p{Sc}|eur|usd|gbp|euros?|dollars?|pounds?)/iu,
  },
  { asked: /\bphone\b|\bmobile\b/i, form: /\+?\d[\d ()/-]{5,}\d/ },
  { asked: /\b(?:number|id|code|order|count|age|year|zip)\b/i, form: /(?<![\p{L}\p{N}-])[\p{L}-]*\d[\p{L}\p{N}-]*/u },
  { asked: /\b(?:quote|title|quoted)\b/i, form: /(?<=["“])[^"”]+(?=["”])/u },
  {
    asked: /\b(?:name|person|city|place|company|country|product|location|who|where|brand)\b/i,
    form: /(?<!^|[.!?]\s+)\b\p{Lu}[\p{L}\p{N}'’-]*(?:\s+\p{Lu}[\p{L}\p{N}'’-]*)*|^\p{Lu}\p{L}+(?:\s+\p{Lu}\p{L}+)+/u,
  },
];

/** Whether a field's name asks for a known form. */
export function asksForForm(fieldWords: string): boolean {
  return patterns.some(({ asked }) => asked.test(fieldWords));
}

/** The parts of a text that have the form which the field's name asks for. */
export function findTyped(fieldWords: string, text: string): string[] {
  for (const { asked, form } of patterns) {
    if (!asked.test(fieldWords)) continue;
    const found = [...text.matchAll(new RegExp(form.source, `${form.flags}g`))].map(([match]) => match);
    if (found.length > 0) return [...new Set(found)];
  }
  return [];
}
