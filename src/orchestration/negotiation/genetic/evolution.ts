import { canonicalJson, integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import { sampleConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import { nonDominated, placesOf } from "./front.ts";
import type { Utilities } from "./front.ts";

/** What is bred, and for whom. */
export interface EvolutionTask {
  readonly space: Space;
  /** Where it begins, before anything by chance: what the agents proposed. */
  readonly proposals: readonly Configuration[];
  /** How much each agent counts, in the agents' order. */
  readonly weights: readonly number[];
  /** What each agent has without an agreement; −Infinity where it accepts anything. */
  readonly disagreement: readonly number[];
  readonly population: number;
  readonly generations: number;
  /** How many configurations are shown to the agents at most. */
  readonly maxEvaluations: number;
  /** Utilities are by chance: how many of the best are asked about again in every generation. 0 for utilities that stay. */
  readonly elites: number;
  /** The allowed configuration that one stands for; `undefined` where it stands for none. */
  readonly repair: (configuration: Configuration) => Configuration | undefined;
  readonly rng: Rng;
}

/** A configuration and the mean of what the agents said of it. */
export interface Evaluated {
  readonly configuration: Configuration;
  readonly utilities: Utilities;
  /** How often they were asked. */
  readonly samples: number;
}

/** How far it has come. Plain JSON. */
export interface Evolution {
  readonly generation: number;
  readonly evaluations: number;
  /** By what they hold. */
  readonly seen: Readonly<Record<string, Evaluated>>;
  readonly parents: readonly Evaluated[];
  /** The next generation: always as many as the population. */
  readonly candidates: readonly Configuration[];
}

/** The proposals, then random configurations. */
export function startEvolution(task: EvolutionTask): Evolution {
  const rng = task.rng.fork("generation 0");
  const proposals = task.proposals.map(task.repair).filter((proposal) => proposal !== undefined);
  const candidates = Array.from({ length: task.population }, (_, index) => {
    const chance = rng.fork(String(index));
    return proposals[index] ?? allowed(task, chance, (each) => sampleConfiguration(task.space, each));
  });
  const fitting = candidates.filter((candidate) => candidate !== undefined);
  return { generation: 0, evaluations: 0, seen: {}, parents: [], candidates: fitting };
}

/** What the agents are to be asked about now: what is new, and the elites again. Empty when it is over. */
export function wantedEvaluations(task: EvolutionTask, evolution: Evolution): readonly Configuration[] {
  const { candidates, seen, parents, evaluations } = evolution;
  if (evolution.generation > task.generations) return [];
  const fresh = candidates.filter((candidate) => !Object.hasOwn(seen, canonicalJson(candidate)));
  const elites = parents.slice(0, task.elites).map(({ configuration }) => configuration);
  const wanted = new Map([...elites, ...fresh].map((each) => [canonicalJson(each), each]));
  return [...wanted.values()].slice(0, Math.max(0, task.maxEvaluations - evaluations));
}

/**
 * The next generation, from the answers to what was wanted. Everyone in it draws from a stream of its own, so nothing
 * depends on whose answer came first.
 */
export function nextGeneration(
  task: EvolutionTask,
  evolution: Evolution,
  answers: readonly { readonly configuration: Configuration; readonly utilities: Utilities }[],
): Evolution {
  const seen: Record<string, Evaluated> = { ...evolution.seen };
  for (const { configuration, utilities } of answers) {
    const key = canonicalJson(configuration);
    seen[key] = withAnswer(seen[key], configuration, utilities);
  }
  const keys = [...evolution.parents.map(({ configuration }) => configuration), ...evolution.candidates].map(
    canonicalJson,
  );
  const known = [...new Set(keys)].map((key) => seen[key]).filter((each) => each !== undefined);
  const parents = survivors(task, known);
  const generation = evolution.generation + 1;
  const evaluations = evolution.evaluations + answers.length;
  const rng = task.rng.fork(`generation ${generation}`);
  const candidates =
    parents.length === 0
      ? evolution.candidates
      : Array.from({ length: task.population }, (_, index) => childOf(task, parents, rng.fork(String(index))));
  return { generation, evaluations, seen, parents, candidates };
}

/** What nobody can better for one agent without another losing, among all that were seen. */
export function frontOf({ seen }: Evolution): readonly Evaluated[] {
  return nonDominated(Object.values(seen));
}

/** Σ weight · utility; −Infinity where an agent could not say. */
export function fitnessOf({ weights }: Pick<EvolutionTask, "weights">, utilities: Utilities): number {
  return utilities.reduce<number>(
    (sum, utility, index) => sum + (weights[index] === 0 ? 0 : (weights[index] ?? 0) * (utility ?? -Infinity)),
    0,
  );
}

function withAnswer(before: Evaluated | undefined, configuration: Configuration, utilities: Utilities): Evaluated {
  if (before === undefined) return { configuration, utilities, samples: 1 };
  const samples = before.samples + 1;
  const means = before.utilities.map((mean, index) => {
    const utility = utilities[index] ?? null;
    return mean === null || utility === null ? null : mean + (utility - mean) / samples;
  });
  return { configuration, utilities: means, samples };
}

/**
 * The fittest first, then by front and room; what is nearer to being accepted by all goes before everything (Deb's
 * constrained domination).
 */
function survivors(task: EvolutionTask, pool: readonly Evaluated[]): readonly Evaluated[] {
  const places = placesOf(pool);
  const order = pool
    .map((each, index) => ({
      each,
      index,
      missing: missingOf(task, each.utilities),
      fitness: fitnessOf(task, each.utilities),
      ...(places[index] ?? { rank: 0, crowding: 0 }),
    }))
    .sort(
      (a, b) =>
        compare(a.missing, b.missing) || a.rank - b.rank || compare(b.crowding, a.crowding) || a.index - b.index,
    );
  const [first] = order;
  if (first === undefined) return [];
  const fittest = order
    .filter(({ missing }) => missing === first.missing)
    .reduce((best, each) => (each.fitness > best.fitness ? each : best));
  return [fittest, ...order.filter((each) => each !== fittest)].slice(0, task.population).map(({ each }) => each);
}

/** How far the agents are from accepting, together. */
function missingOf({ disagreement }: EvolutionTask, utilities: Utilities): number {
  return disagreement.reduce((sum, least, index) => {
    const utility = utilities[index] ?? null;
    return sum + (utility === null ? Infinity : Math.max(0, least - utility));
  }, 0);
}

/** Infinities have no difference. */
function compare(a: number, b: number): number {
  return Number(a > b) - Number(a < b);
}

/** Parents are sorted: of two drawn ones the earlier is the better. */
function childOf(task: EvolutionTask, parents: readonly Evaluated[], rng: Rng): Configuration {
  const parent = (label: string): Configuration => {
    const draw = rng.fork(label);
    const place = Math.min(integerBelow(draw, parents.length), integerBelow(draw, parents.length));
    return parents[place]?.configuration ?? {};
  };
  const [mother, father] = [parent("mother"), parent("father")];
  const child = allowed(task, rng, (chance) => {
    const crossed = crossConfigurations(task.space, mother, father, chance.fork("cross"));
    return mutateConfiguration(task.space, crossed, chance.fork("mutate"));
  });
  return child ?? mother;
}

/** The first of a few tries that the constraints allow. */
function allowed({ repair }: EvolutionTask, rng: Rng, make: (rng: Rng) => Configuration): Configuration | undefined {
  for (let tries = 0; tries < 20; tries++) {
    const made = repair(make(rng.fork(`try ${tries}`)));
    if (made !== undefined) return made;
  }
  return undefined;
}
