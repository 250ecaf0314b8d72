/** What a configuration came to: a number for each objective, of which more is better. */
export type Gains = readonly number[];

/** Whether one is at least as good as the other in every number and better in one. */
export function dominates(one: Gains, other: Gains): boolean {
  let isBetter = false;
  for (let at = 0; at < one.length; at++) {
    const [mine, theirs] = [one[at] as number, other[at] as number];
    if (mine < theirs) return false;
    if (mine > theirs) isBetter = true;
  }
  return isBetter;
}

/** Orders by the first number in which two differ, the greater one first: whoever dominates another stands before it. */
export function greaterFirst(one: Gains, other: Gains): number {
  for (const [at, mine] of one.entries()) {
    const theirs = other[at] as number;
    if (mine !== theirs) return mine > theirs ? -1 : 1;
  }
  return 0;
}
