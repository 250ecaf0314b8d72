import type { Clock } from "#foundation";
import { ModelError } from "#programs";
import type { ModelErrorCode } from "#programs";
import { at, parsed } from "../json-value.ts";
import { retryAfterMs } from "../retry-after.ts";

export interface FailureContext {
  readonly id: string;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
}

/** What a status other than 2xx means. */
export function statusFailure(response: Response, text: string, { id, clock, redact }: FailureContext): ModelError {
  const { status, headers } = response;
  const error = at(parsed(text), "error");
  const detail = at(error, "message");
  const location = status >= 300 && status < 400 ? `a redirect to ${headers.get("location") ?? "nowhere"}` : undefined;
  const said = location ?? (typeof detail === "string" ? detail : excerpt(text, redact));
  return new ModelError(codeOf(status, at(error, "code")), `${id}: ${status} ${redact(said)}`, {
    retryable: mayRecover(status),
    retryAfterMs: retryAfterMs((name) => headers.get(name), clock),
  });
}

/** What an `error` in the body of a 200 means, or in the middle of a stream: the status came too early to tell. */
export function saidFailure(error: unknown, { id, redact }: Pick<FailureContext, "id" | "redact">): ModelError {
  const detail = at(error, "message");
  const said = typeof detail === "string" ? detail : excerpt(JSON.stringify(error) ?? "", redact);
  const code = Number(at(error, "code") ?? at(error, "status"));
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : 500;
  return new ModelError(codeOf(status, at(error, "code")), `${id}: ${redact(said)}`, { retryable: mayRecover(status) });
}

/** The beginning of a text, made safe before it is cut, so that no key shows in part. */
export function excerpt(text: string, redact: (text: string) => string): string {
  const safe = redact(text);
  return safe.length > 200 ? `${safe.slice(0, 197)}…` : safe;
}

function mayRecover(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function codeOf(status: number, code: unknown): ModelErrorCode {
  if (code === "context_length_exceeded") return "context_length";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "unknown_model";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limited";
  // Only these are about the request; anything else (no money left, a conflict, a lock) is about the endpoint.
  return status === 400 || status === 413 || status === 422 ? "invalid_request" : "unavailable";
}
