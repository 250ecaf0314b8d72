import { isPlainObject, messageOf, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { ModelError } from "#programs";
import type {
  FinishReason,
  LanguageModel,
  ModelErrorCode,
  ModelReply,
  ModelRequest,
  TokenPrice,
  Usage,
} from "#programs";

/** An endpoint that speaks OpenAI's chat protocol: OpenAI itself, vLLM, Ollama, LM Studio, a gateway. */
export interface Endpoint {
  /** The model's name at the endpoint. */
  readonly id: string;
  /** The base address, as in `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  /** Sent as a bearer token. It never appears in an error. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the cost in `usage.usd`; without it the cost is 0. */
  readonly usdPerMillionTokens?: TokenPrice;
  /**
   * For an endpoint that routes: what its body says so that a request's `provider` is taken first. On OpenRouter
   * `(provider) => ({ provider: { order: [provider] } })`. Without it the provider is not sent, since endpoints refuse
   * fields that they do not know, and the reply warns of it.
   */
  readonly providerFields?: (provider: string) => JsonObject;
  /** How long one call may take; 60,000 unless told. */
  readonly timeoutMs?: number;
  /** For tests and proxies; the global one unless told. */
  readonly fetch?: typeof globalThis.fetch;
}

export function isEndpoint(value: unknown): value is Endpoint {
  return isPlainObject(value) && typeof value["id"] === "string" && typeof value["url"] === "string";
}

/** A model behind an OpenAI-compatible endpoint. One HTTP call per `generate`: retries belong to the caller. */
export function openAiCompatible(endpoint: Endpoint): LanguageModel {
  const { id, url, timeoutMs = 60_000, fetch = globalThis.fetch } = endpoint;
  if (!URL.canParse(url))
    throw new UsageError(`model ${id}: expected a URL like http://127.0.0.1:11434/v1, got "${url}"`);
  const address = `${url.replace(/\/+$/, "")}/chat/completions`;
  return {
    id,
    ...(endpoint.usdPerMillionTokens === undefined ? {} : { usdPerMillionTokens: endpoint.usdPerMillionTokens }),
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      const init = {
        method: "POST",
        headers: headersOf(endpoint),
        body: JSON.stringify(bodyOf(endpoint, request)),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      };
      try {
        const response = await fetch(address, init);
        const text = await response.text();
        if (!response.ok) throw statusError(endpoint, response, text);
        return { ...readCompletion(endpoint, text), ...warningsOf(endpoint, request) };
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason;
        if (thrown instanceof ModelError) throw thrown;
        if (timeout.aborted)
          throw new ModelError("timeout", `${id}: no answer from ${new URL(url).origin} within ${timeoutMs} ms`, {
            retryable: true,
            cause: thrown,
          });
        const reason = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
        const message = `${id}: no answer from ${new URL(url).origin}: ${redact(endpoint, messageOf(reason))}`;
        throw new ModelError("unavailable", message, { retryable: true, cause: thrown });
      }
    },
  };
}

function headersOf({ apiKey, headers }: Endpoint): Record<string, string> {
  const authorization = apiKey === undefined ? undefined : { authorization: `Bearer ${apiKey}` };
  return { "content-type": "application/json", ...authorization, ...headers };
}

function bodyOf({ id, providerFields }: Endpoint, request: ModelRequest): JsonObject {
  const { messages, responseFormat, stop, provider } = request;
  return {
    ...(provider === undefined ? undefined : providerFields?.(provider)),
    model: id,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature: request.temperature,
    top_p: request.topP,
    max_tokens: request.maxTokens,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    stop,
    response_format: responseFormat && {
      type: "json_schema",
      json_schema: { name: responseFormat.name, schema: responseFormat.schema },
    },
  };
}

function warningsOf({ providerFields }: Endpoint, { provider }: ModelRequest): Pick<ModelReply, "warnings"> {
  if (provider === undefined || providerFields !== undefined) return {};
  return { warnings: [`provider was ignored: the endpoint is not known to route to ${provider}`] };
}

function readCompletion(endpoint: Endpoint, text: string): ModelReply {
  const body = parse(text);
  const choice = at(at(body, "choices"), "0");
  const message = at(choice, "message");
  // A model that spent all its tokens on reasoning answers with no content: an empty answer, not a broken one.
  const content = at(message, "content") === null ? "" : at(message, "content");
  if (typeof content !== "string")
    throw new ModelError(
      "bad_response",
      `${endpoint.id}: the endpoint answered with no completion: ${excerpt(endpoint, text)}`,
    );
  return {
    text: content,
    finishReason: readFinishReason(at(choice, "finish_reason")),
    usage: readUsage(endpoint, at(body, "usage")),
  };
}

function readUsage({ usdPerMillionTokens: price }: Endpoint, usage: unknown): Usage {
  const count = (name: string): number => {
    const value = at(usage, name);
    return typeof value === "number" && value >= 0 ? value : 0;
  };
  const inputTokens = count("prompt_tokens");
  const outputTokens = count("completion_tokens");
  const usd = price === undefined ? 0 : (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
  return { calls: 1, inputTokens, outputTokens, usd };
}

const finishReasons: ReadonlySet<unknown> = new Set<FinishReason>(["stop", "length", "content_filter", "tool_calls"]);

function readFinishReason(reason: unknown): FinishReason {
  return finishReasons.has(reason) ? (reason as FinishReason) : "other";
}

function statusError(endpoint: Endpoint, response: Response, text: string): ModelError {
  const { status } = response;
  const detail = at(at(parse(text), "error"), "message");
  const said = typeof detail === "string" ? redact(endpoint, detail) : excerpt(endpoint, text);
  const seconds = Number(response.headers.get("retry-after") ?? "");
  return new ModelError(statusCode(status, at(at(parse(text), "error"), "code")), `${endpoint.id}: ${status} ${said}`, {
    retryable: status === 408 || status === 429 || status >= 500,
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  });
}

function statusCode(status: number, code: unknown): ModelErrorCode {
  if (code === "context_length_exceeded") return "context_length";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "unknown_model";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limited";
  // Only these are about the request; anything else (no money left, a conflict, a lock) is about the endpoint.
  return status === 400 || status === 413 || status === 422 ? "invalid_request" : "unavailable";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function at(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function excerpt(endpoint: Endpoint, text: string): string {
  const safe = redact(endpoint, text);
  return safe.length > 200 ? `${safe.slice(0, 197)}…` : safe;
}

/** The text without the key, which some endpoints repeat in their errors. */
function redact({ apiKey }: Endpoint, text: string): string {
  return apiKey === undefined || apiKey === "" ? text : text.replaceAll(apiKey, "[key]");
}
