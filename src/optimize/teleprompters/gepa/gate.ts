import { mean } from "#programs";
import { pairedScores } from "../../racing/paired-scores.ts";
import type { Scores } from "../../racing/paired-scores.ts";
import { wilcoxonSignedRank } from "../../racing/wilcoxon.ts";

/** Whether a child may join the pool; `grow` where that takes more examples. */
export type Verdict = "accept" | "drop" | "grow";

/** How unlikely the child's gains must be, were it as good as its parent, to accept it before the last look. */
const level = 0.13;

/** After how many examples a gate looks at a child: a minibatch, then twice as many, up to four of them or all. */
export function gateLooks(examples: number, minibatch: number): readonly number[] {
  const most = Math.min(examples, 4 * minibatch);
  const looks: number[] = [];
  for (let look = minibatch; look < most; look *= 2) looks.push(look);
  return [...looks, most];
}

/**
 * A child beside its parent on the same examples, at one look: it is dropped as soon as it is no better, accepted once
 * the one-sided signed-rank test says that it is, and at the last look when it is better at all: the race on the
 * validation examples goes on from there. Where GEPA accepts on three examples, luck is weeded out by further ones.
 */
export function gate(child: Scores, parent: Scores, { isLast }: { readonly isLast: boolean }): Verdict {
  const [own, theirs] = pairedScores(child, parent);
  if (own.length === 0 || mean(own) <= mean(theirs)) return "drop";
  if (isLast) return "accept";
  const differences = own.map((score, place) => score - (theirs[place] as number));
  return wilcoxonSignedRank(differences).greater <= level ? "accept" : "grow";
}
