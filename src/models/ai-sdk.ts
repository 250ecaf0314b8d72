import { messageOf } from "#foundation";
import { ModelError } from "#programs";
import type { FinishReason, LanguageModel, Message, ModelErrorCode, ModelReply, ModelRequest, Usage } from "#programs";

/**
 * A model object of the AI SDK (specification V2, V3 or V4), by shape: tutti does not depend on the SDK. Only the
 * call is described; what comes back is read defensively, because the specification grows within a version.
 */
export interface AiSdkModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  // The SDK's own option types differ between the versions; what we pass is the part that all three share.
  // oxlint-disable-next-line typescript/no-explicit-any
  doGenerate(options: any): PromiseLike<unknown>;
}

export function isAiSdkModel(value: unknown): value is AiSdkModel {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "specificationVersion") === "string" &&
    typeof Reflect.get(value, "doGenerate") === "function"
  );
}

/** The model called through `doGenerate` directly: no retries, no repair and no logging of the SDK's own. */
export function aiSdkModel(model: AiSdkModel): LanguageModel {
  const id = `${model.provider}/${model.modelId}`;
  return {
    id,
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      try {
        const result = await model.doGenerate({ ...callOptions(request, signal), ...routing(model, request) });
        return readResult(result, id, unheededOf(model, request));
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason;
        throw modelError(thrown, id);
      }
    },
  };
}

function callOptions(request: ModelRequest, abortSignal: AbortSignal | undefined): Record<string, unknown> {
  const { messages, maxTokens, stop, responseFormat, temperature, topP, seed, presencePenalty, frequencyPenalty } =
    request;
  const options = {
    prompt: messages.map(promptMessage),
    temperature,
    topP,
    seed,
    presencePenalty,
    frequencyPenalty,
    maxOutputTokens: maxTokens,
    stopSequences: stop,
    responseFormat,
    abortSignal,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

// The one provider of the SDK itself that routes: its options name the providers to try, in order.
function routing({ provider: own }: AiSdkModel, { provider }: ModelRequest): Record<string, unknown> {
  return own === "gateway" && provider !== undefined ? { providerOptions: { gateway: { order: [provider] } } } : {};
}

/** What of the request a model that does not route cannot do. Its provider is called like `openai.chat`. */
function unheededOf({ provider: own }: AiSdkModel, { provider }: ModelRequest): readonly string[] {
  if (provider === undefined || own === "gateway" || own.split(".")[0] === provider) return [];
  return [`provider was ignored: the model is ${own}'s own`];
}

function promptMessage({ role, content }: Message): unknown {
  return role === "system" ? { role, content } : { role, content: [{ type: "text", text: content }] };
}

function readResult(result: unknown, id: string, unheeded: readonly string[]): ModelReply {
  const parts = field(result, "content");
  if (!Array.isArray(parts)) throw new ModelError("bad_response", `${id}: the answer has no content`);
  const structured = field(result, "structuredOutputText");
  const text = parts.map((part: unknown) => (field(part, "type") === "text" ? String(field(part, "text")) : ""));
  const finish = field(result, "finishReason");
  const told = field(result, "warnings");
  const warnings = [...unheeded, ...(Array.isArray(told) ? told.map(warningText) : [])];
  return {
    text: typeof structured === "string" ? structured : text.join(""),
    finishReason: readFinishReason(typeof finish === "string" ? finish : field(finish, "unified")),
    usage: readUsage(field(result, "usage")),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

// V2 reports numbers, V3 and V4 objects with a total; each may be missing.
function readUsage(usage: unknown): Usage {
  const count = (name: string): number => {
    const value = field(usage, name);
    const total = typeof value === "object" ? field(value, "total") : value;
    return typeof total === "number" && total >= 0 ? total : 0;
  };
  return { calls: 1, inputTokens: count("inputTokens"), outputTokens: count("outputTokens"), usd: 0 };
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  "tool-calls": "tool_calls",
  error: "error",
};

function readFinishReason(reason: unknown): FinishReason {
  return (typeof reason === "string" ? finishReasons[reason] : undefined) ?? "other";
}

function warningText(warning: unknown): string {
  const parts = ["type", "feature", "setting", "message", "details"].map((name) => field(warning, name));
  return parts.filter((part) => typeof part === "string").join(": ");
}

function modelError(thrown: unknown, id: string): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const status = field(thrown, "statusCode");
  const retryable = field(thrown, "isRetryable") === true;
  const seconds = Number(field(field(thrown, "responseHeaders"), "retry-after"));
  return new ModelError(errorCode(thrown, status, retryable), `${id}: ${messageOf(thrown)}`, {
    retryable: retryable || field(thrown, "name") === "TimeoutError",
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
    cause: thrown,
  });
}

function errorCode(thrown: unknown, status: unknown, retryable: boolean): ModelErrorCode {
  if (field(thrown, "name") === "TimeoutError") return "timeout";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "unknown_model";
  if (status === 429) return "rate_limited";
  if (status === 400 || status === 413 || status === 422) return "invalid_request";
  return retryable || typeof status === "number" ? "unavailable" : "engine";
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
