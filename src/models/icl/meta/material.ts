import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import { wholeLiteral } from "../dialects/python-literal.ts";
import type { Task } from "../dialects/task.ts";

/** A name as it is compared: `currentInstruction`, `current_instruction` and "Current Instruction" are one. */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The text of the first of these inputs that the prompt has and fills. */
export function materialText(task: Task, keys: readonly string[]): string {
  for (const key of keys) {
    const name = task.inputs.find((field) => nameKey(field.name) === key)?.name;
    const text = name === undefined ? "" : (task.input.get(name) ?? "").trim();
    if (text !== "") return text;
  }
  return "";
}

/** Whether the prompt has an input of one of these names. */
export function hasInput(task: Task, keys: ReadonlySet<string>): boolean {
  return task.inputs.some(({ name }) => keys.has(nameKey(name)));
}

/** A value as one text: of a record its values, of a list its items. */
export function flatText(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(flatText).join("\n");
  if (isPlainObject(value))
    return Object.values(value as Readonly<Record<string, Json>>)
      .map(flatText)
      .join("\n");
  return String(value);
}

/** A list that a text writes as JSON or Python, else `undefined`. */
export function listIn(text: string): readonly Json[] | undefined {
  const value = wholeLiteral(text);
  return Array.isArray(value) ? value : undefined;
}
