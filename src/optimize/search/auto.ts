import { describe, UsageError } from "#foundation";
import { checkCounts } from "../check-counts.ts";
import { evolutionSampler } from "./evolution-sampler.ts";
import { uncertainBest } from "./gp/uncertain-best.ts";
import { checkCostWeight, gp } from "./gp.ts";
import { creditedShares } from "./portfolio.ts";
import type { Shares } from "./portfolio.ts";
import { randomSampler } from "./random-sampler.ts";
import type { Sampler } from "./sampler.ts";
import type { SearchState } from "./search-state.ts";
import { tpe } from "./tpe.ts";
import { notingSampler } from "./trial-sampler.ts";
import type { NextTrial, Proposed } from "./trial-sampler.ts";

export interface AutoOptions {
  /** How many quasi-random trials come first; 10 unless told, or a quarter of a smaller `budget`. */
  readonly startup?: number;
  /** How many trials are planned. In the last tenth of them nothing is tried at random any more. */
  readonly budget?: number;
  /**
   * Whether scores are noisy and the best configuration may be asked for again, with a new id, while it is unsure whether it
   * is the best: then `ask` does not keep to untried ones. No unless told.
   */
  readonly replicate?: boolean;
  /** How much costs count, from 0 to 1: in each arm's credit, and see `gp`. 0 unless told. */
  readonly costWeight?: number;
}

/** From so many trials on there is something to breed from. */
const breedingFrom = 50;

/** Beyond so many trials a model of all of them says more than one of the nearest, and costs less. */
const manyTrials = 2000;

/** No more than every so manieth trial measures again. */
const replicateEvery = 4;

/** Who asks for which share before any credit, by how many trials there are. */
const fewShares: Shares = { gp: 0.95, random: 0.05 };
const someShares: Shares = { gp: 0.87, evolution: 0.1, random: 0.03 };
const manyShares: Shares = { gp: 0.1, tpe: 0.6, evolution: 0.25, random: 0.05 };

/**
 * The sampler to take when nothing is known of a problem: a portfolio, in which each trial is asked for by one of several
 * others, by chance and with shares that follow what came of them. After a quasi-random start most trials are those of
 * `gp`, some are children of the best (`evolutionSampler`), a few random; beyond 2,000 trials `tpe` takes the
 * place of most of the first. Each trial's note says in `arm` who asked: `startup`, `gp`, `evolution`, `random`, `tpe`, `again`.
 */
export function auto(options: AutoOptions = {}): Sampler<SearchState> {
  const { budget, replicate = false, costWeight = 0 } = options;
  const { startup = Math.min(10, Math.max(1, Math.ceil((budget ?? Infinity) / 4))) } = options;
  checkCounts("auto", { startup, ...(budget === undefined ? {} : { budget }) });
  checkCostWeight("auto", costWeight);
  if (typeof replicate !== "boolean")
    throw new UsageError(`auto.replicate: expected true or false, got ${describe(replicate)}`);
  const arms: Readonly<Record<string, Sampler<SearchState>>> = {
    gp: gp({ startup, costWeight }),
    evolution: evolutionSampler(),
    random: randomSampler(),
    tpe: tpe(),
  };
  return notingSampler({
    name: "auto",
    options: { startup, replicate, costWeight, ...(budget === undefined ? {} : { budget }) },
    propose(state, next) {
      const isStart = next.number < startup;
      const again = replicate && !isStart ? replicated(state) : undefined;
      if (again !== undefined) return again;
      const arm = isStart ? "gp" : drawnArm(state, next, { budget, costWeight });
      const [trial] = arms[arm]?.ask(state, next.rng.fork(arm), 1) ?? [];
      if (trial === undefined) return undefined;
      return { configuration: trial.configuration, note: { ...trial.note, arm: isStart ? "startup" : arm } };
    },
  });
}

interface Drawing {
  readonly budget: number | undefined;
  readonly costWeight: number;
}

function drawnArm(state: SearchState, { number, rng }: NextTrial, { budget = Infinity, costWeight }: Drawing): string {
  const base = sharesAt(number);
  const isEnd = number >= 0.9 * budget;
  const credited = creditedShares(isEnd ? { ...base, random: 0 } : base, state, { costWeight });
  let rest = rng.fork("arm").next();
  return Object.entries(credited).find(([, share]) => (rest -= share) < 0)?.[0] ?? "gp";
}

function sharesAt(number: number): Shares {
  if (number < breedingFrom) return fewShares;
  return number < manyTrials ? someShares : manyShares;
}

/** The best again, unless it was measured again lately or it is clear that it is the best. */
function replicated(state: SearchState): Proposed | undefined {
  if (state.trials.slice(1 - replicateEvery).some(({ note }) => note?.["arm"] === "again")) return undefined;
  const configuration = uncertainBest(state);
  return configuration === undefined ? undefined : { configuration, note: { arm: "again" } };
}
