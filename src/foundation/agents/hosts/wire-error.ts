import { describe } from "../../json.ts";
import { AgentError } from "../call.ts";
import type { AgentErrorCode } from "../call.ts";
import type { DownReason, ExitReason } from "../exit-reason.ts";
import { HostError } from "./host-error.ts";
import type { HostErrorCode } from "./host-error.ts";

/** Anything thrown, as data: a clone of an error would lose its name and its code. */
export type WireError =
  | {
      readonly isError: true;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly code: unknown;
      readonly reason: WireReason | undefined;
      readonly cause: WireError | undefined;
    }
  | { readonly isError: false; readonly value: unknown };

/** An exit reason as data. */
export type WireReason =
  | { readonly kind: "normal" | "killed" | "noproc" }
  | { readonly kind: "shutdown"; readonly info?: unknown }
  | { readonly kind: "crash"; readonly error: WireError };

const maxCauses = 8;

export function packError(thrown: unknown, causes = 0): WireError {
  if (!(thrown instanceof Error)) return { isError: false, value: clonable(thrown) };
  const { name, message, stack, cause } = thrown;
  const code: unknown = Reflect.get(thrown, "code");
  return {
    isError: true,
    name,
    message,
    stack,
    code: typeof code === "string" || typeof code === "number" ? code : undefined,
    reason: thrown instanceof AgentError && thrown.reason !== undefined ? packReason(thrown.reason) : undefined,
    cause: cause === undefined || causes === maxCauses ? undefined : packError(cause, causes + 1),
  };
}

export function unpackError(wire: WireError): unknown {
  if (!wire.isError) return wire.value;
  const { message, code, stack } = wire;
  const options = wire.cause === undefined ? {} : { cause: unpackError(wire.cause) };
  const error =
    wire.name === "AgentError"
      ? new AgentError(code as AgentErrorCode, message, {
          ...options,
          ...(wire.reason === undefined ? {} : { reason: unpackReason(wire.reason) as ExitReason }),
        })
      : wire.name === "HostError"
        ? new HostError(code as HostErrorCode, message, options)
        : foreignError(wire.name, message, options);
  if (stack !== undefined) Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true });
  if (code !== undefined && !("code" in error)) Object.assign(error, { code });
  return error;
}

const builtIns = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function foreignError(name: string, message: string, options: ErrorOptions): Error {
  const BuiltIn = Object.hasOwn(builtIns, name) ? builtIns[name as keyof typeof builtIns] : Error;
  const error = new BuiltIn(message, options);
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  return error;
}

export function packReason(reason: DownReason): WireReason {
  if (reason.kind === "crash") return { kind: "crash", error: packError(reason.error) };
  if (reason.kind === "shutdown" && reason.info !== undefined) return { kind: "shutdown", info: clonable(reason.info) };
  return { kind: reason.kind };
}

export function unpackReason(wire: WireReason): DownReason {
  return wire.kind === "crash" ? { kind: "crash", error: unpackError(wire.error) } : wire;
}

/** The value, or a description of it where it cannot leave. */
function clonable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return describe(value);
  }
}
