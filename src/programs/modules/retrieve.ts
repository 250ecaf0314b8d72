import { describe, isPlainObject, UsageError } from "#foundation";
import { noUsage } from "../language-model.ts";
import type { Context, StageCall, StageResult } from "../module.ts";
import type { Retrieved, Retriever } from "../retrieval/retriever.ts";
import type { Signature } from "../signatures/signature.ts";
import { broughtStage, countSetting } from "./brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "./brought-stage.ts";

export interface RetrieveOptions extends BroughtStageOptions {
  /** Where from: `bm25(documents)`, `embeddingRetriever(documents, model)` or a function of one's own. */
  readonly from: Retriever;
  /** How many passages at most; 3 unless told. The setting `k` of the stage. */
  readonly k?: number;
  /** The input or output that is looked up; the signature's first input unless told. The setting `query`. */
  readonly query?: string;
  /** What the output is called; `"passages"` unless told. The setting `passages`. */
  readonly passages?: string;
}

/**
 * Looks a text up and gives the passages found, as a list of texts. Nothing found is an empty list. For the stage that
 * answers from them, give that one a signature with the passages as an input.
 */
export function retrieve(options: RetrieveOptions): BroughtStage {
  const { from, k, query, passages } = options;
  if (typeof from !== "function")
    throw new UsageError(`retrieve.from: expected a function of a query and a number, got ${describe(from)}`);
  const signature = options.signature ?? (query === undefined ? undefined : lookup(query, passages ?? "passages"));
  return broughtStage({
    usualName: "retrieve",
    options: signature === undefined ? options : { ...options, signature },
    configuration: { k, query, passages },
    settings: ["k", "query", "passages"],
    async run(context, stage): Promise<StageResult> {
      const { signal } = stage;
      const count = countSetting(stage, "k", { usual: k ?? 3, max: 1000 });
      const retrieved = await from(queryOf(context, stage, query), count, { signal });
      const { texts, usage } = readRetrieved(retrieved);
      const name = nameSetting(stage, "passages", passages ?? "passages");
      return { outputs: { [name]: texts.slice(0, count) }, usage };
    },
  });
}

/** What the stage promises to those around it. */
function lookup(query: string, passages: string): Signature {
  return {
    instructions: `Look ${query} up.`,
    inputs: [{ name: query, type: { kind: "string" } }],
    outputs: [{ name: passages, type: { kind: "list", item: { kind: "string" } } }],
  };
}

function queryOf(context: Context, stage: StageCall, told: string | undefined): string {
  const name = nameSetting(stage, "query", told ?? stage.signature.inputs[0]?.name ?? "query");
  const values = Object.hasOwn(context.outputs, name) ? context.outputs : context.inputs;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join("\n");
  throw new Error(`expected a text as ${name}, got ${describe(value)}`);
}

function nameSetting(stage: StageCall, setting: string, usual: string): string {
  const value = stage.setting(setting) ?? usual;
  if (typeof value === "string" && value !== "") return value;
  throw new UsageError(`configuration ${stage.id}.${setting}: expected a name, got ${describe(value)}`);
}

function readRetrieved(retrieved: Retrieved): { texts: string[]; usage: typeof noUsage } {
  const { passages, usage } = isPlainObject(retrieved) ? retrieved : { passages: retrieved, usage: noUsage };
  if (!Array.isArray(passages)) throw new TypeError(`expected a list of passages, got ${describe(passages)}`);
  const texts = passages.map((passage: unknown, index) => {
    const text = isPlainObject(passage) ? passage["text"] : passage;
    if (typeof text === "string") return text;
    throw new TypeError(`passages[${index}]: expected a text or { text }, got ${describe(passage)}`);
  });
  return { texts, usage };
}
