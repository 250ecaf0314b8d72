import { UsageError } from "#foundation";
import { teleprompterNamed } from "#optimize";
import type { Teleprompter } from "#optimize";
import { readKeyValues } from "./key-values.ts";

/** `bootstrap_few_shot:maxDemos=32,candidates=16` as a teleprompter. An option it does not know is refused. */
export function readTeleprompter(text: string): Teleprompter {
  const at = text.indexOf(":");
  const name = snakeCase(at < 0 ? text : text.slice(0, at));
  const options = at < 0 ? {} : readKeyValues(text.slice(at + 1), "--teleprompter");
  const made = teleprompterNamed(name, options);
  const unknown = Object.keys(options).find((option) => !Object.hasOwn(made.options, option));
  if (unknown === undefined) return made;
  const known = Object.keys(made.options).join(", ");
  throw new UsageError(`--teleprompter: ${name} has no option ${unknown}; its options are ${known}`);
}

/** People write `bootstrapFewShot` and `bootstrap-few-shot` too. */
function snakeCase(name: string): string {
  return name
    .trim()
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll("-", "_")
    .toLowerCase();
}
