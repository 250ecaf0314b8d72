import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { checkProgram } from "#programs";
import type { LanguageModel, Module, Program, StageCall, Values } from "#programs";
import type { PipelineStage, StageRun } from "#programs/pipelines";
import type { Configuration } from "#variables";
import type { PlanStep } from "./steps.ts";

/** Someone a manager can give a step to. */
export interface ManagedAgent {
  /** The kinds of steps that it can do. */
  readonly kinds: readonly string[];
  /** A program takes those of the values that its signature asks for; a function gets all of them. */
  readonly agent: Program | AgentFunction;
}

export type ManagedAgents = Readonly<Record<string, ManagedAgent>>;

/** An agent as code. Its outputs are JSON, for they become part of the manager's. */
export type AgentFunction = (values: Values, call: AgentCall) => Values | Promise<Values>;

/** What an agent gets besides the values: the goal and what the steps before it gave. */
export interface AgentCall extends StageRun {
  readonly step: PlanStep;
  /** The configuration's values below the agent's own scope: `coder/style` comes as `style`. */
  readonly settings: Configuration;
  /** The model that the manager was executed with. Throws `UsageError` when there is none. */
  model(): LanguageModel;
}

/** Throws `UsageError` for agents that nobody could call. */
export function checkAgents(manager: string, agents: ManagedAgents, modules: readonly Module[]): void {
  if (!isPlainObject(agents) || Object.keys(agents).length === 0)
    throw new UsageError(`manager ${manager}.agents: expected at least one agent, got ${describe(agents)}`);
  for (const [id, draft] of Object.entries(agents)) {
    const at = `manager ${manager}.agents.${id}`;
    if (!/^[A-Za-z_][\w-]*$/.test(id))
      throw new UsageError(`${at}: expected an id of letters, digits, "_" and "-", got ${describe(id)}`);
    if (!isPlainObject(draft)) throw new UsageError(`${at}: expected { kinds, agent }, got ${describe(draft)}`);
    const { kinds, agent }: ManagedAgent = draft;
    const isKind = (kind: unknown): boolean => typeof kind === "string" && /^[A-Za-z_]\w*$/.test(kind);
    if (!Array.isArray(kinds) || kinds.length === 0 || !kinds.every(isKind))
      throw new UsageError(`${at}.kinds: expected kinds of steps as names, got ${describe(kinds)}`);
    if (typeof agent === "function") continue;
    if (!isPlainObject(agent) || !isPlainObject(agent.signature))
      throw new UsageError(`${at}.agent: expected program(…) or a function, got ${describe(agent)}`);
    checkAgentProgram(agent, modules);
  }
}

/** Throws for unknown modules and settings. Which model a setting names is seen when there are models. */
export function checkAgentProgram(program: Program, modules: readonly Module[]): void {
  const settings = Object.entries(program.configuration).filter(([path]) => !/(^|\.)model$/.test(path));
  checkProgram({ ...program, configuration: Object.fromEntries(settings) }, { modules });
}

export interface AgentStageOptions {
  /** The agent's own settings, without its scope. */
  readonly settings: Configuration;
  readonly manager: StageCall;
}

/** A step in the hands of an agent, as a stage of a pipeline. */
export function agentStage(
  step: PlanStep,
  { agent }: ManagedAgent,
  { settings, manager }: AgentStageOptions,
): PipelineStage {
  const { id, needs } = step;
  if (typeof agent !== "function") return { type: "program", id, needs, program: agent, overrides: settings };
  return {
    type: "function",
    id,
    needs,
    async run(values, call) {
      const outputs = await agent(values, { ...call, step, settings, model: () => manager.model() });
      const defect = isPlainObject(outputs) ? jsonDefect(outputs) : `${describe(outputs)} came`;
      if (defect !== undefined) throw new TypeError(`expected an object of JSON values as outputs, but ${defect}`);
      return outputs;
    },
  };
}

/** The settings of every scope: the paths `<scope>/<name>`. Throws `UsageError` for a scope that is not there. */
export function scopedSettings(
  config: Configuration,
  scopes: readonly string[],
): Readonly<Record<string, Configuration>> {
  const settings: Record<string, Record<string, Json>> = Object.fromEntries(scopes.map((scope) => [scope, {}]));
  const issues: string[] = [];
  for (const [path, value] of Object.entries(config)) {
    const slash = path.indexOf("/");
    if (slash < 0) continue;
    const scope = path.slice(0, slash);
    const own = Object.hasOwn(settings, scope) ? settings[scope] : undefined;
    if (own === undefined) issues.push(`${path}: there is no agent ${scope}; agents are ${scopes.join(", ")}`);
    else own[path.slice(slash + 1)] = value;
  }
  if (issues.length > 0) throw new UsageError("configuration: nobody would read this", issues);
  return settings;
}
