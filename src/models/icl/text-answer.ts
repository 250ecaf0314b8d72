import type { Json } from "#foundation";
import { untold } from "./dialects/task.ts";
import { classify } from "./labels/classify.ts";
import { cosine } from "./words/cosine.ts";
import { copiedShare, pickSpans, rankSpans, spanThreshold, taughtSpans } from "./extract.ts";
import type { Span } from "./extract.ts";
import { label } from "./labels/label-model.ts";
import { adapted, extractSentence, neighbours } from "./nearest.ts";
import type { Answer, Mind, Question } from "./question.ts";
import { transform } from "./transform.ts";
import { answerNumber } from "./number-answer.ts";
import { numbersIn } from "./numbers-in.ts";
import { asksForForm, findTyped } from "./typed-patterns.ts";

/** Up to this many different short values are taken for a set of labels. */
const maxLabels = 20;
const maxLabelWords = 5;
/** Such an output chooses among labels; without labels and examples there is nothing to choose from. */
const asksForLabel = /^(?:label|class|category|sentiment|intent)$/i;
/** From this share of values found in the inputs on, an output is an extract. */
const minCopiedShare = 0.6;

/** A string: one of the allowed values, else by rule, by extraction, as a label of the examples, by the nearest one. */
export function answerText(question: Question, mind: Mind): Answer {
  const { type } = question.field;
  return type.kind === "string" && type.format === untold
    ? answerUntold(question, mind)
    : answerAnyText(question, mind);
}

/** Of a type that nobody told: a number if the examples have numbers or there is nothing else to say. */
function answerUntold(question: Question, mind: Mind): Answer {
  const { examples, field } = question;
  const numbers = examples.map(({ value }) =>
    typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN,
  );
  if (examples.length > 0 && numbers.every(Number.isFinite)) {
    const type = { kind: numbers.every(Number.isInteger) ? ("int" as const) : ("float" as const) };
    const solved = examples.map((example, index) => ({ ...example, value: numbers[index] ?? 0 }));
    const told = answerNumber({ ...question, field: { ...field, type }, examples: solved }, mind);
    return { ...told, value: String(told.value) };
  }
  const told = answerAnyText(question, mind);
  const isFound = told.value !== "" && (told.because !== "" || examples.length > 0);
  return isFound ? told : { value: String(numbersIn(question.query.whole)[0] ?? 0), because: "" };
}

function answerAnyText(question: Question, mind: Mind): Answer {
  const { allowed, examples, query } = question;
  if (allowed.length > 0) return classify(question, allowed.map(label), mind);
  const rule = transform(examples, query);
  if (rule !== undefined) return { value: rule.text, because: `every example is its input ${rule.rule}` };
  const taught = examples.map(taughtSpans);
  if (copiedShare(taught) >= minCopiedShare) return extractOne(question);
  const values = labelValues(examples.map(({ value }) => value));
  if (values !== undefined) return classify(question, values.map(label), mind);
  return examples.length > 0 ? byNeighbour(question) : withoutExamples(question, mind);
}

/** A list of strings: labels of the examples, else extracts. */
export function extractList(question: Question): Answer {
  const { examples, field, query } = question;
  if (examples.length === 0) return { value: findTyped(fieldWords(question), query.whole), because: "" };
  const spans = pickSpans(rankSpans(query.whole, examples.map(taughtSpans)));
  return { value: spans.map(({ text }) => text), because: spans.length === 0 ? "" : spanReason(field.name, spans) };
}

/** The values of a list output when the examples use a small set of short ones that are no extracts. */
export function listedLabels(question: Question): readonly Json[] | undefined {
  const { examples } = question;
  if (copiedShare(examples.map(taughtSpans)) >= minCopiedShare) return undefined;
  return labelValues(examples.flatMap(({ value }): Json[] => (Array.isArray(value) ? value : [])));
}

/** The different values when they are few and short, which makes them labels. */
function labelValues(values: readonly Json[]): Json[] | undefined {
  const different = [...new Set(values)];
  const short = different.every((value) => typeof value === "string" && value.split(/\s+/).length <= maxLabelWords);
  return values.length >= 2 && different.length <= maxLabels && short ? different : undefined;
}

function extractOne({ examples, field, query }: Question): Answer {
  const ranked = rankSpans(query.whole, examples.map(taughtSpans));
  const [best] = ranked;
  const mayLack = field.optional === true || examples.some(({ value }) => value === "" || value === null);
  if (best === undefined || (mayLack && best.score < spanThreshold))
    return { value: field.optional === true ? undefined : "", because: "" };
  return { value: best.text, because: spanReason(field.name, [best]) };
}

function spanReason(name: string, spans: readonly Span[]): string {
  const found = spans.map(({ text, score }) => `${JSON.stringify(text)} (${score.toFixed(1)})`);
  return `${found.join(", ")} stands where the examples have their ${name}`;
}

function byNeighbour({ examples, query }: Question): Answer {
  const [nearest] = neighbours(examples, query);
  if (nearest === undefined) return { value: "", because: "" };
  const { value, situation, number } = nearest.example;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return {
    value: adapted(text, situation.whole, query.whole),
    because: `closest example: #${number} (${nearest.similarity.toFixed(2)})`,
  };
}

function withoutExamples(question: Question, mind: Mind): Answer {
  const asked = fieldWords(question);
  const [typed] = findTyped(asked, question.query.whole);
  if (typed !== undefined)
    return { value: typed, because: `${JSON.stringify(typed)} has the form of ${question.field.name}` };
  if (question.field.optional === true) return { value: undefined, because: "" };
  if (asksForForm(asked)) return { value: "", because: "" };
  if (asksForLabel.test(question.field.name)) return { value: "unknown", because: "" };
  const hint = mind.features(`${asked} ${question.guidance}`);
  return {
    value: extractSentence(question.query.whole, (sentence) => cosine(mind.features(sentence), hint)),
    because: "",
  };
}

function fieldWords({ field }: Question): string {
  return `${field.name.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ").replace(/[_-]+/g, " ")} ${field.description ?? ""}`;
}
