import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Clock, JsonObject } from "#foundation";
import { agent, child, hostedChild } from "#foundation/agents";
import type { AgentDefinition, AgentHost, AgentModule, ChildSpec } from "#foundation/agents";
import type { AgentConfig } from "../agent-config.ts";
import type { TeamCall, TeamReply } from "../trace.ts";

/** The code of agents, by the name under which a team's agents ask for it. */
export interface TeamModule {
  readonly name: string;
  /** One instance as a supervisor's child; `info` of its start is its `Ref`. */
  child(id: string, settings: JsonObject, place: InstancePlace): ChildSpec;
  /** Whether an instance is fit to serve: rejects when not. That it started is enough unless told. */
  readonly check?: (instance: Instance) => void | Promise<void>;
  /**
   * Whether an instance takes one call at a time, and is ended when it does not answer in time, so that its supervisor
   * starts it anew. One that takes many goes on: only the call is given up.
   */
  readonly restartsOnTimeout: boolean;
}

/** What an instance is started with besides its settings. */
export interface InstancePlace {
  /** Which of the agent's instances it is, from 0. */
  readonly replica: number;
  /** What a request brought along for code of this thread: `services` of `ask`, by the call's `request`. */
  readonly services: (request: number) => unknown;
}

/** A started instance, for its check. */
export interface Instance {
  call(call: TeamCall): Promise<TeamReply>;
}

/** What the work of an agent gets besides the call. */
export interface WorkContext {
  readonly settings: JsonObject;
  readonly clock: Clock;
  /** Aborts when the instance ends. */
  readonly signal: AbortSignal;
  /** What the request brought along: `services` of `ask`. Never there in another thread or process. */
  readonly services: unknown;
}

export type Work = (call: TeamCall, context: WorkContext) => TeamReply | Promise<TeamReply>;

export interface TeamAgentOptions {
  /** Where an agent of this thread finds what a request brought along. */
  readonly services?: InstancePlace["services"];

  /**
   * `"one"` call at a time unless told. `"many"`: for work that waits for others, as a model's answer; a call that takes
   * too long is then given up without ending the agent.
   */
  readonly calls?: "one" | "many";
}

/**
 * An agent's definition from the work that it does. What the work throws is a crash of the agent: its supervisor
 * starts it anew. A failure of the world is a reply with `failure`.
 */
export function teamAgent(
  name: string,
  work: Work,
  { calls = "one", services = () => undefined }: TeamAgentOptions = {},
): AgentDefinition<JsonObject, TeamCall, JsonObject> {
  if (typeof work !== "function")
    throw new UsageError(`team agent ${name}: expected a function, got ${describe(work)}`);
  return agent<JsonObject, TeamCall, JsonObject>({
    name,
    init: (settings) => settings,
    handle: (call, settings, context) => {
      const { clock, signal } = context;
      const reply = context.replyLater();
      const answered = work(call, { settings, clock, signal, services: services(call.request) });
      if (!(answered instanceof Promise)) {
        reply(answered);
        return settings;
      }
      const replied = answered.then(reply);
      // A rejection of one among many is nobody's here: it ends the agent, as a throw does.
      if (calls === "many") return settings;
      return replied.then(() => settings);
    },
  });
}

export interface TeamModuleOptions extends Omit<TeamAgentOptions, "services"> {
  readonly check?: TeamModule["check"];
}

/** Code that runs in this thread: `teamModule("reviewer", (call) => ({ output: … }))`. */
export function teamModule(name: string, work: Work, options: TeamModuleOptions = {}): TeamModule {
  teamAgent(name, work, options);
  return {
    name,
    child: (id, settings, { services }) => child(id, teamAgent(id, work, { ...options, services }), settings),
    restartsOnTimeout: options.calls !== "many",
    ...(options.check === undefined ? {} : { check: options.check }),
  };
}

export interface HostedModuleOptions extends Pick<TeamAgentOptions, "calls"> {
  /**
   * Yours to dispose of, after the team: a thread or a process that nobody ends keeps the program alive. Where its
   * instances live: the first at the first host, the second at the second, and round again.
   */
  readonly hosts: readonly AgentHost[];
  readonly check?: TeamModule["check"];
}

/** Code that runs in worker threads or child processes: a `teamAgent` that a module of its own exports. */
export function hostedModule(
  name: string,
  module: AgentModule<TeamCall, JsonObject>,
  { hosts, check, calls = "one" }: HostedModuleOptions,
): TeamModule {
  if (!Array.isArray(hosts) || hosts.length === 0)
    throw new UsageError(`hostedModule ${name}.hosts: expected at least one host, got ${describe(hosts)}`);
  return {
    name,
    child: (id, settings, { replica }) =>
      hostedChild(id, module, settings, { host: hosts[replica % hosts.length] as AgentHost }),
    restartsOnTimeout: calls !== "many",
    ...(check === undefined ? {} : { check }),
  };
}

/** The code of that name. Throws `UsageError` that lists the known ones. */
export function moduleNamed(modules: readonly TeamModule[], name: string, agent: string): TeamModule {
  const found = modules.find((module) => module.name === name);
  if (found !== undefined) return found;
  const known = modules.map((module) => module.name).join(", ");
  throw new UsageError(`agent ${agent}: unknown module "${name}"; known are ${known || "none"}`);
}

/** Throws `UsageError` unless it is a list of modules, each under a name of its own, with all that the agents ask for. */
export function checkModules(modules: readonly TeamModule[], agents: Readonly<Record<string, AgentConfig>>): void {
  if (!Array.isArray(modules)) throw new UsageError(`modules: expected a list, got ${describe(modules)}`);
  const names = modules.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new UsageError(`modules: expected each name once, got ${twice} again`);
  for (const [id, { module }] of Object.entries(agents)) moduleNamed(modules, module, id);
}

/** Why a reply from elsewhere is none, or `undefined` when it is one. */
export function replyDefect(reply: unknown): string | undefined {
  if (!isPlainObject(reply)) return `expected { output, … }, got ${describe(reply)}`;
  const { output, accepted, choice, assignments, used, feedback, failure } = reply;
  if (output === undefined) return "expected an output, or null for none";
  const defect = jsonDefect(reply);
  if (defect !== undefined) return `expected JSON, but ${defect}`;
  if (accepted !== undefined && typeof accepted !== "boolean")
    return `accepted: expected true or false, got ${describe(accepted)}`;
  if (choice !== undefined && !Number.isInteger(choice)) return `choice: expected a place, got ${describe(choice)}`;
  if (assignments !== undefined && !isPlainObject(assignments))
    return `assignments: expected tasks by agent, got ${describe(assignments)}`;
  if (feedback !== undefined && typeof feedback !== "string")
    return `feedback: expected a text, got ${describe(feedback)}`;
  if (failure !== undefined && !(isPlainObject(failure) && typeof failure["message"] === "string"))
    return `failure: expected { code, message }, got ${describe(failure)}`;
  return used === undefined ? undefined : usedDefect(used);
}

function usedDefect(used: unknown): string | undefined {
  if (!isPlainObject(used)) return `used: expected amounts by resource, got ${describe(used)}`;
  const wrong = Object.entries(used).find(([, amount]) => !Number.isFinite(amount) || (amount as number) < 0);
  return wrong === undefined ? undefined : `used.${wrong[0]}: expected at least 0, got ${describe(wrong[1])}`;
}
