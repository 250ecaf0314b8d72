import { canonicalJson } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { diffConfigurations } from "#variables";
import type { Configuration, ConfigurationChange } from "#variables";
import type { Role } from "./agent-config.ts";
import type { Directive } from "./variables/directive.ts";
import type { OrchestrationVariable } from "./variables/orchestration-variable.ts";
import type { Team } from "./team.ts";

/** One change of a running team, as plain data: what an optimiser's result carries and `live.apply` carries out. */
export type Action = ConfigurationAction | AgentActionRequest;

/** A change of the team's configuration. `from` is what must hold now, path by path where they are settings. */
export type ConfigurationAction =
  /** Other agents are to be active: those of `to` are started, then those only in `from` are stopped. */
  | {
      readonly type: "reconfigure_supervisor";
      readonly variable: string;
      readonly from: string | readonly string[];
      readonly to: string | readonly string[];
    }
  | { readonly type: "change_topology"; readonly variable: string; readonly from: JsonObject; readonly to: JsonObject }
  | { readonly type: "reallocate"; readonly variable: string; readonly from: JsonObject; readonly to: JsonObject }
  /** Of an agent's own variables. */
  | { readonly type: "adjust_parameters"; readonly agent: string; readonly from?: JsonObject; readonly to: JsonObject };

/** A change of one agent by hand, or by a coordination's directive. */
export type AgentActionRequest =
  | { readonly type: "start"; readonly agent: string }
  | { readonly type: "stop"; readonly agent: string }
  | { readonly type: "scale_up"; readonly agent: string; readonly by?: number }
  | { readonly type: "scale_down"; readonly agent: string; readonly by?: number }
  | { readonly type: "change_role"; readonly agent: string; readonly role: Role }
  /** Other code, other settings or other needs; requests under way end with the old ones. */
  | {
      readonly type: "reconfigure";
      readonly agent: string;
      readonly module?: string;
      readonly settings?: JsonObject;
      readonly resources?: Readonly<Record<string, number>>;
    }
  /** Whom it hears and whom it may send to, from now on: the edges win over the topology's. */
  | {
      readonly type: "update_communication";
      readonly agent: string;
      readonly neighboursIn: readonly string[];
      readonly neighboursOut: readonly string[];
    };

/** A coordination's directive as an action. */
export function actionOf({ agent, action, parameters }: Directive): Action {
  if (action === "adjust_parameters") return { type: action, agent, to: parameters };
  return { ...parameters, type: action, agent } as unknown as Action;
}

/**
 * What has to be done to come from one configuration of a team to another, in the order of the variables, then of the
 * agents; nothing where they are equal. What the change of a selection makes active or absent goes with it.
 */
export function actionsBetween(team: Team, from: Configuration, to: Configuration): ConfigurationAction[] {
  const changes = diffConfigurations(from, to);
  const global = Object.values(team.orchestrationVariables).flatMap(
    (variable) => variableAction(variable, changes) ?? [],
  );
  const local = Object.keys(team.agents).flatMap((agent) => parameterAction(agent, changes) ?? []);
  return [...global, ...local];
}

function variableAction(
  { id, type }: OrchestrationVariable,
  changes: readonly ConfigurationChange[],
): ConfigurationAction | undefined {
  const own = `team.${id}`;
  if (type === "agent_selection") {
    const change = changes.find(({ path }) => path === own);
    if (change === undefined) return undefined;
    return {
      type: "reconfigure_supervisor",
      variable: id,
      from: (change.from ?? []) as string | readonly string[],
      to: (change.to ?? []) as string | readonly string[],
    };
  }
  const { from, to } = sides(changes, `${own}.`);
  // Paths that only fall away do so with the change that makes them inactive.
  if (Object.keys(to).length === 0) return undefined;
  return { type: type === "communication_topology" ? "change_topology" : "reallocate", variable: id, from, to };
}

function parameterAction(agent: string, changes: readonly ConfigurationChange[]): ConfigurationAction | undefined {
  const { from, to } = sides(changes, `${agent}/`);
  return Object.keys(to).length === 0 ? undefined : { type: "adjust_parameters", agent, from, to };
}

/** Both sides of the changes below a scope, by the names within it; an absent side is left out. */
function sides(
  changes: readonly ConfigurationChange[],
  scope: string,
): { readonly from: JsonObject; readonly to: JsonObject } {
  const own = changes.filter(({ path, to }) => path.startsWith(scope) && to !== undefined);
  const side = (name: "from" | "to"): JsonObject =>
    Object.fromEntries(
      own.flatMap((change): [string, Json][] => {
        const value = change[name];
        return value === undefined ? [] : [[change.path.slice(scope.length), value]];
      }),
    );
  return { from: side("from"), to: side("to") };
}

/** What a configuration action sets, by path, and what must hold for it. */
export function pathsOf(action: ConfigurationAction): { readonly from: Configuration; readonly to: Configuration } {
  if (action.type === "reconfigure_supervisor") {
    const path = `team.${action.variable}`;
    return { from: { [path]: action.from }, to: { [path]: action.to } };
  }
  const scope = action.type === "adjust_parameters" ? `${action.agent}/` : `team.${action.variable}.`;
  const placed = (values: JsonObject): Configuration =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${scope}${name}`, value as Json]));
  return { from: placed(action.from ?? {}), to: placed(action.to) };
}

/** Whether every value is what the configuration has. */
export function holds(values: Configuration, configuration: Configuration): boolean {
  return Object.entries(values).every(
    ([path, value]) => configuration[path] !== undefined && canonicalJson(configuration[path]) === canonicalJson(value),
  );
}
