/** Variables by scope over a Store: definitions, values, versions and who hears of them. */

export { VariableRegistry } from "./variable-registry.ts";
export type {
  DefineOptions,
  DefineResult,
  HistoryOptions,
  SetOptions,
  SetResult,
  VariableRegistryOptions,
} from "./variable-registry.ts";
export { parseScope, scopeText } from "./registry-scope.ts";
export type { RegistryScope, ScopeText } from "./registry-scope.ts";
export { RegistryError } from "./registry-error.ts";
export type { RegistryErrorCode } from "./registry-error.ts";
export type { Resolution, ResolvedVariable, VariableNotFound } from "./resolution.ts";
export type { VariableChange, VariableVersion, VersionNotes } from "./variable-version.ts";
export type { VariableListener } from "./variable-feed.ts";
export type { ExpectedVersion, WriteRefusal } from "./write-decision.ts";
