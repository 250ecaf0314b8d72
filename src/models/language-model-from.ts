import { describe, messageOf, UsageError } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type { LanguageModel, ModelCallOptions, ModelReply, ModelRequest } from "#programs";
import { aiSdkModel, isAiSdkModel } from "./ai-sdk.ts";
import type { AiSdkModel } from "./ai-sdk/ai-sdk-model.ts";
import { namedModel } from "./named-model.ts";
import type { NamedModelOptions } from "./named-model.ts";
import { isEndpoint, openAiCompatible } from "./openai-compatible.ts";
import type { Endpoint } from "./openai/endpoint.ts";

/** A plain function as a model: the request in, the answer's text or a whole reply out. */
export type ModelFunction = (
  request: ModelRequest,
  options: ModelCallOptions,
) => string | ModelReply | Promise<string | ModelReply>;

/** Everything that is accepted where a model is wanted. A text is `"openai/gpt-5-mini"`. */
export type ModelLike = LanguageModel | AiSdkModel | Endpoint | ModelFunction | string;

const known = new WeakMap<object, LanguageModel>();

export interface LanguageModelFromOptions extends NamedModelOptions {
  /** Names that you give to models of your own, read before any other meaning of a name. */
  readonly names?: Readonly<Record<string, ModelLike>>;
}

/**
 * The model that is meant. The same object gives the same model again. A name is one of your `names`, else what
 * `namedModel` finds: icl and mock, the AI SDK's default provider, an installed package of it, an endpoint that the
 * environment tells. Throws `UsageError` for anything else, and for a name that leads nowhere.
 */
export function languageModelFrom(like: ModelLike, options: LanguageModelFromOptions = {}): LanguageModel {
  if (typeof like === "string") return modelByName(like, options);
  if ((typeof like !== "object" && typeof like !== "function") || like === null) throw unknownModel(like);
  if (isLanguageModel(like)) return like;
  let model = known.get(like);
  if (model === undefined) known.set(like, (model = modelOf(like)));
  return model;
}

function modelByName(name: string, { names = {}, ...rest }: LanguageModelFromOptions): LanguageModel {
  const own = Object.hasOwn(names, name) ? names[name] : undefined;
  if (own === undefined) return namedModel(name, rest);
  // A name may stand for another one, but not for itself.
  const { [name]: _, ...others } = names;
  return languageModelFrom(own, { ...rest, names: others });
}

function modelOf(like: AiSdkModel | Endpoint | ModelFunction): LanguageModel {
  if (typeof like === "function") return functionModel(like);
  if (isAiSdkModel(like)) return aiSdkModel(like);
  if (isEndpoint(like)) return openAiCompatible(like);
  throw unknownModel(like);
}

function isLanguageModel(value: object): value is LanguageModel {
  return typeof Reflect.get(value, "id") === "string" && typeof Reflect.get(value, "generate") === "function";
}

function functionModel(call: ModelFunction): LanguageModel {
  const id = call.name === "" ? "function" : call.name;
  return {
    id,
    async generate(request, options = {}) {
      options.signal?.throwIfAborted();
      const reply = await answer(call, id, request, options);
      return typeof reply === "string" ? { text: reply, finishReason: "stop", usage: { ...noUsage, calls: 1 } } : reply;
    },
  };
}

async function answer(
  call: ModelFunction,
  id: string,
  request: ModelRequest,
  options: ModelCallOptions,
): Promise<string | ModelReply> {
  try {
    return await call(request, options);
  } catch (thrown) {
    if (options.signal?.aborted === true || thrown instanceof ModelError) throw thrown;
    throw new ModelError("engine", `${id}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function unknownModel(value: unknown): UsageError {
  const expected = "a LanguageModel, an AI SDK model, { id, url, apiKey }, a function or a name";
  return new UsageError(`model: expected ${expected}, got ${describe(value)}`);
}
