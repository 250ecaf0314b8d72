/** Runs generated code in processes where it can do nothing but compute. */

export { Sandbox } from "./sandbox.ts";
export type { RunProgramOptions, SandboxOptions } from "./sandbox.ts";
export type { SandboxProgram } from "./program.ts";
export type { SandboxFailure, SandboxOutcome, SandboxResult } from "./sandbox-result.ts";
export { SandboxError } from "./sandbox-error.ts";
export type { SandboxErrorCode } from "./sandbox-error.ts";
