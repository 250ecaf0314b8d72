import { canonicalJson, shuffle } from "#foundation";
import type { Rng } from "#foundation";
import type { ShownCase } from "./shown-case.ts";
import { clipped, jsonTokensOf } from "./token-estimate.ts";

interface ChooseCasesOptions {
  /** The most tokens that all cases together may have, estimated; 3,000 unless told. */
  readonly maxTokens?: number;
  /** The most characters of one text in a case; longer ones lose their middle. 1,200 unless told. */
  readonly maxCharacters?: number;
}

/** Of so many cases in a row one is a success, so that a proposal also sees what must not break. */
const successEvery = 3;

/**
 * As many cases as the tokens allow: those that went wrong before those that went right, two to one, then those that
 * nobody ran; each group in random order with different answers first. A case that does not fit is left out, and smaller
 * ones may come after it.
 */
export function chooseCases(
  rng: Rng,
  cases: readonly ShownCase[],
  { maxTokens = 3000, maxCharacters = 1200 }: ChooseCasesOptions = {},
): readonly ShownCase[] {
  const ran = cases.filter(({ score }) => score !== undefined);
  const wrong = spread(rng.fork("wrong"), ran.filter(isWrong));
  const right = spread(
    rng.fork("right"),
    ran.filter((each) => !isWrong(each)),
  );
  const unrun = spread(rng.fork("unrun"), cases.filter(({ score }) => score === undefined)); // prettier-ignore
  const chosen: ShownCase[] = [];
  let left = maxTokens;
  for (const each of [...woven(wrong, right), ...unrun]) {
    const shown = clipped(each, maxCharacters) as ShownCase;
    const tokens = jsonTokensOf(shown);
    if (tokens > left) continue;
    left -= tokens;
    chosen.push(shown);
  }
  return chosen;
}

/** Whether there is something to learn from what went wrong. */
function isWrong({ score = 1 }: ShownCase): boolean {
  return score < 1;
}

function woven(wrong: readonly ShownCase[], right: readonly ShownCase[]): ShownCase[] {
  const [waiting, others] = [[...wrong], [...right]];
  const order: ShownCase[] = [];
  while (waiting.length + others.length > 0) {
    const wantsRight = order.length % successEvery === successEvery - 1;
    const [first, second] = wantsRight ? [others, waiting] : [waiting, others];
    order.push((first.length > 0 ? first : second).shift() as ShownCase);
  }
  return order;
}

/** In random order, one of each different answer first, then a second of each, and so on. */
function spread(rng: Rng, cases: readonly ShownCase[]): ShownCase[] {
  const groups = Map.groupBy(shuffle(rng, cases), ({ expected, outputs }) =>
    canonicalJson(expected ?? outputs ?? null),
  );
  const ordered = [...groups.values()];
  const longest = Math.max(0, ...ordered.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) =>
    ordered.flatMap((group) => group.slice(round, round + 1)),
  ).flat();
}
