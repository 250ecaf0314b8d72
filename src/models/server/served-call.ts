import type { Clock } from "#foundation";
import { noUsage } from "#programs";
import type { LanguageModel, Usage } from "#programs";
import { stopwatch } from "./answering.ts";
import type { Answered } from "./answering.ts";
import { cutShort, faultyResponse } from "./faults.ts";
import type { FaultKind, Faults } from "./faults.ts";
import { refusalOf, refuse } from "./openai-error.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { CallBounds } from "./call-bounds.ts";
import type { RunLedger } from "./run-ledger.ts";
import { unknownModel } from "./served-model.ts";
import type { ServedModel } from "./served-model.ts";

/** What one call was, for a log. It has no contents and no keys. */
export interface LoggedCall {
  /** Milliseconds since 1970, when it came. */
  readonly at: number;
  readonly run: string;
  readonly endpoint: string;
  readonly model: string;
  readonly status: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly units: number;
  readonly ms: number;
  readonly stream?: true;
  readonly fault?: FaultKind;
}

/** What a server keeps between calls. */
export interface ServerState {
  readonly token: string | undefined;
  readonly delayMs: number;
  readonly log: ((call: LoggedCall) => void) | undefined;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly served: ReadonlyMap<string, ServedModel>;
  readonly ledger: RunLedger;
  readonly rates: RateLimit;
  readonly drawFault: () => FaultKind | undefined;
  readonly maxBodyBytes: number;
  readonly startedAt: number;
  count: number;
}

/** What is called, and for whom. */
export interface Call {
  readonly run: string;
  readonly endpoint: string;
  readonly model: string;
  readonly stream: boolean;
  /** The most that it can cost; worked out only where tokens or units are limited. */
  readonly bounds: (served: ServedModel) => CallBounds;
}

/** What a call is made with. */
export interface CallMeans {
  readonly model: LanguageModel;
  /** The most tokens that an answer may have; `undefined` as the caller wants it. */
  readonly maxTokens: number | undefined;
  readonly settle: Settle;
}

/** Called once, when it is known what a call cost; without anything when it failed. */
type Settle = (answered: Pick<Answered, "usage" | "units" | "replies"> | undefined) => void;

/** Around every call of a model: rate and budget, faults and delay, accounting and log. */
export async function serve(
  server: ServerState,
  request: Request,
  call: Call,
  act: (means: CallMeans) => Promise<Response>,
): Promise<Response> {
  const { served, ledger, rates, clock, faults, delayMs } = server;
  const found = served.get(call.model);
  if (found === undefined) return refuse(unknownModel(call.model, served));
  const refusal = rates.admit(call.run);
  if (refusal !== undefined) return refuse(refusal);
  const place = await ledger.reserve(call.run, () => call.bounds(found), request.signal);
  if ("status" in place) return refuse(place);
  const watch = stopwatch(clock);
  const fault = server.drawFault();
  let [isSettled, status] = [false, 200];
  const settle: Settle = (answered) => {
    if (isSettled) return;
    isSettled = true;
    place.settle(answered);
    const { usage, units } = answered ?? { usage: noUsage, units: 0 };
    rates.spend(call.run, usage.inputTokens + usage.outputTokens);
    server.log?.(logged(call, { usage, units, status, at: watch.at, ms: watch.elapsedMs(), fault }));
  };
  try {
    if (delayMs > 0) await clock.sleep(delayMs, { signal: request.signal });
    const faulty = await faultyResponse(fault, faults, { clock, signal: request.signal });
    const response = faulty ?? (await act({ model: found.model, maxTokens: place.maxTokens, settle }));
    status = response.status;
    if (faulty !== undefined) settle(undefined);
    if (delayMs > 0) response.headers.set("x-tutti-simulated-delay-ms", String(delayMs));
    if (fault === "slow") response.headers.set("x-tutti-fault", fault);
    return fault === "cut" ? await cutShort(response) : response;
  } catch (thrown) {
    const refused = refusalOf(thrown);
    status = refused.status;
    settle(undefined);
    return refuse(refused);
  }
}

interface CallResult {
  readonly usage: Usage;
  readonly units: number;
  readonly status: number;
  readonly at: number;
  readonly ms: number;
  readonly fault: FaultKind | undefined;
}

function logged(
  { run, endpoint, model, stream }: Call,
  { usage, units, status, at, ms, fault }: CallResult,
): LoggedCall {
  const { inputTokens, outputTokens } = usage;
  return {
    at,
    run,
    endpoint,
    model,
    status,
    inputTokens,
    outputTokens,
    units,
    ms,
    ...(stream ? { stream } : {}),
    ...(fault === undefined ? {} : { fault }),
  };
}
