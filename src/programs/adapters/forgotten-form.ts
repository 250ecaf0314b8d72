import { isPlainObject } from "#foundation";
import { readRecord } from "../signatures/field-type.ts";
import type { Field } from "../signatures/field-type.ts";
import { readJson } from "../reading.ts";
import type { ReadReply } from "./adapter.ts";

/**
 * The values of a reply whose writer forgot the form: they may have come as JSON, and a single one is the whole text.
 * `expected` names the form where there is nothing to be found.
 */
export function readForgottenForm(text: string, outputs: readonly Field[], expected: string): ReadReply {
  const json = readJson(text);
  if (isPlainObject(json) && outputs.some(({ name }) => Object.hasOwn(json, name)))
    return { ok: true, values: readRecord(outputs, json) };
  const [only] = outputs;
  if (only !== undefined && outputs.length === 1 && text.trim() !== "")
    return { ok: true, values: readRecord(outputs, { [only.name]: withoutName(only.name, text.trim()) }) };
  return { ok: false, issues: [{ path: "", expected, received: "none of them" }] };
}

/** `queue: billing` without the name. Looked for by its letters alone: a model in a loop writes endless `____`. */
function withoutName(name: string, text: string): string {
  const head = new RegExp(`^[*_\`]*${name}[*_\`]*\\s*[:=][*_\`]*\\s*`, "i").exec(text)?.[0] ?? "";
  return text.slice(head.length) || text;
}
