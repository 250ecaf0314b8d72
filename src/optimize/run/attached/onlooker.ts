import { canonicalJson } from "#foundation";
import { best, measured } from "../../score-board.ts";
import type { Measured } from "../../score-board.ts";
import type { Teleprompter } from "../../teleprompter.ts";

/** By canonical configuration: what was measured on validation. */
type OnlookerState = Readonly<Record<string, Measured>>;

/**
 * Stands in for a teleprompter whose code is not here, so that its run can be looked at: asks nothing and knows what the
 * log tells. Its incumbent has the highest mean among those measured on at least half as many examples as any.
 */
export function onlooker(name: string): Teleprompter<OnlookerState> {
  return {
    name,
    options: {},
    start: () => ({}),
    ask: () => [],
    tell: (state, told) => {
      if (told.type !== "evaluated" || told.work.split !== "validation") return state;
      const key = canonicalJson(told.work.configuration);
      const next = measured(told.work, told.results);
      const before = state[key];
      return { ...state, [key]: before ? { ...before, scores: { ...before.scores, ...next.scores } } : next };
    },
    finished: () => undefined,
    incumbent: (state) => {
      const sizeOf = ({ scores }: Measured): number => Object.keys(scores).length;
      const all = Object.values(state);
      const most = Math.max(0, ...all.map(sizeOf));
      return best(all.filter((candidate) => 2 * sizeOf(candidate) >= most));
    },
  };
}
