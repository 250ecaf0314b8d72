/** The OpenAI-compatible endpoint over any language models, as a handler of fetch requests. */

export { modelServer } from "./model-server.ts";
export type { ModelServer, ModelServerOptions, ServerLimits } from "./model-server.ts";
export type { ServedModel } from "./served-model.ts";
export type { LoggedCall } from "./served-call.ts";
export { faultKinds } from "./faults.ts";
export type { FaultKind, Faults } from "./faults.ts";
export type { RunBudget } from "./run-ledger.ts";
export type { Rates } from "./rate-limit.ts";
