import { createRequire } from "node:module";
import type * as JsonRepair from "jsonrepair";
import { jsonDefect } from "#foundation";

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
  const bracketed = outermostBrackets(lastFencedBlock(text) ?? text);
  if (bracketed === undefined) return undefined;
  return parsed(bracketed) ?? repaired(bracketed);
}

/** The reply without what the model thought aloud: `<think>…</think>` and its kin. */
export function stripReasoning(reply: string): string {
  if (!reply.includes("<")) return reply;
  return ["think", "thinking", "reasoning"]
    .reduce(withoutElement, reply)
    .replace(/^[\s\S]*?<\/(?:think|thinking|reasoning)>/i, "");
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

function parsed(text: string): unknown {
  try {
    return shallow(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function repaired(text: string): unknown {
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
