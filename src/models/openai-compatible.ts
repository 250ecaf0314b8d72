import { isPlainObject, present, UsageError } from "#foundation";
import type { LanguageModel } from "#programs";
import type { Endpoint } from "./openai/endpoint.ts";
import type { EndpointCalls } from "./openai/endpoint-calls.ts";

export function isEndpoint(value: unknown): value is Endpoint {
  return isPlainObject(value) && typeof value["id"] === "string" && typeof value["url"] === "string";
}

/**
 * A model behind an OpenAI-compatible endpoint. One HTTP call per verb: retries belong to the caller. What speaks the
 * protocol is loaded by the first call.
 */
export function openAiCompatible(endpoint: Endpoint): LanguageModel {
  const { id, url, usdPerMillionTokens, supports } = endpoint;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new UsageError(`model ${id}: expected a URL like http://127.0.0.1:11434/v1, got "${withoutSecrets(url)}"`);
  let loaded: Promise<EndpointCalls> | undefined;
  const calls = (): Promise<EndpointCalls> =>
    (loaded ??= import("./openai/endpoint-calls.ts").then(({ endpointCalls }) => endpointCalls(endpoint)));
  return {
    id,
    ...present({ usdPerMillionTokens, supports }),
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      return (await calls()).generate(request, signal);
    },
    async *stream(request, { signal } = {}) {
      signal?.throwIfAborted();
      yield* (await calls()).stream(request, signal);
    },
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      return (await calls()).embed(texts, signal);
    },
  };
}

function withoutSecrets(url: string): string {
  return url.replace(/\?.*/s, "?…").replace(/\/\/[^/@]*@/, "//…@");
}
