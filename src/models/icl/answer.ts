import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import type { Field, FieldType } from "#programs";
import { classify } from "./labels/classify.ts";
import { answerDate } from "./date-answer.ts";
import { listLabels } from "./labels/label-list.ts";
import { label } from "./labels/label-model.ts";
import { labelWords } from "./labels/label-words.ts";
import { neighbours } from "./nearest.ts";
import { answerNumber } from "./number-answer.ts";
import { numbersIn } from "./numbers-in.ts";
import type { Answer, Mind, Question } from "./question.ts";
import { answerText, extractList, listedLabels } from "./text-answer.ts";

type Solver<K extends FieldType["kind"]> = (
  question: Question,
  type: Extract<FieldType, { readonly kind: K }>,
  mind: Mind,
) => Answer;

/** How an output of each kind is answered. */
const solvers: { readonly [K in FieldType["kind"]]: Solver<K> } = {
  string: (question, _type, mind) => answerText(question, mind),
  int: (question, _type, mind) => answerNumber(question, mind),
  float: (question, _type, mind) => answerNumber(question, mind),
  bool: (question, _type, mind) => answerBool(question, mind),
  literal: (question, { values }, mind) => classify(question, values.map(label), mind),
  list: (question, { item, maxItems }, mind) => atMost(maxItems, answerList(question, item, mind)),
  map: (question, { value }, mind) => answerMap(question, value, mind),
  object: (question, { fields }, mind) => answerParts(question, fields, mind),
  json: (question, { schema }, mind) => answerJson(question, schema, mind),
  date: (question, { time }, mind) => answerDate(question, time === true, mind),
  image: (question) => nearestValue(question, {}),
  file: (question) => nearestValue(question, {}),
  history: (question) => nearestValue(question, []),
};

/** Answers one output from the prompt alone. */
export function answer(question: Question, mind: Mind): Answer {
  const { field } = question;
  const { type } = field;
  if (type.nullable === true && field.optional !== true) {
    const told = answer({ ...question, field: { ...field, optional: true } }, mind);
    return told.value === undefined ? { ...told, value: null } : told;
  }
  // The table pairs each kind with its own type; the lookup by the same value keeps the pair.
  const solve = solvers[type.kind] as Solver<FieldType["kind"]>;
  return solve(question, type, mind);
}

/** A value of a schema's enum, else the value of the nearest example. */
function answerJson(question: Question, schema: JsonObject | undefined, mind: Mind): Answer {
  const values = schema?.["enum"];
  return Array.isArray(values) && values.length > 0
    ? classify(question, values.map(label), mind)
    : nearestValue(question, {});
}

function atMost(maxItems: number | undefined, told: Answer): Answer {
  return maxItems === undefined || !Array.isArray(told.value)
    ? told
    : { ...told, value: told.value.slice(0, maxItems) };
}

/** False stands first: without evidence the answer is no. The field's name and description speak for yes. */
function answerBool(question: Question, mind: Mind): Answer {
  const { name, description } = question.field;
  const words = [...labelWords(name), ...labelWords(description ?? "")];
  return classify(
    question,
    [
      { ...label(false), words: [] },
      { ...label(true), words },
    ],
    mind,
  );
}

function answerList(question: Question, item: FieldType, mind: Mind): Answer {
  if (item.kind === "literal") return listLabels(question, item.values.map(label), mind);
  if (item.kind === "int" || item.kind === "float") {
    const found = numbersIn(question.query.whole);
    return { value: item.kind === "int" ? found.filter(Number.isInteger) : found, because: "" };
  }
  if (item.kind !== "string") return nearestValue(question, []);
  const labels = question.allowed.length > 0 ? question.allowed : listedLabels(question);
  return labels === undefined || labels.length === 0
    ? extractList(question)
    : listLabels(question, labels.map(label), mind);
}

/** The keys that most examples have, each answered for itself. */
function answerMap(question: Question, type: FieldType, mind: Mind): Answer {
  const counts = new Map<string, number>();
  for (const { value } of question.examples)
    for (const key of Object.keys(isPlainObject(value) ? value : {})) counts.set(key, (counts.get(key) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count * 2 > question.examples.length);
  return answerParts(
    question,
    common.map(([name]) => ({ name, type })),
    mind,
  );
}

function answerParts(question: Question, fields: readonly Field[], mind: Mind): Answer {
  const parts = fields.map((field) => {
    const examples = question.examples.flatMap((example) => {
      const value: Json | undefined = isPlainObject(example.value) ? example.value[field.name] : undefined;
      return value === undefined ? [] : [{ ...example, value }];
    });
    const { guidance, query } = question;
    const part = answer({ field, guidance, query, examples, allowed: [] }, { ...mind, rng: mind.rng.fork(field.name) });
    return [field.name, part.value] as const;
  });
  return { value: Object.fromEntries(parts.filter(([, value]) => value !== undefined)), because: "" };
}

function nearestValue({ examples, field, query }: Question, empty: Json): Answer {
  const [nearest] = neighbours(examples, query);
  if (nearest === undefined) return { value: field.optional === true ? undefined : empty, because: "" };
  const because = `closest example: #${nearest.example.number} (${nearest.similarity.toFixed(2)})`;
  return { value: nearest.example.value, because };
}
