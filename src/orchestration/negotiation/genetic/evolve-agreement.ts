import { describe, mapConcurrently, seededRng, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import type { Configuration, Space } from "#variables";
import { validateConfiguration } from "#variables";
import { askAgents } from "../ask-agents.ts";
import type { Absence } from "../../conflicts/hearing.ts";
import type { Answers, AskAgentsOptions } from "../ask-agents.ts";
import { notNegotiated } from "../negotiation.ts";
import type { NotNegotiated } from "../negotiation.ts";
import { fitnessOf, frontOf, nextGeneration, startEvolution, wantedEvaluations } from "./evolution.ts";
import type { Evaluated, Evolution, EvolutionTask } from "./evolution.ts";

/** What an agent is asked: how much it likes a configuration, as a finite number, more for better. */
export type Utility = (configuration: Configuration, signal: AbortSignal) => unknown;

export interface EvolutionOptions {
  /** 60 unless told. */
  readonly population?: number;
  /** 40 unless told. */
  readonly generations?: number;
  /** How many configurations are shown to the agents at most; all of every generation unless told. */
  readonly maxEvaluations?: number;
  readonly rng?: Rng;
}

export interface EvolveAgreementOptions extends EvolutionOptions, AskAgentsOptions {
  /** Where to begin. Must be valid. */
  readonly proposals?: readonly Configuration[];
  /** How much each agent counts; 1 unless told. */
  readonly weights?: Readonly<Record<string, number>>;
  /** What an agent has without an agreement: it accepts nothing below. */
  readonly disagreement?: Readonly<Record<string, number>>;
  /** For utilities by chance: so many of the best are asked about again in each generation, and means count. 0 unless told. */
  readonly elites?: number;
  /** How many configurations the agents are asked about at once; 8 unless told. The agreement does not depend on it. */
  readonly concurrency?: number;
}

/** What was agreed, and what else could have been. */
export interface Agreement {
  readonly ok: true;
  /** Of the front, what has the largest Σ weight · utility. */
  readonly value: Configuration;
  readonly utilities: Readonly<Record<string, number | null>>;
  /** What no other seen configuration betters for one agent without another losing; nobody is below their disagreement. */
  readonly front: readonly Evaluated[];
  readonly evaluations: number;
  readonly generations: number;
  readonly absent: readonly Absence[];
}

/**
 * Breeds configurations that agents like, by their own utilities (non-dominated sorting, the fittest always kept). The
 * same rng gives the same agreement, whoever answers first. An agent that throws, is late or says no number likes that
 * configuration less than any other, and is named.
 */
export async function evolveAgreement(
  space: Space,
  agents: Readonly<Record<string, Utility>>,
  options: EvolveAgreementOptions = {},
): Promise<Agreement | (NotNegotiated & { readonly absent: readonly Absence[] })> {
  const names = Object.keys(agents);
  const absent: Absence[] = [];
  if (names.length === 0) return { ...notNegotiated("no_preferences", "no agent is asked"), absent };
  const task = taskOf(space, names, options);
  let evolution = startEvolution(task);
  while (evolution.generation <= task.generations && evolution.evaluations < task.maxEvaluations) {
    const answers = [];
    const wanted = wantedEvaluations(task, evolution);
    const heard = mapConcurrently(wanted, async (configuration) => asked(configuration, agents, options), {
      concurrency: options.concurrency ?? 8,
      ordered: true,
    });
    for await (const { answers: said, absent: silent, configuration } of heard) {
      const worths = new Map(said.map(({ agent, answer }) => [agent, answer]));
      answers.push({ configuration, utilities: names.map((name) => worths.get(name) ?? null) });
      absent.push(...silent);
    }
    evolution = nextGeneration(task, evolution, answers);
  }
  const agreed = agreementOf(task, evolution);
  if (!agreed.ok) return { ...agreed, absent };
  const { best, front } = agreed;
  const utilities = Object.fromEntries(names.map((name, index) => [name, best.utilities[index] ?? null] as const));
  const { evaluations, generation: generations } = evolution;
  return { ok: true, value: best.configuration, utilities, front, evaluations, generations, absent };
}

async function asked(
  configuration: Configuration,
  agents: Readonly<Record<string, Utility>>,
  options: AskAgentsOptions,
): Promise<Answers<number> & { readonly configuration: Configuration }> {
  const ask = (name: string, signal: AbortSignal): unknown => agents[name]?.(structuredClone(configuration), signal);
  return {
    configuration,
    ...(await askAgents(Object.keys(agents), ask, { ...options, asked: "utility", read: readUtility })),
  };
}

/** The fittest of what everyone accepts, and the front of it. */
export function agreementOf(
  task: Pick<EvolutionTask, "weights" | "disagreement">,
  evolution: Evolution,
): { readonly ok: true; readonly best: Evaluated; readonly front: readonly Evaluated[] } | NotNegotiated {
  const front = frontOf(evolution).filter(({ utilities }) =>
    utilities.every((utility, index) => utility !== null && utility >= (task.disagreement[index] ?? -Infinity)),
  );
  const [best] = front.toSorted((a, b) => fitnessOf(task, b.utilities) - fitnessOf(task, a.utilities));
  if (best === undefined)
    return notNegotiated("no_consensus", "nothing that was tried is accepted, and known, by every agent");
  return { ok: true, best, front };
}

export function checkEvolution({
  population = 60,
  generations = 40,
  maxEvaluations,
}: EvolutionOptions): Required<Omit<EvolutionOptions, "rng">> {
  const limits = { population, generations, maxEvaluations: maxEvaluations ?? population * (generations + 1) };
  for (const [key, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new UsageError(`genetic.${key}: expected a whole number above 0, got ${describe(limit)}`);
  }
  return limits;
}

function taskOf(space: Space, names: readonly string[], options: EvolveAgreementOptions): EvolutionTask {
  const { proposals = [], weights = {}, disagreement = {}, elites = 0, rng = seededRng("evolve agreement") } = options;
  for (const [key, told] of Object.entries({ weights, disagreement })) {
    for (const [name, number] of Object.entries(told)) {
      if (!names.includes(name) || !Number.isFinite(number) || (key === "weights" && number < 0))
        throw new UsageError(`evolveAgreement.${key}.${name}: expected an agent and a number, got ${describe(number)}`);
    }
  }
  if (!Number.isSafeInteger(elites) || elites < 0)
    throw new UsageError(`evolveAgreement.elites: expected a whole number of at least 0, got ${describe(elites)}`);
  for (const proposal of proposals) {
    const validation = validateConfiguration(space, proposal);
    if (!validation.ok)
      throw new UsageError(
        "evolveAgreement.proposals: expected valid configurations",
        validation.issues.map(({ path, expected }) => `${path}: ${expected}`),
      );
  }
  const limits = checkEvolution(options);
  return {
    space,
    proposals,
    weights: names.map((name) => weights[name] ?? 1),
    ...limits,
    population: Math.max(limits.population, proposals.length),
    disagreement: names.map((name) => disagreement[name] ?? -Infinity),
    elites,
    repair: (configuration) => configuration,
    rng,
  };
}

function readUtility(answer: unknown): { readonly value: number } | string {
  if (typeof answer === "number" && Number.isFinite(answer)) return { value: answer };
  return `expected a finite number, got ${describe(answer)}`;
}
