/**
 * What the process says to whoever started it; 69 and 78 are sysexits.h's EX_UNAVAILABLE and EX_CONFIG, and 128 + n
 * means the signal n, as shells have it.
 */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  targetMissed: 3,
  unreachable: 69,
  configuration: 78,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** By `name` and `code` instead of by class: a user's file may have brought its own copy of tutti. */
const codes: Readonly<Record<string, Readonly<Record<string, ExitCode>>>> = {
  CliError: {
    configuration: exitCodes.configuration,
    unreachable: exitCodes.unreachable,
    interrupted: exitCodes.interrupted,
    hung_up: exitCodes.hungUp,
    terminated: exitCodes.terminated,
  },
  StoreError: {
    newer_schema: exitCodes.configuration,
    inaccessible: exitCodes.configuration,
    corrupt: exitCodes.configuration,
  },
  ModelError: {
    unavailable: exitCodes.unreachable,
    unauthorized: exitCodes.configuration,
    unknown_model: exitCodes.unreachable,
    bad_response: exitCodes.unreachable,
    timeout: exitCodes.unreachable,
    rate_limited: exitCodes.unreachable,
  },
  RunError: {
    unknown_run: exitCodes.usage,
    infrastructure: exitCodes.unreachable,
    suspended: exitCodes.interrupted,
  },
};

/** The exit code for whatever was thrown. */
export function exitCodeOf(thrown: unknown): ExitCode {
  if (!(thrown instanceof Error)) return exitCodes.failed;
  if (thrown.name === "UsageError") return exitCodes.usage;
  const own = codes[thrown.name]?.[errorCode(thrown)];
  if (own !== undefined) return own;
  return thrown.name === "ProgramError" && thrown.cause !== undefined ? exitCodeOf(thrown.cause) : exitCodes.failed;
}

/** The error's code for machines: its own one, `usage`, or `error`. */
export function errorCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "error";
  if (thrown.name === "UsageError") return "usage";
  const code: unknown = Reflect.get(thrown, "code");
  return typeof code === "string" ? code : "error";
}
