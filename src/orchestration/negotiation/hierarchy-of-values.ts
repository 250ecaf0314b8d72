import type { Json } from "#foundation";
import { notNegotiated } from "./negotiation.ts";
import type { NotNegotiated, WeightedPreference } from "./negotiation.ts";
import { weightedMiddle } from "./weighted-values.ts";
import type { Weighted } from "./weighted-values.ts";

export interface HierarchyOptions {
  /** Who decides, if they want something. */
  readonly coordinator?: string;
  /** Each agent's superior; all who are missing report to the coordinator. */
  readonly superiors?: Readonly<Record<string, string>>;
}

export interface HierarchicalValue {
  readonly ok: true;
  readonly value: Json;
  /** Whose own preference it is; absent where it is the middle of several. */
  readonly decidedBy?: string;
}

/** The one above all who have no superior, where nobody is named. */
const nobody = "";

/**
 * From the leaves up: whoever wants something decides for all below them, with the weight of all of them; for the
 * others it is the weighted median of what comes from below (the plurality where values are no numbers). Without a
 * coordinator those without a superior are equals.
 */
export function hierarchicalValue(
  preferences: readonly WeightedPreference[],
  { coordinator, superiors = {} }: HierarchyOptions,
): HierarchicalValue | NotNegotiated {
  const own = new Map(preferences.map((preference) => [preference.agent, preference]));
  const root = coordinator ?? nobody;
  const agents = new Set([root, ...own.keys(), ...Object.keys(superiors), ...Object.values(superiors)]);
  if (Object.hasOwn(superiors, root))
    return notNegotiated("invalid_configuration", `the coordinator ${root} has a superior`);
  const below = Map.groupBy(
    [...agents].filter((agent) => agent !== root),
    (agent) => (Object.hasOwn(superiors, agent) ? (superiors[agent] ?? root) : root),
  );
  const reached = new Set<string>();
  const order: string[] = [root];
  for (const agent of order) {
    reached.add(agent);
    order.push(...(below.get(agent) ?? []));
  }
  const lost = [...agents].filter((agent) => !reached.has(agent));
  if (lost.length > 0)
    return notNegotiated("invalid_configuration", `superiors: ${lost.sort().join(", ")} are above themselves`);
  return folded(order, below, own);
}

/** Values from the last in the order to the first, each after all below it. */
function folded(
  order: readonly string[],
  below: ReadonlyMap<string, readonly string[]>,
  own: ReadonlyMap<string, WeightedPreference>,
): HierarchicalValue | NotNegotiated {
  const values = new Map<string, Weighted<Json> & { readonly by?: string }>();
  for (const agent of order.toReversed()) {
    const parts = (below.get(agent) ?? []).flatMap((each) => values.get(each) ?? []);
    const preference = own.get(agent);
    const weight = parts.reduce((sum, part) => sum + part.weight, preference?.weight ?? 0);
    const heard = parts.filter((part) => part.weight > 0);
    if (preference !== undefined) values.set(agent, { value: preference.value, weight, by: agent });
    else if (heard.length === 1 && heard[0] !== undefined) values.set(agent, heard[0]);
    else if (heard.length > 1) values.set(agent, { value: weightedMiddle(heard), weight });
  }
  const top = values.get(order[0] ?? nobody);
  if (top === undefined) return notNegotiated("no_preferences", "nobody below the coordinator wants anything");
  return { ok: true, value: top.value, ...(top.by === undefined ? {} : { decidedBy: top.by }) };
}
