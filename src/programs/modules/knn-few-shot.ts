import { canonicalJson, describe, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { demoOf } from "../example.ts";
import type { Example } from "../example.ts";
import { noUsage } from "../language-model.ts";
import type { LanguageModel, Usage } from "../language-model.ts";
import type { Context, StageCall, StageResult } from "../module.ts";
import type { StageDraft } from "../stage.ts";
import { bm25 } from "../retrieval/bm25.ts";
import { embeddingRetriever } from "../retrieval/embedding-retriever.ts";
import type { Document, Retriever } from "../retrieval/retriever.ts";
import { attemptedStage } from "./attempts.ts";
import { broughtStage, countSetting } from "./brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "./brought-stage.ts";
import { FailedAfterSpending } from "../failed-after-spending.ts";
import { predict } from "./predict.ts";

export interface KnnFewShotOptions extends BroughtStageOptions {
  /** Where the demonstrations come from: training examples, never those that are scored on. */
  readonly examples: readonly Example[];
  /** How many are shown at most; 4 unless told. 0 shows none. The setting `k` of the stage. */
  readonly k?: number;
  /** The model by whose vectors they are near; by their words (BM25) unless told. */
  readonly model?: Pick<LanguageModel, "embed">;
  /** What is asked; `predict()` unless told. */
  readonly stage?: StageDraft;
}

/**
 * Asks with the nearest examples as demonstrations, the nearest one last, next to the question. An example with the very
 * inputs of the request is not shown: an evaluation on it would be told the answer. Demonstrations that the configuration
 * gives the stage inside win over the nearest. After DSPy's KNNFewShot, which bootstraps them anew for every request: `k`
 * further runs of the program each time; here a request costs one look-up.
 */
export function knnFewShot(options: KnnFewShotOptions): BroughtStage {
  const { examples, k, model, stage: inner = predict() } = options;
  if (!Array.isArray(examples) || examples.length === 0)
    throw new UsageError(`knnFewShot.examples: expected at least one example, got ${describe(examples)}`);
  const nearest = nearestOf(examples, model);
  return broughtStage({
    usualName: "knn_few_shot",
    options,
    configuration: { k },
    settings: ["k"],
    stages: [inner],
    async run(context, stage): Promise<StageResult> {
      const count = countSetting(stage, "k", { usual: k ?? 4, min: 0, max: 100 });
      const { found, usage } = await nearest(requestOf(context, stage), count, stage);
      const defaults = { demos: found.map(demoOf).reverse() as unknown as Json };
      const asked = attemptedStage(stage);
      try {
        const { outputs, history } = await asked.run(context, { defaults });
        return { outputs, history, usage };
      } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new FailedAfterSpending(error, usage);
      }
    },
  });
}

interface Found {
  readonly found: readonly Example[];
  readonly usage: Usage;
}

/** Finds the examples whose inputs are nearest, the nearest first. */
function nearestOf(
  examples: readonly Example[],
  model: Pick<LanguageModel, "embed"> | undefined,
): (request: JsonObject, count: number, stage: StageCall) => Promise<Found> {
  const keys = examples.map(({ inputs }) => canonicalJson(inputs as JsonObject));
  const documents = examples.map(({ inputs }, index): Document => {
    return { id: String(index), text: textOf(inputs as JsonObject) };
  });
  const from: Retriever = model === undefined ? bm25(documents) : embeddingRetriever(documents, model);
  return async (request, count, { signal }) => {
    if (count === 0) return { found: [], usage: noUsage };
    const key = canonicalJson(request);
    const same = keys.filter((each) => each === key).length;
    const retrieved = await from(textOf(request), count + same, { signal });
    const { passages, usage } = "passages" in retrieved ? retrieved : { passages: retrieved, usage: noUsage };
    const places = passages.map((passage) => Number(typeof passage === "string" ? passage : passage.id));
    const found = places.filter((place) => keys[place] !== key).map((place) => examples[place] as Example);
    return { found: found.slice(0, count), usage };
  };
}

/** What of the context the stage takes. */
function requestOf({ inputs, outputs }: Context, { signature }: StageCall): JsonObject {
  const known = { ...inputs, ...outputs };
  const taken = signature.inputs.map(({ name }) => [name, known[name]] as const);
  return Object.fromEntries(taken.filter(([, value]) => value !== undefined)) as JsonObject;
}

function textOf(inputs: JsonObject): string {
  const texts = Object.values(inputs).map((value) => (typeof value === "string" ? value : canonicalJson(value)));
  return texts.join("\n");
}
