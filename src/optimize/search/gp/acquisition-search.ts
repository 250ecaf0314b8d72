import { shuffle } from "#foundation";
import type { Json, Rng } from "#foundation";
import { sampleConfiguration } from "#variables";
import { crossConfigurations, mutateConfiguration } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { logImprovement } from "./expected-improvement.ts";
import { featuresOf } from "./features.ts";
import { minimize } from "./lbfgs.ts";
import { jittered } from "./moves.ts";
import type { Move } from "./moves.ts";
import type { Posterior } from "./posterior.ts";
import type { Region } from "./region.ts";

/** Where to look for the configuration that promises most. */
export interface AcquisitionSearch {
  readonly space: Space;
  readonly moves: readonly Move[];
  readonly posterior: Posterior;
  /** The mean to improve on. */
  readonly best: number;
  /** The best configurations so far, the best first: what candidates come from. */
  readonly leaders: readonly Configuration[];
  /** What a configuration's costs take off its promise, by its row; nothing unless told. */
  readonly price?: ((row: Float64Array) => number) | undefined;
  /**
   * The variance of a measurement, where it shall count that measuring what is known about as well as that says little:
   * improvements are worth less there (augmented expected improvement, Huang et al. 2006). 0 unless told.
   */
  readonly noise?: number | undefined;
  /** Where alone to look; anywhere unless told. */
  readonly region?: Region | undefined;
  /** All there is to look at, where that is little: then nothing is searched. */
  readonly among?: readonly Configuration[] | undefined;
  readonly rng: Rng;
}

/** A configuration with its row of features and the log of its expected improvement. */
export interface Promising {
  readonly configuration: Configuration;
  readonly promise: number;
}

const randomCandidates = 100;
const mutatedCandidates = 100;
const jitteredCandidates = 60;
const jitterWidths = [0.1, 0.03, 0.01, 0.003];

/** From how many candidates, and from how many leaders, the search climbs. */
const climbs = 3;
const maxRounds = 6;
const polishSteps = 25;

/** Of more variables than these a round moves fewer, by chance: a prediction costs more, the more there are. */
const manyMoves = 30;
const leastMoves = 10;

/**
 * Configurations by their expected improvement, the most promising first: random ones and children of the leaders, from the
 * best of which it climbs, one variable after the other and all continuous numbers along the slope.
 */
export function promisingConfigurations(search: AcquisitionSearch): readonly Promising[] {
  const { space, posterior, best } = search;
  const features = featuresOf(space);
  const promiseOf = (row: Float64Array): number => {
    if (search.region?.holds(row) === false) return -Infinity;
    const { mean, deviation } = posterior.predict(row);
    const { log } = logImprovement(best, mean, deviation);
    return log + logNews(deviation, search.noise ?? 0) - (search.price?.(row) ?? 0);
  };
  const judged = (configuration: Configuration): Promising => {
    return { configuration, promise: promiseOf(features.rowOf(configuration)) };
  };
  if (search.among !== undefined) return search.among.map(judged).sort(byPromise);
  const pool = candidatesOf(search).map(judged).sort(byPromise);
  const [leader] = search.leaders;
  const starts = [...pool.slice(0, climbs), ...(leader === undefined ? [] : [judged(leader)])];
  const climbed = starts.map((start, at) => climb(start, search, { judged, rng: search.rng.fork(`climb ${at}`) }));
  return [...climbed.flat(), ...pool].sort(byPromise);
}

/** The log of 1 - √(noise / (deviation² + noise)), as a difference of squares: near 0 it has digits too. */
function logNews(deviation: number, noise: number): number {
  if (noise === 0) return 0;
  const all = deviation ** 2 + noise;
  return Math.log(deviation ** 2 / (all + Math.sqrt(all * noise)));
}

function byPromise(one: Promising, other: Promising): number {
  return other.promise - one.promise;
}

function candidatesOf({ space, moves, leaders, region, rng }: AcquisitionSearch): readonly Configuration[] {
  const found: Configuration[] = [];
  for (let at = 0; at < randomCandidates; at++)
    found.push(
      region === undefined
        ? sampleConfiguration(space, rng.fork(`random ${at}`))
        : region.draw(moves, rng.fork(`region ${at}`)),
    );
  const [leader] = leaders;
  if (leader === undefined) return found;
  for (let at = 0; at < mutatedCandidates; at++) {
    const own = rng.fork(`mutated ${at}`);
    const parent = leaders[Math.floor(own.next() ** 2 * leaders.length)] as Configuration;
    const other = leaders[Math.floor(own.next() * leaders.length)] as Configuration;
    const child = at % 4 === 0 ? crossConfigurations(space, parent, other, own.fork("cross")) : parent;
    found.push(mutateConfiguration(space, child, own.fork("mutate"), { variables: 1 + (at % 3) }));
  }
  if (moves.every(({ scale }) => scale === undefined)) return found;
  const jitter = rng.fork("jitter");
  for (let at = 0; at < jitteredCandidates; at++) {
    const parent = leaders[at % 3 === 0 ? Math.floor(jitter.next() * leaders.length) : 0] as Configuration;
    found.push(jittered(moves, parent, { width: jitterWidths[at % jitterWidths.length] as number, rng: jitter }));
  }
  return found;
}

interface Climb {
  readonly judged: (configuration: Configuration) => Promising;
  readonly rng: Rng;
}

/** The ends of its rounds: each tries every variable's other values, then follows the slope of all continuous numbers. */
function climb(start: Promising, search: AcquisitionSearch, { judged, rng }: Climb): readonly Promising[] {
  const ends: Promising[] = [];
  const maxMoves = Math.max(leastMoves, manyMoves * Math.min(1, manyMoves / search.moves.length));
  let now = start;
  for (let round = 0; round < maxRounds; round++) {
    const own = rng.fork(`round ${round}`);
    const before = now.promise;
    now = polished(now, search, judged);
    const polishedPromise = now.promise;
    for (const move of shuffle(own, search.moves).slice(0, maxMoves)) {
      const value = now.configuration[move.variable.name];
      // What a slope leads to is tried from afar only once.
      if (value === undefined || (move.scale !== undefined && round > 0)) continue;
      now = bestMove(now, { move, value, judged, rng: own.fork(move.variable.name) });
    }
    ends.push(now);
    if (!(now.promise > polishedPromise + 1e-3) && !(now.promise > before + 0.05)) break;
  }
  return ends;
}

function bestMove(
  now: Promising,
  { move, value, judged, rng }: Climb & { readonly move: Move; readonly value: Json },
): Promising {
  let best = now;
  for (const other of move.others(value, rng)) {
    const tried = judged(move.moved(now.configuration, other, rng));
    if (tried.promise > best.promise) best = tried;
  }
  return best;
}

/** The configuration at the top of the slope over its continuous numbers. */
function polished(
  now: Promising,
  { space, moves, posterior, best, region }: AcquisitionSearch,
  judged: Climb["judged"],
): Promising {
  const free = moves.filter(
    ({ variable, scale }) => scale !== undefined && now.configuration[variable.name] !== undefined,
  );
  if (free.length === 0) return now;
  const columns = free.map(({ column }) => column);
  const row = featuresOf(space).rowOf(now.configuration).slice();
  const start = Float64Array.from(columns, (column) => row[column] as number);
  const [byMean, byDeviation] = [new Float64Array(columns.length), new Float64Array(columns.length)];
  const { point } = minimize(
    (at, gradient) => {
      for (const [place, column] of columns.entries()) row[column] = at[place] as number;
      const { mean, deviation } = posterior.predict(row);
      const improvement = logImprovement(best, mean, deviation);
      posterior.slopes(columns, byMean, byDeviation);
      for (let place = 0; place < columns.length; place++)
        gradient[place] = -(
          improvement.byMean * (byMean[place] as number) +
          improvement.byDeviation * (byDeviation[place] as number)
        );
      return -improvement.log;
    },
    {
      start,
      low: Float64Array.from(columns, (column) => region?.low[column] ?? 0),
      high: Float64Array.from(columns, (column) => region?.high[column] ?? 1),
      steps: polishSteps,
    },
  );
  const values = free.map(({ variable, scale }, place) => [variable.name, scale?.fromUnit(point[place] as number)]);
  const reached = judged({ ...now.configuration, ...(Object.fromEntries(values) as Configuration) });
  return reached.promise > now.promise ? reached : now;
}
