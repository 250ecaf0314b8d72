import { messageOf, UsageError } from "#foundation";
import { ModelError } from "#programs";
import type { ModelErrorCode } from "#programs";

/** What is told to a client whose request is not served, in the shape that OpenAI's clients read. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
  /** The field of the body that is wrong. */
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A body that cannot be served as it is. */
export function invalid(param: string, message: string, code: string | null = null): Refusal {
  return { status: 400, message, type: "invalid_request_error", code, param };
}

export function refusalBody({ message, type, code, param }: Refusal): string {
  return JSON.stringify({ error: { message, type, param: param ?? null, code } });
}

export function refuse(refusal: Refusal): Response {
  const headers = { "content-type": "application/json; charset=utf-8", ...refusal.headers };
  return new Response(refusalBody(refusal), { status: refusal.status, headers });
}

export function rateLimited(message: string, retryAfterMs: number): Refusal {
  const headers = {
    "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))),
    "retry-after-ms": String(Math.max(1, Math.ceil(retryAfterMs))),
  };
  return { status: 429, message, type: "rate_limit_error", code: "rate_limit_exceeded", headers };
}

type Kind = Pick<Refusal, "status" | "type" | "code">;

const kinds: Readonly<Record<ModelErrorCode, Kind>> = {
  rate_limited: { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  unavailable: { status: 503, type: "server_error", code: "unavailable" },
  timeout: { status: 504, type: "server_error", code: "timeout" },
  unauthorized: { status: 502, type: "server_error", code: "upstream_unauthorized" },
  unknown_model: { status: 404, type: "invalid_request_error", code: "model_not_found" },
  invalid_request: { status: 400, type: "invalid_request_error", code: null },
  context_length: { status: 400, type: "invalid_request_error", code: "context_length_exceeded" },
  bad_response: { status: 502, type: "server_error", code: "bad_response" },
  budget_exhausted: { status: 402, type: "insufficient_budget", code: "insufficient_budget" },
  engine: { status: 500, type: "server_error", code: "engine" },
};

/** What a model rejected with, as a refusal. What is no error of a model tells nothing of its inside. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof UsageError) return invalid("", thrown.message);
  if (!(thrown instanceof ModelError))
    return { status: 500, type: "server_error", code: "internal_error", message: "the model failed" };
  const refusal = { ...kinds[thrown.code], message: messageOf(thrown) };
  if (thrown.code !== "rate_limited") return refusal;
  return { ...rateLimited(refusal.message, thrown.retryAfterMs ?? 1000) };
}
