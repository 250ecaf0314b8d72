import type { Store } from "#foundation";
import { languageModelFrom } from "#models";
import type { ModelLike } from "#models";
import type { Optimized, OptimizeOptions as FloorOptions } from "#optimize";
import * as programs from "#programs";
import type {
  EvaluateOptions,
  Evaluation,
  Example,
  ExecuteOptions,
  Execution,
  ExecutionStream,
  LanguageModel,
  Metric,
  Program,
  StreamOptions,
} from "#programs";

/** Where the floors want a `LanguageModel`, the root entry takes whatever people hold in their hands. */
export interface AnyModels {
  /** A model, an AI SDK model, `{ id, url, apiKey }`, a function or a name. */
  readonly model?: ModelLike | undefined;
  /** The models that a configuration may name in its `model` setting. */
  readonly models?: Readonly<Record<string, ModelLike>> | undefined;
}

type WithAnyModels<Options> = Omit<Options, keyof AnyModels> & AnyModels;

interface Models {
  readonly model: LanguageModel | undefined;
  readonly models: Readonly<Record<string, LanguageModel>>;
}

/** Runs a program; see `execute` of `tutti/programs`. */
export function execute<I extends object, O extends object>(
  program: Program<I, O>,
  inputs: I,
  options: WithAnyModels<ExecuteOptions> = {},
): Promise<Execution<O>> {
  return programs.execute(program, inputs, { ...options, ...modelsIn(options) });
}

/** Runs a program and tells its outputs while they are written; see `executeStream` of `tutti/programs`. */
export function executeStream<I extends object, O extends object>(
  program: Program<I, O>,
  inputs: I,
  options: WithAnyModels<StreamOptions> = {},
): ExecutionStream<O> {
  return programs.executeStream(program, inputs, { ...options, ...modelsIn(options) });
}

/** Runs a program on examples and scores it; see `evaluate` of `tutti/programs`. */
export function evaluate<I extends object, O extends object>(
  program: Program<I, O>,
  examples: readonly Example<I, O>[],
  metric: Metric<I, O>,
  options: WithAnyModels<EvaluateOptions> = {},
): Evaluation {
  return programs.evaluate(program, examples, metric, { ...options, ...modelsIn(options) });
}

/** As `optimize` of `tutti/optimize`, with any model and, unless told, a store in memory. */
export type OptimizeOptions<I extends object, O extends object> = Omit<
  FloorOptions<I, O>,
  keyof AnyModels | "store" | "promptModel"
> & {
  readonly model: ModelLike;
  readonly models?: Readonly<Record<string, ModelLike>>;
  readonly promptModel?: ModelLike;
  /** Keep it in a file, `await sqliteStore({ path })`, and a run survives its process. */
  readonly store?: Store;
};

/**
 * Searches a better configuration; see `optimize` of `tutti/optimize`. The floor is loaded by the first call: who only
 * runs programs does not wait for it.
 */
export async function optimize<I extends object, O extends object>(
  program: Program<I, O>,
  options: OptimizeOptions<I, O>,
): Promise<Optimized<I, O>> {
  const { model, models, promptModel = model, store, ...rest } = options;
  const [floor, { memoryStore }] = await Promise.all([import("#optimize"), import("#storage/memory")]);
  return floor.optimize<I, O>(program, {
    ...rest,
    store: store ?? memoryStore(),
    model: languageModelFrom(model),
    promptModel: languageModelFrom(promptModel),
    models: resolveAll(models ?? {}),
  });
}

function modelsIn({ model, models = {} }: AnyModels): Models {
  return {
    model: model === undefined ? undefined : languageModelFrom(model, { names: models }),
    models: resolveAll(models),
  };
}

function resolveAll(models: Readonly<Record<string, ModelLike>>): Record<string, LanguageModel> {
  return Object.fromEntries(Object.entries(models).map(([name, like]) => [name, languageModelFrom(like)]));
}
