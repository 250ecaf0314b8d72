import { createRequire } from "node:module";
import type * as JsonRepair from "jsonrepair";
import { jsonDefect } from "#foundation";
import { completeValue, partialJson } from "./partial-json.ts";

/** What a model meant by a text, type by type. A text that cannot be meant so comes back as it is, for the check. */

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether a model says that there is no value. */
export function isAbsent(value: unknown): boolean {
  return value === null || (isString(value) && /^(|null|none|n\/a)$/i.test(value.trim()));
}

const numeral = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

export function readNumber(raw: unknown): unknown {
  if (!isString(raw)) return raw;
  const text = raw.trim().replace(/(?<=\d),(?=\d{3}\b)/g, "");
  return numeral.test(text) ? Number(text) : raw;
}

export function readBoolean(raw: unknown): unknown {
  if (!isString(raw)) return raw;
  const word = raw.trim().toLowerCase();
  return word === "true" || word === "yes" ? true : word === "false" || word === "no" ? false : raw;
}

/** The value meant by a text that may be quoted, in another case or closed with a full stop. */
export function closestLiteral(values: readonly string[], raw: string): string {
  if (values.includes(raw)) return raw;
  const text = raw.trim();
  // A text much longer than every value means none of them, and is not worth the search.
  if (text.length > Math.max(...values.map(({ length }) => length)) + 20) return text;
  const bare = (quoted: string): string =>
    quoted
      .trim()
      .replace(/^["'`*]+|["'`*.]+$/g, "")
      .toLowerCase();
  return values.find((value) => bare(value) === bare(text)) ?? text;
}

/** The JSON in a text; anything else as it is. */
export function structured(raw: unknown): unknown {
  if (!isString(raw)) return raw;
  const value = readJson(raw);
  return value === undefined ? raw : value;
}

/** A JSON array, or one entry per line (bullets and numbers dropped), or a single value. */
export function readList(raw: string): unknown {
  const json = raw.trimStart().startsWith("[") ? readJson(raw) : undefined;
  if (Array.isArray(json)) return json;
  const lines = raw.split("\n").map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim());
  return lines.filter((line) => line !== "");
}

/** The longest reply that is searched for JSON; a longer one is no answer to any signature. */
const maxCharacters = 1_000_000;

/**
 * The JSON value in a model's reply, or `undefined`. Tried in this order: the whole text; the text without reasoning
 * tags; its last fenced block; from its first opening bracket to the matching last closer; the same, repaired. What
 * comes out has the shape of JSON, nested no deeper than 64, and nothing more: the caller checks it against its types.
 */
export function readJson(reply: string): unknown {
  if (reply.length > maxCharacters) return undefined;
  const whole = parsed(reply);
  if (whole !== undefined) return whole;
  const text = stripReasoning(reply);
  // The last fence may hold an example in another language.
  const bracketed = outermostBrackets(lastFencedBlock(text) ?? text) ?? outermostBrackets(text);
  if (bracketed === undefined) return undefined;
  return parsed(bracketed) ?? repaired(bracketed);
}

const thoughtTags = ["think", "thinking", "reasoning"] as const;
const anyThoughtTag = /<\/?(?:think|thinking|reasoning)>/i;

/** The reply without what the model thought aloud, `<think>…</think>` and its kin, but for the tags that are `kept`. */
export function stripReasoning(reply: string, kept: readonly string[] = []): string {
  if (!reply.includes("<") || !anyThoughtTag.test(reply)) return reply;
  const tags = thoughtTags.filter((tag) => !kept.includes(tag));
  if (tags.length === 0) return reply;
  return tags.reduce(withoutElement, reply).replace(new RegExp(`^[\\s\\S]*?</(?:${tags.join("|")})>`, "i"), "");
}

/** As `stripReasoning`, of a reply in the making: a thought that is still going on is no part of the answer either. */
export function stripUnfinishedReasoning(reply: string, kept: readonly string[] = []): string {
  const text = stripReasoning(reply, kept);
  const tags = thoughtTags.filter((tag) => !kept.includes(tag));
  const open = text.includes("<") && tags.length > 0 ? text.search(new RegExp(`<(?:${tags.join("|")})>`, "i")) : -1;
  return open < 0 ? text : text.slice(0, open);
}

/** The text without `<tag>…</tag>`, in one pass: a model in a loop repeats an opening tag a hundred thousand times. */
function withoutElement(text: string, tag: string): string {
  const [opening, closing] = [new RegExp(`<${tag}>`, "gi"), new RegExp(`</${tag}>`, "gi")];
  let [kept, from] = ["", 0];
  for (;;) {
    opening.lastIndex = from;
    const start = opening.exec(text)?.index;
    closing.lastIndex = opening.lastIndex;
    if (start === undefined || !closing.test(text)) return kept + text.slice(from);
    kept += text.slice(from, start);
    from = closing.lastIndex;
  }
}

function lastFencedBlock(text: string): string | undefined {
  return [...text.matchAll(/```[\w-]*\n([\s\S]*?)```/g)].at(-1)?.[1];
}

/** From the first `{` or `[` to the last closer of the same kind; to the end when the text was cut. */
function outermostBrackets(text: string): string | undefined {
  const start = text.search(/[{[]/);
  if (start < 0) return undefined;
  const end = text.lastIndexOf(text[start] === "{" ? "}" : "]");
  return end > start ? text.slice(start, end + 1) : text.slice(start);
}

/** Prose is told apart before it is parsed: an exception for every reply in words is dear. */
const jsonHead = /^\s*[{["\dtfn-]/;

function parsed(text: string): unknown {
  if (!jsonHead.test(text)) return undefined;
  try {
    return shallow(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The longest text that is repaired with all of jsonrepair's arts: of some texts it takes quadratic time. */
const maxRepairCharacters = 16_384;

function repaired(text: string): unknown {
  if (text.length > maxRepairCharacters) {
    const node = partialJson(text);
    return node === undefined ? undefined : shallow(completeValue(node));
  }
  try {
    return shallow(JSON.parse(repairer()(text)));
  } catch {
    return undefined;
  }
}

// Most replies need no repair, and most programs start without meeting one: the library is loaded when it is needed.
const requireNow = createRequire(import.meta.url);
let repair: ((text: string) => string) | undefined;

function repairer(): (text: string) => string {
  repair ??= (requireNow("jsonrepair") as typeof JsonRepair).jsonrepair;
  return repair;
}

function shallow(value: unknown): unknown {
  return jsonDefect(value) === undefined ? value : undefined;
}
