import { describe, present, UsageError } from "#foundation";
import { choice, float, integer } from "#variables";
import type { Conditions, Configuration, Variable } from "#variables";
import type { CoordinationContext } from "./coordination-context.ts";
import { decided, undecided } from "../decision.ts";
import type { Decision } from "../decision.ts";
import { directive } from "./directive.ts";
import type { Directive } from "./directive.ts";
import { checkAgents, checkId } from "./orchestration-definition.ts";
import type { OrchestrationDefinition } from "./orchestration-definition.ts";
import type { OrchestrationKind, OwnVariables } from "./orchestration-kind.ts";
import { allocate, maxMinShares, wholeAmounts } from "../pool/allocate.ts";

/** How much of a resource each agent gets. */
export interface ResourceAllocation extends OrchestrationDefinition {
  readonly type: "resource_allocation";
  readonly resource: string;
  /** What there is to share out, the default first; more than one is a variable of the space. */
  readonly totals: readonly number[];
  /** `"request"`: so much for every request. `"team"`: so much in all, held while an agent is active. */
  readonly per: "request" | "team";
  /**
   * `"share"`: an agent's value is its weight, and the total is shared out in proportion. `"demand"`: its value is the
   * whole amount that it asks for, from `least` to `most`; where they ask for more than there is, max–min fairness.
   */
  readonly by: "share" | "demand";
  /** What every active agent gets at least and at most. */
  readonly least: number;
  readonly most?: number;
  /** Amounts are whole numbers. */
  readonly whole: boolean;
  /** The smallest share, relative to the largest. */
  readonly minShare: number;
}

export interface ResourceAllocationOptions {
  readonly resource: string;
  readonly agents: readonly string[];
  readonly total: number | readonly number[];
  /** `"request"` unless told. */
  readonly per?: ResourceAllocation["per"];
  /** `"share"` unless told. `"demand"` needs whole `least` and `most`; an agent asks for `least` until told otherwise. */
  readonly by?: ResourceAllocation["by"];
  /** 0 unless told. */
  readonly least?: number;
  readonly most?: number;
  /** False unless told. */
  readonly whole?: boolean;
  /** 0.05 unless told. */
  readonly minShare?: number;
  readonly scope?: OrchestrationDefinition["scope"];
}

/** Who may spend what: `resourceAllocation("share", { resource: "tokens", agents, total: 20_000 })`. */
export function resourceAllocation(id: string, options: ResourceAllocationOptions): ResourceAllocation {
  const { resource, agents, total, least = 0, whole = false, minShare = 0.05, scope = "local" } = options;
  const variable: ResourceAllocation = {
    type: "resource_allocation",
    id,
    scope,
    agents,
    resource,
    least,
    whole,
    minShare,
    totals: typeof total === "number" ? [total] : total,
    per: options.per ?? "request",
    by: options.by ?? "share",
    ...present({ most: options.most }),
  };
  check(variable);
  return variable;
}

export const resourceAllocationKind: OrchestrationKind<ResourceAllocation> = {
  check,
  variables,
  coordinate: coordinateAllocation,
};

function check(variable: ResourceAllocation): void {
  const where = checkId(variable);
  checkAgents(variable, where);
  const { agents, resource, totals, per, by, least, most = Infinity, minShare } = variable;
  if (agents.includes("total"))
    throw new UsageError(
      `${where}.agents: "total" is what the whole is called among the shares; name the agent otherwise`,
    );
  if (typeof resource !== "string" || resource === "")
    throw new UsageError(`${where}.resource: expected a name, got ${describe(resource)}`);
  const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value > 0;
  if (!Array.isArray(totals) || totals.length === 0 || !totals.every(isAmount))
    throw new UsageError(`${where}.total: expected an amount above 0, or several, got ${JSON.stringify(totals)}`);
  if (per !== "request" && per !== "team")
    throw new UsageError(`${where}.per: expected request or team, got ${describe(per)}`);
  if (by !== "share" && by !== "demand")
    throw new UsageError(`${where}.by: expected share or demand, got ${describe(by)}`);
  if (by === "demand" && !(Number.isInteger(least) && Number.isInteger(most)))
    throw new UsageError(`${where}: demands need whole numbers least and most, got least ${least}, most ${most}`);
  if (!(least >= 0) || !(most >= least))
    throw new UsageError(`${where}: expected 0 ≤ least ≤ most, got least ${least}, most ${most}`);
  if (!(minShare > 0 && minShare <= 1))
    throw new UsageError(`${where}.minShare: expected more than 0 and at most 1, got ${minShare}`);
}

function variables(
  allocation: ResourceAllocation,
  whenActive: (agent: string) => Conditions | undefined,
): OwnVariables {
  const { id, agents, totals } = allocation;
  const own = agents.map((agent) => ({ variable: agentVariable(allocation, agent), when: whenActive(agent) }));
  const total: Variable[] = totals.length > 1 ? [choice(`team.${id}.total`, totals, { group })] : [];
  const conditional = own.flatMap(({ variable, when }) => (when === undefined ? [] : [[variable.name, when] as const]));
  return {
    variables: [...total, ...own.map(({ variable }) => variable)],
    when: Object.fromEntries(conditional),
  };
}

const group = "resources";

function agentVariable({ id, by, least, most = least, minShare }: ResourceAllocation, agent: string): Variable {
  const name = `team.${id}.${agent}`;
  return by === "demand"
    ? integer(name, { min: least, max: most, default: least, group })
    : float(name, { min: minShare, max: 1, log: true, default: 1, group });
}

/** What each of the active agents gets by a configuration; Σ ≤ total always. */
export function amountsIn(
  { id, agents, totals, by, least, most, whole }: ResourceAllocation,
  configuration: Configuration,
  active: readonly string[],
): Decision<Readonly<Record<string, number>>> {
  const total = (configuration[`team.${id}.total`] ?? totals[0]) as number;
  const concerned = active.filter((agent) => agents.includes(agent));
  const value = (agent: string, otherwise: number): number =>
    (configuration[`team.${id}.${agent}`] ?? otherwise) as number;
  if (by === "demand") {
    const demands = concerned.map((agent) => value(agent, least));
    const fair = wholeAmounts(maxMinShares(demands, total), Math.floor(total));
    return decided(Object.fromEntries(concerned.map((agent, place) => [agent, fair[place] as number])));
  }
  const shares = concerned.map((agent) => ({ agent, share: value(agent, 1), min: least, ...present({ max: most }) }));
  const amounts = allocate(shares, total, { whole });
  return amounts.ok ? decided(amounts.amounts) : undecided(amounts.error.code, `team.${id}: ${amounts.error.message}`);
}

function coordinateAllocation(
  variable: ResourceAllocation,
  { configuration, active }: CoordinationContext,
): Decision<readonly Directive[]> {
  const amounts = amountsIn(variable, configuration, active);
  if (!amounts.ok) return amounts;
  return decided(
    Object.entries(amounts.value).map(([agent, amount]) =>
      directive(agent, "reconfigure", { resources: { [variable.resource]: amount } }),
    ),
  );
}
