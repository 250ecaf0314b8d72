import type { FloatVariable, IntegerVariable } from "#variables";

/** A number variable laid on the interval from 0 to 1: evenly on its own scale, a grid as cells of one width. */
export interface UnitScale {
  /** How many values there are; `undefined` where there is a continuum. */
  readonly cells: number | undefined;
  /** Where a value lies: the middle of its cell where there are cells. */
  toUnit(value: number): number;
  /** The value at a place from 0 to 1. */
  fromUnit(place: number): number;
}

export function unitScale(variable: FloatVariable | IntegerVariable): UnitScale {
  const { min, max, log } = variable;
  if (log === true) return variable.kind === "integer" ? wholeLogScale(min, max) : logScale(min, max);
  const step = variable.step ?? (variable.kind === "integer" ? 1 : undefined);
  return step === undefined ? evenScale(min, max) : gridScale(min, max, step);
}

function evenScale(min: number, max: number): UnitScale {
  return {
    cells: undefined,
    // In halves the widest range has a finite width too.
    toUnit: (value) => (min === max ? 0.5 : (value / 2 - min / 2) / (max / 2 - min / 2)),
    fromUnit: (place) => between(min * (1 - place) + max * place, min, max),
  };
}

function logScale(min: number, max: number): UnitScale {
  if (max / min === Infinity) return wideLogScale(min, max);
  const width = Math.log(max / min);
  return {
    cells: undefined,
    toUnit: (value) => (width === 0 ? 0.5 : Math.log(value / min) / width),
    fromUnit: (place) => between(min * Math.exp(width * place), min, max),
  };
}

/** Of a range whose ends differ by more than a double can say. */
function wideLogScale(min: number, max: number): UnitScale {
  const [low, high] = [Math.log(min), Math.log(max)];
  return {
    cells: undefined,
    toUnit: (value) => (Math.log(value) - low) / (high - low),
    fromUnit: (place) => between(Math.exp(low * (1 - place) + high * place), min, max),
  };
}

function gridScale(min: number, max: number, step: number): UnitScale {
  const cells = Math.floor((max - min) / step + 1e-9) + 1;
  return {
    cells,
    toUnit: (value) => (Math.round((value - min) / step) + 0.5) / cells,
    fromUnit(place) {
      const value = min + Math.min(cells - 1, Math.floor(place * cells)) * step;
      return between(Number.isInteger(value) ? value : Number(value.toPrecision(12)), min, max);
    },
  };
}

/** Whole numbers on a log scale: each owns what rounds to it, so that small ones own more. */
function wholeLogScale(min: number, max: number): UnitScale {
  const low = Math.log(min - 0.5);
  const width = Math.log(max + 0.5) - low;
  return {
    cells: undefined,
    toUnit: (value) => (Math.log(value) - low) / width,
    fromUnit: (place) => between(Math.round(Math.exp(low + width * place)), min, max),
  };
}

function between(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
