import { UsageError } from "#foundation";
import type { LanguageModel } from "#programs";
import { aiSdkModel, isAiSdkModel } from "./ai-sdk.ts";
import { lazyModel } from "./lazy-model.ts";
import { openAiCompatible } from "./openai-compatible.ts";
import { providerPackage } from "./provider-package.ts";

export interface NamedModelOptions {
  /** The project whose packages `@ai-sdk/<provider>` may be taken; the working directory unless told. */
  readonly directory?: string;
}

/** A name in its parts: `openai/gpt-5-mini` and `openai:gpt-5-mini` are the same. */
interface Named {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly directory: string;
}

/** A way to a model: the model, or `undefined` where it does not lead to one. */
type Route = (named: Named) => LanguageModel | undefined;

const routes: readonly Route[] = [offline, defaultProvider, installedProvider, openAiBaseUrl, openAi, gateway];

/**
 * The model that a name `provider/model` means here. In this order: `icl/…` and `mock/…`, which never leave the
 * process; the AI SDK's `globalThis.AI_SDK_DEFAULT_PROVIDER`; the package `@ai-sdk/<provider>` if the project has it;
 * the endpoint at `OPENAI_BASE_URL`; OpenAI, with `OPENAI_API_KEY`; Vercel's gateway, with `AI_GATEWAY_API_KEY`. The
 * way is chosen at once, and `UsageError` thrown where none leads to a model; what it needs is loaded by the first call.
 */
export function namedModel(name: string, { directory = process.cwd() }: NamedModelOptions = {}): LanguageModel {
  const [provider = "", model = ""] = /^([^/:]+)[/:](.+)$/s.exec(name)?.slice(1) ?? [name, ""];
  for (const route of routes) {
    const found = route({ name, provider, model, directory });
    if (found !== undefined) return { ...found, id: name };
  }
  throw new UsageError(`model "${name}" cannot be reached by its name`, [
    'name a model as "<provider>/<model>", as in "openai/gpt-5-mini"; "icl/base" and "mock/echo" need no network',
    `install @ai-sdk/${/^[\w-]+$/.test(provider) ? provider : "<provider>"} in ${directory}, or set globalThis.AI_SDK_DEFAULT_PROVIDER`,
    'or set OPENAI_BASE_URL to an OpenAI-compatible endpoint; for "openai/<model>" OPENAI_API_KEY; for a gateway AI_GATEWAY_API_KEY',
    "or pass { id, url, apiKey } of an OpenAI-compatible endpoint",
    "or pass a model object of the AI SDK, or a function from the request to a text",
  ]);
}

function offline({ name, provider, model }: Named): LanguageModel | undefined {
  const free = { usdPerMillionTokens: { input: 0, output: 0 } };
  const mock = async (): Promise<LanguageModel> => (await import("./mock-model.ts")).mockModel(name);
  if (provider === "mock") return lazyModel(name, mock, free);
  if (provider !== "icl") return undefined;
  const tier = model === "" ? "base" : model;
  if (tier !== "base" && tier !== "small")
    throw new UsageError(`model "${name}": the offline model is "icl/base" or "icl/small"`);
  return lazyModel(name, async () => (await import("./icl/index.ts")).iclModel({ tier }), free);
}

function defaultProvider({ name, provider, model }: Named): LanguageModel | undefined {
  const set: unknown = Reflect.get(globalThis, "AI_SDK_DEFAULT_PROVIDER");
  if (typeof set !== "object" && typeof set !== "function") return undefined;
  // A registry knows one of the separators.
  const names = model === "" ? [name] : [name, `${provider}/${model}`, `${provider}:${model}`];
  for (const one of new Set(names)) {
    const found = modelOf(set, one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The provider's model of that name; it throws for what it does not have. */
function modelOf(provider: unknown, id: string): LanguageModel | undefined {
  try {
    const found: unknown = (provider as { languageModel(id: string): unknown }).languageModel(id);
    return isAiSdkModel(found) ? aiSdkModel(found) : undefined;
  } catch {
    return undefined;
  }
}

function installedProvider({ name, provider, model, directory }: Named): LanguageModel | undefined {
  if (model === "") return undefined;
  const load = providerPackage(provider, directory);
  return load === undefined ? undefined : lazyModel(name, async () => aiSdkModel(...(await load(model))));
}

function openAiBaseUrl({ name, provider, model }: Named): LanguageModel | undefined {
  const url = variable("OPENAI_BASE_URL");
  if (url === undefined || (provider === "openai" && model === "") || name.trim() === "") return undefined;
  return endpointAt(url, provider === "openai" ? model : name, "OPENAI_API_KEY");
}

function openAi({ provider, model }: Named): LanguageModel | undefined {
  if (provider !== "openai" || model === "" || variable("OPENAI_API_KEY") === undefined) return undefined;
  return endpointAt("https://api.openai.com/v1", model, "OPENAI_API_KEY");
}

/** https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions */
function gateway({ provider, model }: Named): LanguageModel | undefined {
  if (model === "" || variable("AI_GATEWAY_API_KEY") === undefined) return undefined;
  return endpointAt("https://ai-gateway.vercel.sh/v1", `${provider}/${model}`, "AI_GATEWAY_API_KEY");
}

function endpointAt(url: string, id: string, keyVariable: string): LanguageModel {
  const apiKey = variable(keyVariable);
  return openAiCompatible({ id, url, ...(apiKey === undefined ? {} : { apiKey }) });
}

function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
