import { outputSchema } from "#programs";
import type { Execution, Program } from "#programs";

/** JSON that may be written to, as the types of other frameworks have it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/**
 * An execution's outputs as JSON that fits the JSON Schema of the outputs. Where the signature's own schema made something
 * else of them (a date, a set), they are given as the model wrote them.
 */
export async function jsonOutputs({ signature }: Program, execution: Execution): Promise<Record<string, JsonValue>> {
  const { instructions, inputs, outputs } = signature;
  const json = asJson(execution.outputs);
  const checked = await outputSchema({ instructions, inputs, outputs })["~standard"].validate(json);
  if (json !== undefined && checked.issues === undefined) return json;
  return asJson(Object.fromEntries(outputs.map(({ name }) => [name, writtenOutput(execution, name)]))) ?? {};
}

/** What the last stage that gave this output gave. */
export function writtenOutput({ history }: Execution, name: string): unknown {
  return history.findLast(({ outputs }) => outputs[name] !== undefined)?.outputs[name];
}

function asJson(value: object): Record<string, JsonValue> | undefined {
  try {
    return JSON.parse(JSON.stringify(value)) as Record<string, JsonValue>;
  } catch {
    return undefined;
  }
}
