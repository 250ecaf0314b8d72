import { messageOf } from "#foundation";
import { ModelError } from "#programs";
import type { ModelErrorCode } from "#programs";
import { at } from "../json-value.ts";
import { retryAfterMs } from "../retry-after.ts";
import { redaction, safeCause } from "../redaction.ts";

/** What a call of the SDK threw, or put into its stream. The original holds the request and its headers: it goes. */
export function modelError(thrown: unknown, id: string): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const redact = redaction();
  const status = at(thrown, "statusCode");
  const retryable = at(thrown, "isRetryable") === true;
  const isTimeout = at(thrown, "name") === "TimeoutError";
  return new ModelError(errorCode(thrown, status, retryable), `${id}: ${redact(messageOf(thrown))}`, {
    retryable: retryable || isTimeout,
    retryAfterMs: retryAfterMs((name) => headerOf(at(thrown, "responseHeaders"), name)),
    cause: safeCause(thrown, redact),
  });
}

/** An `error` part, with which a stream ends as good as cut: whatever `finish` says after it. */
export function streamError(error: unknown, id: string): ModelError {
  const told = typeof error === "string" ? new Error(error) : error;
  const failure = modelError(told, id);
  if (failure.code !== "engine") return failure;
  const { message, cause } = failure;
  return new ModelError("unavailable", message, { retryable: true, cause });
}

function headerOf(headers: unknown, name: string): string | undefined {
  const value = at(headers, name);
  return typeof value === "string" ? value : undefined;
}

function errorCode(thrown: unknown, status: unknown, retryable: boolean): ModelErrorCode {
  if (at(thrown, "name") === "TimeoutError") return "timeout";
  if (at(thrown, "name") === "AI_LoadAPIKeyError") return "unauthorized";
  const body = at(thrown, "responseBody");
  if (typeof body === "string" && body.includes('"context_length_exceeded"')) return "context_length";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "unknown_model";
  if (status === 429) return "rate_limited";
  if (status === 400 || status === 413 || status === 422) return "invalid_request";
  return retryable || typeof status === "number" ? "unavailable" : "engine";
}
