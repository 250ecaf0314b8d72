import { canonicalJson, seededRng } from "#foundation";
import type { Json } from "#foundation";
import { choice, float, space } from "#variables";
import type { Variable } from "#variables";
import { digitsOf } from "../pool/units.ts";
import { agreementOf, checkEvolution } from "./genetic/evolve-agreement.ts";
import type { EvolutionOptions } from "./genetic/evolve-agreement.ts";
import { fitnessOf, nextGeneration, startEvolution, wantedEvaluations } from "./genetic/evolution.ts";
import type { EvolutionTask } from "./genetic/evolution.ts";
import { notNegotiated } from "./negotiation.ts";
import type { NotNegotiated, WeightedPreference } from "./negotiation.ts";
import { isFeasible, nearestFeasible } from "./value-constraints.ts";
import type { Feasible } from "./value-constraints.ts";
import { areNumbers } from "./weighted-values.ts";

export interface EvolvedValue {
  readonly ok: true;
  readonly value: Json;
  /** Σ w·exp(−((v − vᵢ)/range)²) of it. */
  readonly fitness: number;
  /** Values of which none is better for one agent without being worse for another. */
  readonly front: readonly Json[];
  readonly evaluations: number;
}

/**
 * The best that evolution finds by Σ w·exp(−((v − vᵢ)/range)²) within the constraints, never worse than a proposal. Of
 * values that are no numbers an agent likes its own and no other.
 */
export function evolvedValue(
  preferences: readonly WeightedPreference[],
  frame: { readonly variable: Variable | string; readonly feasible: Feasible; readonly range: number },
  options: EvolutionOptions,
): EvolvedValue | NotNegotiated {
  const variable = typeof frame.variable === "string" ? variableOf(preferences, frame.feasible) : frame.variable;
  const { name } = variable;
  // Whole weights, so that what is equally liked adds up to the same.
  const scale = 10 ** Math.min(12, digitsOf(preferences.map(({ weight }) => weight)));
  const task = taskOf(variable, preferences, { feasible: frame.feasible, scale, options });
  const utilities = (value: Json): number[] =>
    preferences.map((preference) => liking(preference.value, value, frame.range));
  let evolution = startEvolution(task);
  if (evolution.candidates.length === 0)
    return notNegotiated("constraint_violation", "no value was found that is allowed");
  while (evolution.generation <= task.generations && evolution.evaluations < task.maxEvaluations) {
    const answers = wantedEvaluations(task, evolution).map((configuration) => ({
      configuration,
      utilities: utilities(configuration[name] ?? null),
    }));
    evolution = nextGeneration(task, evolution, answers);
  }
  const agreed = agreementOf(task, evolution);
  if (!agreed.ok) return agreed;
  const valueIn = (each: typeof agreed.best): Json => each.configuration[name] ?? null;
  return {
    ok: true,
    value: valueIn(agreed.best),
    fitness: fitnessOf(task, agreed.best.utilities) / scale,
    front: agreed.front.map(valueIn),
    evaluations: evolution.evaluations,
  };
}

function taskOf(
  variable: Variable,
  preferences: readonly WeightedPreference[],
  how: { readonly feasible: Feasible; readonly scale: number; readonly options: EvolutionOptions },
): EvolutionTask {
  const { feasible, scale, options } = how;
  const { name } = variable;
  const limits = checkEvolution(options);
  const proposed = preferences.map(({ value }) => value);
  const numbers = proposed.filter((value) => typeof value === "number");
  const repaired = (value: Json | undefined): Json | undefined => {
    if (value === undefined || isFeasible(value, feasible)) return value;
    return typeof value === "number" ? nearestFeasible(value, feasible, numbers) : undefined;
  };
  return {
    space: space([variable]),
    proposals: proposed.map((value) => ({ [name]: value })),
    weights: preferences.map(({ weight }) => Math.round(weight * scale)),
    ...limits,
    // No proposal is left out: nothing worse than one of them can come of it.
    population: Math.max(limits.population, preferences.length),
    disagreement: preferences.map(() => -Infinity),
    elites: 0,
    repair(configuration) {
      const value = repaired(configuration[name]);
      return value === undefined ? undefined : { [name]: value };
    },
    rng: options.rng ?? seededRng("negotiate value"),
  };
}

function liking(own: Json, value: Json, range: number): number {
  if (typeof own === "number" && typeof value === "number" && range > 0)
    return Math.exp(-(((value - own) / range) ** 2));
  return Number(canonicalJson(own) === canonicalJson(value));
}

/** What may be bred where only a name is known: between the proposals and the constraints, or one of the proposals. */
function variableOf(preferences: readonly WeightedPreference[], feasible: Feasible): Variable {
  const options = feasible.find(({ oneOf }) => oneOf !== undefined)?.oneOf;
  const values = [
    ...new Map(
      (options ?? preferences.map(({ value }) => value)).map((value) => [canonicalJson(value), value]),
    ).values(),
  ];
  if (options !== undefined || !areNumbers(preferences)) return choice("value", values);
  const lows = feasible.flatMap(({ min }) => min ?? []);
  const highs = feasible.flatMap(({ max }) => max ?? []);
  const numbers = preferences.map(({ value }) => Number(value));
  const low = lows.length === 0 ? Math.min(...numbers, ...highs) : Math.max(...lows);
  const high = highs.length === 0 ? Math.max(...numbers, low) : Math.min(...highs);
  return float("value", { min: low, max: high });
}
