import type { Json } from "#foundation";
import { evaluateExpression, fitExpression, tidy } from "./arithmetic.ts";
import { classify } from "./labels/classify.ts";
import { words } from "./words/features.ts";
import { label } from "./labels/label-model.ts";
import { neighbours } from "./nearest.ts";
import { numbersIn } from "./numbers-in.ts";
import type { Answer, Example, Mind, Question, Situation } from "./question.ts";

/** With a place to write intermediate results the model chains operations; without one it does a single one. */
const depth = { shown: 3, silent: 1 };
/** A mean is taken over this many of the most similar examples. */
const maxNeighbours = 3;

/** A number: computed from the input's numbers as in the examples, else judged by the most similar examples. */
export function answerNumber(question: Question, mind: Mind): Answer {
  const answer = computed(question, mind) ?? judged(question, mind) ?? fromInput(question);
  return typeof answer.value === "number" ? { ...answer, value: bounded(question, answer.value) } : answer;
}

function computed({ examples, query }: Question, mind: Mind): Answer | undefined {
  const solved = examples.filter(({ value }) => typeof value === "number");
  for (const leavesOf of [numberLeaves, countLeaves]) {
    const samples = solved.map((example) => ({ leaves: leavesOf(example.situation), target: Number(example.value) }));
    const leaves = leavesOf(query);
    if (samples.length === 0 || leaves.length < Math.min(...samples.map((sample) => sample.leaves.length))) continue;
    const isTold =
      new Set(samples.map(({ target }) => target)).size > 1 || (samples.length === 1 && leavesOf === numberLeaves);
    const expression = isTold ? fitExpression(samples, mind.showsWork ? depth.shown : depth.silent) : undefined;
    if (expression === undefined) continue;
    const steps: string[] = [];
    const value = evaluateExpression(expression, leaves, steps);
    if (Number.isFinite(value))
      return { value, because: steps.join("; ") || `${value}, as the examples copy or count it` };
  }
  return undefined;
}

function numberLeaves({ texts }: Situation): number[] {
  return texts.flatMap(numbersIn);
}

/** What can be counted: numbers, entries of a JSON list, words, characters. */
function countLeaves({ texts, whole }: Situation): number[] {
  const listed = texts.map(listLength).find((length) => length !== undefined);
  return [listed ?? numbersIn(whole).length, words(whole).length, whole.length];
}

function listLength(text: string): number | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.length : undefined;
  } catch {
    return undefined;
  }
}

function judged(question: Question, mind: Mind): Answer | undefined {
  const examples = question.examples.filter(({ value }) => typeof value === "number");
  if (examples.length === 0) return undefined;
  const values = [...new Set(examples.map(({ value }): Json => value))];
  const recur = values.length * 2 <= examples.length;
  if (recur) return classify({ ...question, examples }, values.map(label), mind);
  return meanOfNearest(question, examples);
}

function meanOfNearest(question: Question, examples: readonly Example[]): Answer {
  const nearest = neighbours(examples, question.query).slice(0, maxNeighbours);
  const shares = nearest.map(({ similarity }) => similarity ** 2 + 1e-6);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const mean = nearest.reduce(
    (sum, { example }, index) => sum + Number(example.value) * ((shares[index] ?? 0) / total),
    0,
  );
  const value = question.field.type.kind === "int" ? Math.round(mean) : Number(mean.toPrecision(3));
  const named = nearest.map(
    ({ example, similarity }) => `#${example.number} (${similarity.toFixed(2)}) ${Number(example.value)}`,
  );
  return { value, because: `mean of the closest examples: ${named.join(", ")}` };
}

function fromInput({ field, query }: Question): Answer {
  const [only, ...others] = numbersIn(query.whole);
  if (only !== undefined && others.length === 0)
    return { value: only, because: `${only} is the only number in the input` };
  return { value: field.optional === true ? undefined : 0, because: "" };
}

function bounded({ field, minimum, maximum }: Question, value: number): number {
  const { type } = field;
  const { min, max } = type.kind === "int" || type.kind === "float" ? type : {};
  const clamped = Math.min(maximum ?? max ?? Infinity, Math.max(minimum ?? min ?? -Infinity, value));
  return field.type.kind === "int" ? Math.round(clamped) : tidy(clamped);
}
