import type { Json } from "#foundation";
import type { Variable } from "../variable.ts";
import type { ScopeText } from "./registry-scope.ts";

/** Who wrote and why; kept with the version, never read by the registry. */
export interface VersionNotes {
  readonly author?: string | undefined;
  readonly reason?: string | undefined;
}

/** One version of a variable in one scope. Its value is the one in force from then on. */
export interface VariableVersion extends VersionNotes {
  /** 1 for the first definition, one more for each later change. */
  readonly version: number;
  readonly type: "defined" | "set";
  /** Milliseconds since the Unix epoch, by the writer's clock. */
  readonly at: number;
  readonly value: Json;
  /** What the writer measured with this value. */
  readonly score?: number | undefined;
}

/** A version together with what it is a version of. */
export interface VariableChange extends VariableVersion {
  readonly scope: ScopeText;
  readonly name: string;
  /** The definition in force at this version. */
  readonly variable: Variable;
  /** Whether it wins over what inner scopes define when agents are coordinated. */
  readonly orchestration: boolean;
}
