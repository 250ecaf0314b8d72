import { describe, isPlainObject, mapConcurrently, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import { addUsage, noUsage } from "../language-model.ts";
import type { Context, HistoryEntry, Module, StageCall, StageResult, Values } from "../module.ts";
import { program } from "../program.ts";
import type { Program } from "../program.ts";
import type { StageDraft } from "../stage.ts";
import { attemptDefaults, attemptHistory, attemptOnce, failedUsage, failureOf } from "./attempts.ts";
import type { Attempt } from "./attempts.ts";
import { voted } from "./majority.ts";
import { FailedAfterSpending } from "../failed-after-spending.ts";

export interface EnsembleOptions {
  /**
   * What the answers of the members come to: `"outputs"` (unless told) is what most of them say, of as many the first
   * member's; `"fields"` votes on every output by itself; a function gets the answers in the order of the members.
   */
  readonly reduce?: "outputs" | "fields" | ReduceAnswers;
  /** Members at once; 4 unless told. */
  readonly concurrency?: number;
}

/** One answer from several: the outputs of those members that gave any. */
export type ReduceAnswers = (answers: readonly Values[]) => Values | Promise<Values>;

/** A program, and the modules that every call of it needs: `execute(program, inputs, { model, modules })`. */
export interface Ensemble<I extends object = object, O extends object = object> {
  readonly program: Program<I, O>;
  readonly modules: readonly Module[];
}

/**
 * A program under several configurations, each of which answers; what most say is the answer. It is a program itself: it
 * is stored, evaluated and optimised as any other, its configuration has that of each member below `ensemble.member_1`
 * and so on, and every member's calls are in its history. A member that fails has no vote; when all do, the first one's
 * failure is the program's. A request costs what its members cost. After DSPy's Ensemble, which asks them one by one.
 * Throws `UsageError` without a configuration.
 */
export function ensemble<I extends object, O extends object>(
  single: Program<I, O>,
  configurations: readonly Configuration[],
  options: EnsembleOptions = {},
): Ensemble<I, O> {
  const { reduce = "outputs", concurrency = attemptDefaults.concurrency } = options;
  if (
    !Array.isArray(configurations) ||
    configurations.length === 0 ||
    configurations.some((each: unknown) => !isPlainObject(each))
  )
    throw new UsageError(`ensemble: expected at least one configuration, got ${describe(configurations)}`);
  if (typeof reduce !== "function" && reduce !== "outputs" && reduce !== "fields")
    throw new UsageError(`ensemble.reduce: expected "outputs", "fields" or a function, got ${describe(reduce)}`);
  const members = configurations.map((_, index): StageDraft => {
    return { module: member.name, id: memberId(index), stages: single.pipeline };
  });
  const configuration = configurations.flatMap((own: Configuration, index) =>
    Object.entries({ ...single.configuration, ...own }).map(([path, value]) => placed(index, path, value)),
  );
  return {
    program: program({
      name: `${single.name} ensemble`,
      signature: single.signature,
      pipeline: [{ module: "ensemble", id: "ensemble", stages: members }],
      configuration: Object.fromEntries(configuration),
    }),
    modules: [{ name: "ensemble", settings: [], run: (...call) => ask(call, { reduce, concurrency }) }, member],
  };
}

function memberId(index: number): string {
  return `member_${index + 1}`;
}

/** A member's value under its own path; what belongs to another scope, such as a team's agent, stays where it is. */
function placed(index: number, path: string, value: Json): readonly [path: string, value: Json] {
  return path.includes("/") || path.startsWith("team.")
    ? [path, value]
    : [`ensemble.${memberId(index)}.${path}`, value];
}

/** The whole pipeline of a program as one stage: its stages in their order, each with what those before it gave. */
const member: Module = {
  name: "ensemble_member",
  settings: [],
  async run(context, { stages = [] }): Promise<StageResult> {
    let [now, outputs, usage]: [Context, Values, typeof noUsage] = [context, {}, noUsage];
    const history: HistoryEntry[] = [];
    for (const stage of stages) {
      try {
        const result = await stage.run(now);
        outputs = { ...outputs, ...result.outputs };
        usage = addUsage(usage, result.usage);
        history.push(...result.history);
        now = { ...now, outputs: { ...now.outputs, ...result.outputs }, history: [...now.history, ...result.history] };
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new FailedAfterSpending(error, usage);
      }
    }
    return { outputs, history };
  },
};

async function ask(
  [context, stage]: readonly [context: Context, stage: StageCall],
  { reduce, concurrency }: Required<EnsembleOptions>,
): Promise<StageResult> {
  const { stages = [], rollout, signal } = stage;
  const made: Attempt[] = [];
  const one = (each: (typeof stages)[number]): Promise<Attempt> =>
    attemptOnce(each, context, { rollout, tellsPartial: false, signal });
  for await (const attempt of mapConcurrently(stages, one, { concurrency, ordered: true, signal })) made.push(attempt);
  const answers = made.filter((attempt) => attempt.ok);
  if (answers.length === 0) throw failureOf(made);
  const outputs =
    typeof reduce === "function"
      ? await reduced(
          reduce,
          answers.map(({ signed }) => signed),
        )
      : voted(answers, reduce);
  stage.onPartial?.(outputs as Values, 1);
  return { outputs: outputs as Values, history: attemptHistory(made), usage: failedUsage(made) };
}

async function reduced(reduce: ReduceAnswers, answers: readonly Values[]): Promise<Values> {
  const outputs = await reduce(answers);
  if (isPlainObject(outputs)) return outputs;
  throw new TypeError(`ensemble.reduce: expected an object of outputs, got ${describe(outputs)}`);
}
