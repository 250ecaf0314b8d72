import { space, validateConfiguration } from "#variables";
import type { TextVariable } from "#variables";
import type { CompleteResult } from "../teleprompter.ts";
import { usualMaxTokens } from "./text-target.ts";
import { tokensOf } from "./token-estimate.ts";

/** A proposed text, or why it is worth no evaluation. */
type ReadText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

interface TextChecks {
  readonly variable: TextVariable;
  /** Texts that were tried or proposed before, as the model reads them. */
  readonly known: readonly string[];
  /** The longest useful text, in tokens, where that is less than the variable allows. */
  readonly maxTokens?: number | undefined;
}

/** The text that an output states: without the fence or the quotes around it, checked. */
export function readProposal(result: CompleteResult, output: string, checks: TextChecks): ReadText {
  if (!result.ok) return { ok: false, reason: `the call failed: ${result.message}` };
  const value = result.outputs[output];
  return checkText(typeof value === "string" ? unwrapped(value) : "", checks);
}

/** Whether a text is worth an evaluation: not empty, not known (but for white space), not too long. */
export function checkText(text: string, { variable, known, maxTokens = Infinity }: TextChecks): ReadText {
  if (text === "") return { ok: false, reason: "it is empty" };
  const key = normalized(text);
  if (known.some((each) => normalized(each) === key)) return { ok: false, reason: "it was tried before" };
  const fits = validateConfiguration(space([variable]), { [variable.name]: text }).ok;
  if (!fits || tokensOf(text) > maxTokens)
    return { ok: false, reason: `it has ${text.length} characters: ${limitText(variable, maxTokens)}` };
  return { ok: true, text };
}

/** The list of rules that an output states, as a list or as lines: each without its number or bullet, each once. */
export function readRules(result: CompleteResult, output: string): readonly string[] {
  const value = result.ok ? result.outputs[output] : undefined;
  const lines = Array.isArray(value)
    ? value.map((item) => (typeof item === "string" ? item : ""))
    : (typeof value === "string" ? unwrapped(value) : "").split("\n");
  const rules = lines.map((line) =>
    line
      .replace(/^\s*(?:[-*•]|\d+[.)])\s+/u, "")
      .replace(/\s+/g, " ")
      .trim(),
  );
  return [...new Set(rules.filter((rule) => rule !== ""))];
}

/** How long a text may be, in words for a prompt. */
export function limitText({ maxTokens: own = usualMaxTokens }: TextVariable, maxTokens: number = Infinity): string {
  const most = Math.min(own, maxTokens);
  return `At most ${most * 4} characters (about ${most} tokens).`;
}

function unwrapped(text: string): string {
  const trimmed = text.trim();
  const fenced = /^```[^\n`]*\n([\s\S]*?)\n?```$/.exec(trimmed)?.[1];
  if (fenced !== undefined) return fenced.trim();
  return /^"[^"]*"$/.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed;
}

/** What makes two texts the same to a reader. */
function normalized(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
