import { describe, messageOf, UsageError } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type { LanguageModel, ModelCallOptions, ModelReply, ModelRequest } from "#programs";
import { aiSdkModel, isAiSdkModel } from "./ai-sdk.ts";
import type { AiSdkModel } from "./ai-sdk.ts";
import { isEndpoint, openAiCompatible } from "./openai-compatible.ts";
import type { Endpoint } from "./openai-compatible.ts";

/** A plain function as a model: the request in, the answer's text or a whole reply out. */
export type ModelFunction = (
  request: ModelRequest,
  options: ModelCallOptions,
) => string | ModelReply | Promise<string | ModelReply>;

/** Everything that is accepted where a model is wanted. A text is `"openai/gpt-5-mini"`. */
export type ModelLike = LanguageModel | AiSdkModel | Endpoint | ModelFunction | string;

const known = new WeakMap<object, LanguageModel>();

/**
 * The model that is meant. The same object gives the same model again. Throws `UsageError` for anything else, and for
 * a name whose endpoint the environment does not tell.
 */
export function languageModelFrom(like: ModelLike): LanguageModel {
  if (typeof like === "string") return namedModel(like);
  if ((typeof like !== "object" && typeof like !== "function") || like === null) throw unknownModel(like);
  if (isLanguageModel(like)) return like;
  let model = known.get(like);
  if (model === undefined) known.set(like, (model = modelOf(like)));
  return model;
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

/** `openai/<model>` at `OPENAI_BASE_URL` or OpenAI itself, with `OPENAI_API_KEY`. */
function namedModel(name: string): LanguageModel {
  const [provider, ...rest] = name.split("/");
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: url = "https://api.openai.com/v1" } = process.env;
  if (provider === "openai" && rest.length > 0 && apiKey !== undefined)
    return { ...openAiCompatible({ id: rest.join("/"), url, apiKey }), id: name };
  throw new UsageError(`model "${name}" cannot be reached by its name`, [
    'name an OpenAI model, "openai/<model>", and set OPENAI_API_KEY (and OPENAI_BASE_URL for another endpoint)',
    "or pass { id, url, apiKey } of an OpenAI-compatible endpoint",
    "or pass a model object of the AI SDK, or a function from the request to a text",
  ]);
}

function unknownModel(value: unknown): UsageError {
  const expected = "a LanguageModel, an AI SDK model, { id, url, apiKey }, a function or a name";
  return new UsageError(`model: expected ${expected}, got ${describe(value)}`);
}
