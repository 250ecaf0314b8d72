import type { Work } from "../../teleprompter.ts";

export interface AskingInTurn<State> {
  /** The next item in a state; `number` counts the items of this ask. */
  readonly next: (state: State, number: number) => Work | undefined;
  /** The state with an item out. */
  readonly issue: (state: State, work: Work) => State;
}

/** Up to `capacity` items, each asked for in the state in which those before it are out. */
export function askInTurn<State>(
  state: State,
  capacity: number,
  { next, issue }: AskingInTurn<State>,
): readonly Work[] {
  const asked: Work[] = [];
  let reached = state;
  while (asked.length < capacity) {
    const work = next(reached, asked.length);
    if (work === undefined) break;
    asked.push(work);
    reached = issue(reached, work);
  }
  return asked;
}
