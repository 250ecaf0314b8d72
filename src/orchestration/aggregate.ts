import { canonicalJson, isPlainObject, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { outputOf } from "./trace.ts";
import type { CallRecord } from "./trace.ts";

/** What several answers have become, and the calls that contributed to it. */
export interface Aggregated {
  readonly output: Json;
  readonly from: readonly number[];
}

/** Makes one output of answers: at least one, oldest first, each with an output. */
export type Aggregator = (answers: readonly CallRecord[]) => Aggregated;

/**
 * How answers become one where no evaluator decides. `vote`: the output that most gave (equal as JSON), among equals
 * the one proposed first. `concat`: texts joined by a blank line; if one is no text, the list of the outputs. `merge`:
 * objects merged, later keys win; if one is no object, the last output.
 */
export const aggregators: Readonly<Record<string, Aggregator>> = {
  first: (answers) => only(answers.slice(0, 1)),
  last,
  vote: (answers) => {
    const voters = Map.groupBy(answers, (answer) => canonicalJson(outputOf(answer)));
    const most = Math.max(...[...voters.values()].map(({ length }) => length));
    return only([...voters.values()].find(({ length }) => length === most) ?? []);
  },
  concat: (answers) => {
    const outputs = answers.map(outputOf);
    const isText = outputs.every((output) => typeof output === "string");
    return { output: isText ? outputs.join("\n\n") : outputs, from: idsOf(answers) };
  },
  merge: (answers) => {
    const outputs = answers.map(outputOf);
    if (!outputs.every(isPlainObject)) return last(answers);
    const entries = outputs.flatMap((output) => Object.entries(output as JsonObject));
    return { output: Object.fromEntries(entries.filter(([, value]) => value !== undefined)), from: idsOf(answers) };
  },
};

/**
 * One output of the answers among these calls; `null` from no call when there is none. Throws `UsageError` on an
 * unknown name.
 */
export function aggregate(name: string, answers: readonly CallRecord[]): Aggregated {
  const aggregator = Object.hasOwn(aggregators, name) ? aggregators[name] : undefined;
  if (aggregator === undefined)
    throw new UsageError(`aggregate: expected one of ${Object.keys(aggregators).join(", ")}, got ${name}`);
  const given = answers.filter((answer) => outputOf(answer) !== null);
  return given.length === 0 ? { output: null, from: [] } : aggregator(given);
}

function last(answers: readonly CallRecord[]): Aggregated {
  return only(answers.slice(-1));
}

/** The one output that all of these calls gave. */
function only(calls: readonly CallRecord[]): Aggregated {
  const [first] = calls;
  return { output: first === undefined ? null : outputOf(first), from: idsOf(calls) };
}

function idsOf(calls: readonly CallRecord[]): number[] {
  return calls.map(({ id }) => id);
}
