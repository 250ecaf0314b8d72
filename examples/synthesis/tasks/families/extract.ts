import { integerBelow, pick } from "tutti/foundation";
import type { Rng } from "tutti/foundation";
import {
  anyPrefix,
  contexts,
  extractionProgram,
  filters,
  orders,
  posts,
  prefixes,
  tokenClasses,
} from "../../programs/extraction.ts";
import type { GroundTruth } from "./ground-truth.ts";
import { integerBetween } from "./integer-between.ts";
import { lastNames, words } from "./names.ts";

/** Tokens of one class, in most truths after one prefix, ordered and made into one value. */
export function extractTruth(rng: Rng): GroundTruth {
  const wanted = { tokenClass: pick(rng, tokenClasses), context: pick(rng, contexts) };
  const filter = rng.next() < 0.5 ? pick(rng, filters.slice(0, 1)) : pick(rng, filters);
  const order = rng.next() < 0.5 ? pick(rng, orders.slice(0, 1)) : pick(rng, orders);
  return {
    ...extractionProgram({ ...wanted, filter, order, post: pick(rng, posts) }),
    sample: (chance) => [Array.from({ length: integerBetween(chance, 6, 11) }, () => token(chance, wanted)).join(" ")],
  };
}

/** A token; two in five have the wanted class and two in five the wanted prefix, so that few texts have no match. */
function token(rng: Rng, { tokenClass, context }: { tokenClass: string; context: string }): string {
  const any = rng.next() < 0.35 ? "" : pick(rng, prefixes);
  const prefix = context !== anyPrefix && rng.next() < 0.4 ? context : any;
  const kind = rng.next() < 0.4 ? tokenClasses.indexOf(tokenClass) : integerBelow(rng, bodies.length);
  return `${prefix}${(bodies[kind] as Body)(rng)}`;
}

type Body = (rng: Rng) => string;

/** How a body of each token class is drawn. */
const bodies: readonly Body[] = [
  (rng) => String(integerBetween(rng, 2, 40)),
  (rng) => pick(rng, lastNames),
  (rng) => pick(rng, words).slice(0, 3).toUpperCase(),
  (rng) => pick(rng, words),
];
