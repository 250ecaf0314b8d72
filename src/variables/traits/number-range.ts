import type { Json } from "#foundation";
import type { Coded, Drawn, Listed } from "../definition.ts";
import { gridOf, nearestAt, place, shareOf } from "./number-scale.ts";
import type { Grid, NumberScale } from "./number-scale.ts";

/** How far a neighbour in a continuum is, as a share of the range on its scale. */
const stride = 0.05;

/** What kinds know whose values are numbers of a range: one share of it stands for a number. */
export function numberRange<V>(scaleOf: (variable: V) => NumberScale): Listed<V> & Drawn<V> & Coded<V> {
  return {
    size(variable) {
      const scale = scaleOf(variable);
      const grid = gridOf(scale);
      if (grid === undefined) return scale.min === scale.max ? 1 : Infinity;
      return grid.last + 1;
    },
    values: (variable) => numbersOf(scaleOf(variable)),
    neighbours: (variable, value) => numbersBeside(scaleOf(variable), value as number),
    shares: () => 1,
    draw: (variable, [share = 0]) => place(scaleOf(variable), share),
    width: () => 1,
    isRounded: true,
    encode: (variable, value) => [shareOf(scaleOf(variable), value as number)],
    decode: (variable, [share = 0]) => nearestAt(scaleOf(variable), share),
  };
}

function* numbersOf(scale: NumberScale): Generator<Json> {
  const grid = gridOf(scale);
  if (grid === undefined) return yield scale.min;
  for (let count = 0; count <= grid.last; count++) yield grid.at(count);
}

function numbersBeside(scale: NumberScale, value: number): readonly number[] {
  const grid = gridOf(scale);
  const beside = grid === undefined || scale.precision !== undefined ? strides(scale, value) : [];
  const steps = grid === undefined ? [] : oneBeside(grid, value);
  // Digits may be finer than strides and strides finer than digits: the farther of both counts on each side.
  const lower = [...beside, ...steps].filter((other) => other < value);
  const upper = [...beside, ...steps].filter((other) => other > value);
  return [...(lower.length === 0 ? [] : [Math.min(...lower)]), ...(upper.length === 0 ? [] : [Math.max(...upper)])];
}

function strides(scale: NumberScale, value: number): readonly number[] {
  const share = shareOf(scale, value);
  return [nearestAt(scale, share - stride), nearestAt(scale, share + stride)];
}

function oneBeside({ last, at, countOf }: Grid, value: number): readonly number[] {
  const count = countOf(value);
  return [at(Math.max(0, count - 1)), at(Math.min(last, count + 1))];
}
