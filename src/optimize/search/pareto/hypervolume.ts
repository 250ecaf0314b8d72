import { UsageError } from "#foundation";
import { dominates, greaterFirst } from "./domination.ts";
import type { Gains } from "./domination.ts";
import { checkObjectiveValues, gainsOf, gainsOfPoints } from "./objectives.ts";
import type { Objectives, ObjectiveValues } from "../sampler.ts";

/**
 * How much some points achieve together: the volume of all that at least one of them dominates, as far as it is better
 * than the reference in every objective, in the product of the objectives' units. 0 for points of which none is better
 * than the reference in all. Exact for any number of objectives: by WFG (While, Bradstreet & Barone 2012) down to two
 * objectives and a sweep over these. The work grows fast with more than five objectives. The order of the points says
 * nothing. Throws `UsageError` unless the reference and each point have a finite number for each objective.
 *
 *     hypervolume(front(state).map(({ objectives }) => objectives), { accuracy: 0, usd: 1 }, objectives)
 */
export function hypervolume(
  points: readonly ObjectiveValues[],
  reference: ObjectiveValues,
  objectives: Objectives,
): number {
  const gains = gainsOfPoints("hypervolume", points, objectives);
  checkObjectiveValues("hypervolume.reference", reference, objectives);
  const zero = gainsOf(reference, objectives);
  const boxes = gains.map((point): Box => point.map((gain, at) => gain - (zero[at] as number)));
  const volume = unionOf(boxes.filter((box) => box.every((side) => side > 0)));
  if (Number.isFinite(volume)) return volume;
  throw new UsageError("hypervolume: expected points whose volume is a finite number, got ones too far apart");
}

/** The sides of a box that has one corner at 0. */
type Box = Gains;

/** The volume of a union of boxes: of each what the boxes after it leave to it. */
function unionOf(boxes: readonly Box[]): number {
  const outer = outermost(boxes);
  const [first] = outer;
  if (first === undefined) return 0;
  if (first.length <= 2) return areaOf(outer);
  let volume = 0;
  for (const [at, box] of outer.entries()) {
    const shared = outer.slice(at + 1).map((other) => other.map((side, axis) => Math.min(side, box[axis] as number)));
    volume += box.reduce((product, side) => product * side, 1) - unionOf(shared);
  }
  return volume;
}

/** The boxes that lie in no other one, each once, the one with the longest first side first. */
function outermost(boxes: readonly Box[]): readonly Box[] {
  const outer: Box[] = [];
  for (const box of [...boxes].sort(greaterFirst))
    if (!outer.some((other) => dominates(other, box) || greaterFirst(other, box) === 0)) outer.push(box);
  return outer;
}

/** Outermost rectangles, or lengths, the one with the longest first side first: strip by strip. */
function areaOf(outer: readonly Box[]): number {
  let [area, height] = [0, 0];
  for (const [width, side = 1] of outer as readonly (readonly [number, number?])[]) {
    area += width * (side - height);
    height = side;
  }
  return area;
}
