import { describe, UsageError } from "#foundation";
import type { Field, Program } from "#programs";

/** What of a program a model's prompt and answer are. */
export interface ChosenFields {
  readonly input: Field;
  readonly output: Field;
  /** The input that takes the earlier turns, if there is one. */
  readonly history: Field | undefined;
}

/** The fields that were named, or the only ones that come into question. Throws `UsageError` with the candidates. */
export function chosenFields(
  { name, signature: { inputs, outputs } }: Program,
  told: { readonly input?: string | undefined; readonly output?: string | undefined },
): ChosenFields {
  const texts = inputs.filter(({ type }) => type.kind === "string");
  const required = texts.filter(({ optional }) => optional !== true);
  const input = chosen(`${name}: asLanguageModel.input`, told.input, texts, required.length > 0 ? required : texts);
  const output = chosen(`${name}: asLanguageModel.output`, told.output, outputs, outputs);
  const history = inputs.find(({ type }) => type.kind === "history");
  const unfilled = inputs.filter((field) => field !== input && field !== history && field.optional !== true);
  if (unfilled.length > 0)
    throw new UsageError(
      `${name}: asLanguageModel gives a program one text as its input ${input.name}; it also wants ${namesOf(unfilled)}`,
    );
  return { input, output, history };
}

function chosen(
  where: string,
  told: string | undefined,
  fields: readonly Field[],
  candidates: readonly Field[],
): Field {
  const [only] = candidates;
  if (told === undefined && only !== undefined && candidates.length === 1) return only;
  const named = fields.find(({ name }) => name === told);
  if (named !== undefined) return named;
  const names = namesOf(fields) || "none, since no input is a text";
  if (told === undefined) throw new UsageError(`${where}: which one? It can be ${names}`);
  throw new UsageError(`${where}: expected one of ${names}, got ${describe(told)}`);
}

function namesOf(fields: readonly Field[]): string {
  return fields.map(({ name }) => name).join(", ");
}
