import { integerBelow, pick } from "tutti/foundation";
import type { Json, Rng } from "tutti/foundation";
import { formatProgram } from "../../programs/format-program.ts";
import type { Piece } from "../../programs/format-program.ts";
import { tokenPatterns, transforms } from "../../programs/text-pieces.ts";
import type { GroundTruth } from "./ground-truth.ts";
import { integerBetween } from "./integer-between.ts";
import { firstNames, lastNames, words } from "./names.ts";

/** Two to five tokens of a record, changed and joined by delimiters. */
export function formatTruth(rng: Rng): GroundTruth {
  const shape = pick(rng, shapes);
  const pieces: Piece[] = [];
  for (let left = integerBetween(rng, 2, 5); left > 0; left--) {
    pieces.push({
      pattern: pick(rng, tokenPatterns),
      index: rng.next() < 0.3 ? -1 : integerBelow(rng, 4),
      transform: pick(rng, transforms),
    });
    if (left > 1) pieces.push(pick(rng, delimiters));
  }
  return { ...formatProgram(pieces.filter((piece) => piece !== "")), sample: (chance) => [shape(chance)] };
}

const delimiters: readonly string[] = ["", " ", "-", ", ", ".", "/", "_", ":", " (", "@"];

/** Records; in two of five, a part more than in the others. */
const shapes: readonly ((rng: Rng) => Json)[] = [
  (rng) => `${pick(rng, firstNames)} ${sometimes(rng, `${pick(rng, initials)}. `)}${pick(rng, lastNames)}`,
  (rng) =>
    `${pick(rng, lastNames)}, ${pick(rng, firstNames)}${sometimes(rng, ` ${pick(rng, initials)}.`)} (${integerBetween(rng, 18, 90)})`,
  (rng) =>
    `${pick(rng, firstNames).toLowerCase()}.${pick(rng, lastNames).toLowerCase()}@mail${integerBetween(rng, 1, 99)}.${sometimes(rng, `${pick(rng, words)}.`)}${pick(rng, ["org", "net", "com", "edu"])}`,
  (rng) =>
    `${integerBetween(rng, 1940, 2025)}-${twoDigits(integerBetween(rng, 1, 12))}-${twoDigits(integerBetween(rng, 1, 28))} ${pick(rng, firstNames).toLowerCase()}${sometimes(rng, ` ${pick(rng, lastNames).toLowerCase()}`)}`,
  (rng) =>
    `id=${integerBetween(rng, 1, 999)};name=${pick(rng, firstNames).toLowerCase()};${sometimes(rng, `team=${pick(rng, words)};`)}city=${pick(rng, [...lastNames, ...words])}`,
];

const initials: readonly string[] = ["A", "B", "C", "D", "E", "F", "G", "H"];

function sometimes(rng: Rng, part: string): string {
  return rng.next() < 0.4 ? part : "";
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
