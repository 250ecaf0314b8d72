import type { Json, Rng } from "#foundation";
import type { FloatVariable, IntegerVariable } from "#variables";
import type { MakeKernels } from "./kernels.ts";
import { gaussian, normalShare } from "./normal-distribution.ts";
import { unitScale } from "./unit-scale.ts";
import type { UnitScale } from "./unit-scale.ts";

/** Normal densities cut at the ends of the range, on its scale from 0 to 1. */
interface Normals {
  readonly means: Float64Array;
  readonly widths: Float64Array;
  /** The log of the share of each density that lies within the range. */
  readonly logShares: Float64Array;
}

/** Kernels of a number: as wide as the gap to the farther neighbour among what was observed (Bergstra et al. 2011). */
export function numberKernels(variable: FloatVariable | IntegerVariable): MakeKernels {
  const scale = unitScale(variable);
  return (observed) => {
    const normals = normalsAround(observed, scale);
    const addLogDensity = scale.cells === undefined ? continuous(normals) : celled(normals, scale.cells);
    return {
      addLogDensity: (sums, value) => addLogDensity(sums, scale.toUnit(value as number)),
      draw: (component, rng) => scale.fromUnit(drawNormal(normals, component, rng)),
    };
  };
}

/** Beyond so many standard deviations lies nothing that the approximation of the normal's share could tell. */
const farOut = 5.5;

function normalsAround(observed: readonly (Json | undefined)[], scale: UnitScale): Normals {
  const count = observed.length;
  const means = new Float64Array(count).fill(0.5);
  const widths = new Float64Array(count).fill(1);
  for (const [at, value] of observed.entries()) if (value !== undefined) means[at] = scale.toUnit(value as number);
  const sorted = means.toSorted();
  const narrowest = 1 / (count + 1);
  const taken = new Uint32Array(count);
  for (const [at, value] of observed.entries()) {
    if (value === undefined) continue;
    const mean = means[at] as number;
    const first = lowerBound(sorted, mean);
    const rank = first + (taken[first] as number);
    taken[first] = (taken[first] as number) + 1;
    const left = rank === 0 ? 0 : mean - (sorted[rank - 1] as number);
    const right = rank === count - 1 ? 0 : (sorted[rank + 1] as number) - mean;
    widths[at] = Math.min(1, Math.max(narrowest, left, right));
  }
  const logShares = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const [mean, width] = [means[at] as number, widths[at] as number];
    const isWhole = mean > farOut * width && 1 - mean > farOut * width;
    logShares[at] = isWhole ? 0 : Math.log(normalShare((1 - mean) / width) - normalShare(-mean / width));
  }
  return { means, widths, logShares };
}

function continuous({ means, widths, logShares }: Normals): (sums: Float64Array, place: number) => void {
  const constants = logShares.map((share, at) => -share - Math.log(widths[at] as number));
  const factors = widths.map((width) => -0.5 / (width * width));
  return (sums, place) => {
    for (let at = 0; at < sums.length; at++) {
      const distance = place - (means[at] as number);
      sums[at] = (sums[at] as number) + (constants[at] as number) + distance * distance * (factors[at] as number);
    }
  };
}

/** The log of the mass in the cell of a place, remembered by cell: few cells are looked at by many candidates. */
function celled({ means, widths, logShares }: Normals, cells: number): (sums: Float64Array, place: number) => void {
  const columns = new Map<number, Float64Array>();
  const columnOf = (cell: number): Float64Array => {
    const known = columns.get(cell);
    if (known !== undefined) return known;
    const column = logShares.map((share, at) => {
      const [mean, width] = [means[at] as number, widths[at] as number];
      const [low, high] = [(cell / cells - mean) / width, ((cell + 1) / cells - mean) / width];
      const isEmpty = low > farOut || high < -farOut;
      return (isEmpty ? logLeastMass : Math.log(Math.max(leastMass, normalShare(high) - normalShare(low)))) - share;
    });
    columns.set(cell, column);
    return column;
  };
  return (sums, place) => {
    const column = columnOf(Math.min(cells - 1, Math.floor(place * cells)));
    for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) + (column[at] as number);
  };
}

/** Below this the approximation of the normal's share says nothing. */
const leastMass = 1e-7;
const logLeastMass = Math.log(leastMass);

const maxDraws = 64;

function drawNormal({ means, widths }: Normals, component: number, rng: Rng): number {
  const [mean, width] = [means[component] as number, widths[component] as number];
  for (let draw = 0; draw < maxDraws; draw++) {
    const place = mean + width * gaussian(rng);
    if (place >= 0 && place <= 1) return place;
  }
  return mean;
}

/** The first place in ascending numbers whose number is at least this. */
function lowerBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
