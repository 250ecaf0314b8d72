import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import type { Restart } from "#foundation/agents";
import { parseSpace, space } from "#variables";
import type { Space } from "#variables";

/** What an agent is for. Executors, and custom roles, do the work; evaluators judge it; a coordinator can be a hub. */
export type Role = "coordinator" | "executor" | "evaluator" | "optimizer" | "monitor" | "custom";

const roles: readonly Role[] = ["coordinator", "executor", "evaluator", "optimizer", "monitor", "custom"];

/** Where an agent is in its life. */
export type AgentStatus = "inactive" | "starting" | "active" | "stopping" | "migrating" | "failed";

export const statuses: readonly AgentStatus[] = ["inactive", "starting", "active", "stopping", "migrating", "failed"];

/** One agent of a team as a value: which code it runs by name, and everything about it that is data. */
export interface AgentConfig {
  /** The name of its code, among the modules that a `LiveTeam` is given. */
  readonly module: string;
  /** What its code is started with. */
  readonly settings: JsonObject;
  readonly role: Role;
  readonly status: AgentStatus;
  /** What it can do, for tasks that ask for it. */
  readonly capabilities: readonly string[];
  /** What it holds of the team's pool while it is active, by resource: memory in MiB, cpu in slots, … */
  readonly resourceRequirements: Readonly<Record<string, number>>;
  readonly supervision: Supervision;
  /** How many instances answer its calls. */
  readonly replicas: number;
  /** The variables of its own; in the team's space their paths are `<agent>/<name>`. */
  readonly localVariableSpace: Space;
}

/** How its instances are restarted: an agent that fails more often than this has failed for good. */
export interface Supervision {
  readonly restart: Restart;
  readonly maxFailures: number;
  readonly failureWindowMs: number;
}

/** An agent as people write it. */
export interface AgentDraft extends Partial<Omit<AgentConfig, "module" | "supervision" | "status">> {
  readonly module: string;
  readonly supervision?: Partial<Supervision>;
}

const defaultSupervision: Supervision = { restart: "permanent", maxFailures: 3, failureWindowMs: 60_000 };

/** A draft with everything said, checked. Throws `UsageError` that names the agent and the field. */
export function agentConfig(id: string, draft: AgentDraft): AgentConfig {
  if (!/^[A-Za-z_][\w-]*$/.test(id))
    throw new UsageError(`agent id: expected a letter or underscore, then letters, digits, "_" or "-", got ${id}`);
  if (Object.hasOwn(Object.prototype, id)) throw new UsageError(`agent id: ${id} is a name that every object has`);
  if (id === "team") throw new UsageError(`agent id: "team" is the scope of the team's own variables`);
  if (!isPlainObject(draft)) throw new UsageError(`agent ${id}: expected { module, role, … }, got ${describe(draft)}`);
  const { supervision = {}, localVariableSpace } = draft;
  const config: AgentConfig = {
    module: draft.module,
    settings: draft.settings ?? {},
    role: draft.role ?? "executor",
    status: "inactive",
    capabilities: draft.capabilities ?? [],
    resourceRequirements: draft.resourceRequirements ?? {},
    supervision: isPlainObject(supervision) ? { ...defaultSupervision, ...supervision } : supervision,
    replicas: draft.replicas ?? 1,
    localVariableSpace: localVariableSpace === undefined ? space([]) : parseSpace(localVariableSpace),
  };
  const defect = configDefect(config);
  if (defect !== undefined) throw new UsageError(`agent ${id}.${defect}`);
  return config;
}

/** Which field of a configuration is wrong and why, or `undefined` when none is. */
export function configDefect(config: AgentConfig): string | undefined {
  const { module, settings, role, capabilities, resourceRequirements, supervision, replicas } = config;
  const isAmount = (amount: unknown): boolean => Number.isFinite(amount) && (amount as number) >= 0;
  const areAmounts = isPlainObject(resourceRequirements) && Object.values(resourceRequirements).every(isAmount);
  const areTexts = Array.isArray(capabilities) && capabilities.every((each) => typeof each === "string");
  return (
    unless(typeof module === "string" && module !== "", "module", "the name of its code", module) ??
    unless(isPlainObject(settings) && jsonDefect(settings) === undefined, "settings", "an object of JSON", settings) ??
    unless(roles.includes(role), "role", `one of ${roles.join(", ")}`, role) ??
    unless(areTexts, "capabilities", "a list of texts", capabilities) ??
    unless(areAmounts, "resourceRequirements", "amounts of at least 0 by resource", resourceRequirements) ??
    unless(isCount(replicas, 1) && replicas <= 1000, "replicas", "a whole number from 1 to 1,000", replicas) ??
    supervisionDefect(supervision)
  );
}

function supervisionDefect(supervision: Supervision): string | undefined {
  if (!isPlainObject(supervision))
    return unless(false, "supervision", "{ restart, maxFailures, failureWindowMs }", supervision);
  const { restart, maxFailures, failureWindowMs } = supervision;
  const isRestart = ["permanent", "transient", "temporary"].includes(restart);
  const isWindow = Number.isFinite(failureWindowMs) && failureWindowMs > 0;
  return (
    unless(isRestart, "supervision.restart", "permanent, transient or temporary", restart) ??
    unless(isCount(maxFailures, 0), "supervision.maxFailures", "a whole number of at least 0", maxFailures) ??
    unless(isWindow, "supervision.failureWindowMs", "milliseconds above 0", failureWindowMs)
  );
}

function isCount(value: unknown, least: number): boolean {
  return Number.isInteger(value) && (value as number) >= least;
}

function unless(holds: boolean, field: string, expected: string, got: unknown): string | undefined {
  return holds ? undefined : `${field}: expected ${expected}, got ${describe(got)}`;
}

const next: Readonly<Record<AgentStatus, readonly AgentStatus[]>> = {
  inactive: ["starting", "failed"],
  starting: ["active", "failed", "stopping"],
  active: ["stopping", "migrating", "failed"],
  stopping: ["inactive", "failed"],
  migrating: ["active", "failed"],
  failed: ["starting"],
};

/**
 * Whether an agent can come from one status to the other: inactive → starting → active → stopping → inactive, active →
 * migrating → active, anything → failed → starting; a start that is called off goes starting → stopping.
 */
export function isLegalTransition(from: AgentStatus, to: AgentStatus): boolean {
  return next[from].includes(to);
}
