import { canonicalJson } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { placedStages } from "#programs";
import type { Example, Program } from "#programs";

/** What kind of task a program and its examples are, small enough to compare many. */
export interface TaskSketch {
  /** The type of each field, by its side and name: `in ticket`. */
  readonly fields: Readonly<Record<string, FieldSketch>>;
  /** The paths of the stages with their modules. */
  readonly stages: readonly string[];
  /** In which share of the examples a word of the inputs occurs: the most frequent 200. */
  readonly words: Readonly<Record<string, number>>;
  /** The share of each short expected value, by its field. Empty where values hardly repeat. */
  readonly answers: Readonly<Record<string, number>>;
  readonly examples: number;
}

interface FieldSketch {
  readonly kind: string;
  /** The whole type as canonical JSON. */
  readonly type: string;
}

const maxWords = 200;
const maxAnswer = 60;

export function sketchOf(program: Program, examples: readonly Example[]): TaskSketch {
  return {
    ...sketchOfProgram(program),
    words: wordShares(examples),
    answers: answerShares(examples),
    examples: examples.length,
  };
}

/** What is known of a task without its examples. */
export function sketchOfProgram(program: Program): TaskSketch {
  const { inputs, outputs } = program.signature;
  const fields = [
    ...inputs.map(({ name, type }) => [`in ${name}`, type] as const),
    ...outputs.map(({ name, type }) => [`out ${name}`, type] as const),
  ];
  return {
    fields: Object.fromEntries(
      fields.map(([name, type]) => [name, { kind: type.kind, type: canonicalJson(type as unknown as Json) }]),
    ),
    stages: placedStages(program).map(({ path, stage }) => `${path}: ${stage.module}`),
    words: {},
    answers: {},
    examples: 0,
  };
}

/** An example is the same one where its inputs are. */
export function exampleKey({ inputs }: Pick<Example, "inputs">): string {
  return canonicalJson(inputs as Json);
}

function wordShares(examples: readonly Example[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { inputs } of examples)
    for (const word of new Set(textsIn(inputs as Json).flatMap(wordsOf))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, maxWords);
  return Object.fromEntries(frequent.map(([word, count]) => [word, count / examples.length]));
}

/** Values that occur once tell nothing of a task. */
function answerShares(examples: readonly Example[]): Readonly<Record<string, number>> {
  const all = examples.flatMap(({ expected }) => Object.entries(expected));
  const counts = new Map<string, number>();
  for (const [field, value] of all) {
    const answer = `${field}: ${canonicalJson(value as Json)}`;
    if (answer.length <= maxAnswer) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  const repeated = [...counts].filter(([, count]) => count > 1);
  const total = repeated.reduce((sum, [, count]) => sum + count, 0);
  if (2 * total < all.length) return {};
  return Object.fromEntries(repeated.map(([answer, count]) => [answer, count / total]));
}

/** All texts in a value, those of its objects and lists included. */
export function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value as JsonObject).flatMap((inner) => textsIn(inner ?? null));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
}
