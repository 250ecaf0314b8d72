import { seededRng, UsageError } from "#foundation";
import type { Clock } from "#foundation";
import { rateLimited, refuse } from "./openai-error.ts";

/** What can be made to go wrong on purpose, to try clients out. */
export type FaultKind = "error" | "rate_limit" | "timeout" | "slow" | "cut" | "reset";

/** How often each happens (0 to 1, together at most 1). All simulated, none happens unless told. */
export interface Faults extends Partial<Readonly<Record<FaultKind, number>>> {
  /** Equal seeds hit the same requests in their order of arrival (0). */
  readonly seed?: number;
  /** How long a slow answer is held back (2,000). */
  readonly slowMs?: number;
}

/** The faults that there are. */
export const faultKinds: readonly FaultKind[] = ["error", "rate_limit", "timeout", "slow", "cut", "reset"];

/** Draws the fault of each request as it comes. */
export function faultSource(faults: Faults): () => FaultKind | undefined {
  const shares = faultKinds.map((kind) => ({ kind, share: faults[kind] ?? 0 }));
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  if (shares.some(({ share }) => !(share >= 0 && share <= 1)) || total > 1)
    throw new UsageError(`faults: expected shares from 0 to 1, together at most 1, got ${JSON.stringify(faults)}`);
  const rng = seededRng(`faults ${faults.seed ?? 0}`);
  return () => {
    let left = rng.next();
    for (const { kind, share } of shares) {
      left -= share;
      if (left < 0) return kind;
    }
    return undefined;
  };
}

const retryAfterMs = 1000;

/** The response that a fault puts in the place of the answer; `undefined` when the answer is still made. */
export async function faultyResponse(
  kind: FaultKind | undefined,
  { slowMs = 2000 }: Faults,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Response | undefined> {
  if (kind === "error")
    return refuse({
      status: 500,
      type: "server_error",
      code: "simulated_fault",
      message: "simulated fault: error",
      headers: marked(kind),
    });
  if (kind === "rate_limit") {
    const refusal = rateLimited("simulated fault: rate_limit", retryAfterMs);
    return refuse({ ...refusal, headers: { ...refusal.headers, ...marked(kind) } });
  }
  if (kind === "timeout") {
    await untilAborted(signal);
    return refuse({ status: 504, type: "server_error", code: "simulated_fault", message: "simulated fault: timeout" });
  }
  if (kind === "slow") await clock.sleep(slowMs, { signal });
  if (kind === "reset")
    return new Response(brokenBody([]), {
      headers: { "content-type": "application/json", ...chunked, ...marked(kind) },
    });
  return undefined;
}

/** An answer of which half arrives before the connection breaks. */
export async function cutShort(response: Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries({ ...chunked, ...marked("cut") })) headers.set(name, value);
  return new Response(brokenBody([bytes.slice(0, Math.floor(bytes.length / 2))]), { status: response.status, headers });
}

/** Said so that a server sends the head at once, and what breaks is the answer and not its beginning. */
const chunked = { "transfer-encoding": "chunked" } as const;

function marked(kind: FaultKind): Record<string, string> {
  return { "x-tutti-fault": kind };
}

/** Without a stack: servers print what breaks a body, and this one broke as it was told. */
function brokenConnection(): Error {
  const error = new Error("simulated fault: the connection broke");
  delete error.stack;
  return error;
}

function brokenBody(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...parts];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.error(brokenConnection());
      else controller.enqueue(next);
    },
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
