import { systemClock, UsageError } from "#foundation";
import type { Clock } from "#foundation";
import type { LanguageModel } from "#programs";
import { Defect } from "./body-field.ts";
import { callerOf, isForeignPage } from "./caller.ts";
import { complete } from "./completions.ts";
import { embed } from "./embeddings.ts";
import { faultSource } from "./faults.ts";
import type { Faults } from "./faults.ts";
import { refusalOf, refuse } from "./openai-error.ts";
import type { Refusal } from "./openai-error.ts";
import { rateLimit } from "./rate-limit.ts";
import type { Rates } from "./rate-limit.ts";
import { runLedger } from "./run-ledger.ts";
import type { RunBudget, RunLedger } from "./run-ledger.ts";
import type { LoggedCall, ServerState } from "./served-call.ts";
import { unknownModel } from "./served-model.ts";
import type { ServedModel } from "./served-model.ts";

export interface ModelServerOptions {
  readonly models: readonly (LanguageModel | ServedModel)[];
  /** Wanted as a bearer token by everything but `/healthz`; without one any key will do. */
  readonly token?: string;
  readonly limits?: ServerLimits;
  /** Faults on purpose, off unless told. */
  readonly faults?: Faults;
  /** An artificial delay of every answer, said so in the header `x-tutti-simulated-delay-ms`; 0 unless told. */
  readonly delayMs?: number;
  readonly log?: (call: LoggedCall) => void;
  readonly clock?: Clock;
}

export interface ServerLimits extends Rates {
  /** The longest body; 4,000,000 bytes unless told. A longer one is answered with 413. */
  readonly maxBodyBytes?: number;
  /** What each run may spend in all; beyond it calls are answered with 402 `insufficient_budget`. */
  readonly run?: RunBudget;
}

/** Answers HTTP requests: what `fetch`-shaped servers call. It never rejects. */
export type ModelServer = (request: Request) => Promise<Response>;

/**
 * OpenAI's endpoints over models: `/v1/chat/completions`, `/v1/completions`, `/v1/embeddings`, `/v1/models`, and of
 * its own `/v1/usage?run=` and `/healthz`. It opens no port; whoever serves it does. Throws `UsageError` without a model
 * and for two of one name.
 */
export function modelServer(options: ModelServerOptions): ModelServer {
  const { clock = systemClock, limits = {}, faults = {} } = options;
  const server: ServerState = {
    token: options.token,
    delayMs: options.delayMs ?? 0,
    log: options.log,
    clock,
    faults,
    served: servedModels(options.models),
    ledger: runLedger(limits.run ?? {}),
    rates: rateLimit(limits, clock),
    drawFault: faultSource(faults),
    maxBodyBytes: limits.maxBodyBytes ?? 4_000_000,
    startedAt: clock.now(),
    count: 0,
  };
  return async (request) => {
    try {
      return await route(server, request);
    } catch (thrown) {
      return refuse(thrown instanceof Defect ? thrown.refusal : refusalOf(thrown));
    }
  };
}

function servedModels(models: ModelServerOptions["models"]): ReadonlyMap<string, ServedModel> {
  const served = models.map((one) => ("model" in one ? one : { model: one }));
  const byName = new Map(served.map((one) => [one.model.id, one]));
  if (served.length === 0) throw new UsageError("modelServer: expected at least one model");
  if (byName.size < served.length) throw new UsageError("modelServer: two models have the same id");
  return byName;
}

type Endpoint = (server: ServerState, request: Request, run: string) => Promise<Response> | Response;

const endpoints: Readonly<Record<string, Endpoint>> = {
  "GET /v1/models": ({ served, startedAt }) => {
    const data = [...served].map(([id, one]) => modelBody(id, one, startedAt));
    return Response.json({ object: "list", data });
  },
  "GET /v1/usage": ({ ledger }, { url }, run) => usageResponse(ledger, new URL(url).searchParams.get("run") ?? run),
  "POST /v1/chat/completions": (server, request, run) => complete(server, request, { kind: "chat", run }),
  "POST /v1/completions": (server, request, run) => complete(server, request, { kind: "text", run }),
  "POST /v1/embeddings": embed,
};

async function route(server: ServerState, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/\/+$/, "");
  if (path === "/healthz") return Response.json({ ok: true });
  const { run, allowed } = callerOf(request, server.token);
  if (!allowed) return refuse(unauthorized);
  if (isForeignPage(request, server.token)) return refuse(foreign);
  const endpoint = endpoints[`${request.method} ${path}`];
  if (endpoint !== undefined) return endpoint(server, request, run);
  const named = request.method === "GET" ? /^\/v1\/models\/(.+)$/.exec(path)?.[1] : undefined;
  if (named !== undefined) return oneModel(server, decoded(named));
  const isKnown = Object.keys(endpoints).some((known) => known.endsWith(` ${path}`));
  const message = `there is no ${request.method} ${path}`;
  return refuse({ status: isKnown ? 405 : 404, type: "invalid_request_error", code: "unknown_url", message });
}

/** What is no encoding of a name stands for itself. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const unauthorized: Refusal = {
  status: 401,
  type: "invalid_request_error",
  code: "invalid_api_key",
  message: "the server wants its token as a bearer token",
  headers: { "www-authenticate": "Bearer" },
};

const foreign: Refusal = {
  status: 403,
  type: "invalid_request_error",
  code: "foreign_origin",
  message: "web pages from elsewhere are served only where a token is wanted",
};

function modelBody(id: string, { card }: ServedModel, startedAt: number): Record<string, unknown> {
  const created = Math.floor(startedAt / 1000);
  return { id, object: "model", created, owned_by: "tutti", ...(card === undefined ? {} : { card }) };
}

function oneModel({ served, startedAt }: ServerState, name: string): Response {
  const found = served.get(name);
  return found === undefined ? refuse(unknownModel(name, served)) : Response.json(modelBody(name, found, startedAt));
}

function usageResponse(ledger: RunLedger, run: string): Response {
  const { calls, inputTokens, outputTokens, units } = ledger.usageOf(run);
  const tokens = {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
  return Response.json({ object: "usage", run, calls, ...tokens, units });
}
