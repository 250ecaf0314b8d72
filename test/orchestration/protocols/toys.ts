import type { Machine } from "#orchestration";

export interface Flood {
  readonly self: string;
  readonly members: readonly string[];
  /** Said to be decided by the first value that it hears, in the broken one; by the lowest of all, in the correct one. */
  readonly values: Readonly<Record<string, number>>;
  readonly decided: number | null;
}

export type Told = Readonly<Record<string, number>>;

/**
 * Everybody tells everybody all that it knows, again and again, and decides for the least when it knows all members'
 * values. What was proposed is on the disk.
 */
export const flood: Machine<Flood, Told, number> = floodMachine("flood", (state) =>
  state.members.every((member) => state.values[member] !== undefined),
);

/** Decides as soon as it knows most of the values: two members may know different ones. */
export const hastyFlood: Machine<Flood, Told, number> = floodMachine(
  "hasty_flood",
  (state) => Object.keys(state.values).length > state.members.length / 2,
);

function floodMachine(name: string, isEnough: (state: Flood) => boolean): Machine<Flood, Told, number> {
  return {
    name,
    start: (self, members) => ({ self, members, values: {}, decided: null }),
    persistent: ({ values, decided }) => ({ values, decided }),
    restart: (self, members, disk) => ({ self, members, ...(disk as unknown as Pick<Flood, "values" | "decided">) }),
    step(before, input) {
      const news: Told =
        input.type === "message"
          ? input.message
          : input.type === "request" && before.values[before.self] === undefined
            ? { [before.self]: input.request as number }
            : {};
      const state = { ...before, values: { ...before.values, ...news } };
      const timers = input.type === "begin" || input.type === "timer" ? { tell: 50 } : {};
      const out =
        input.type === "timer" || input.type === "request"
          ? state.members.filter((to) => to !== state.self).map((to) => ({ to, message: state.values }))
          : [];
      if (state.decided !== null || !isEnough(state)) return { state, out, timers };
      const decided = Math.min(...Object.values(state.values));
      return { state: { ...state, decided }, out, timers, outcomes: [decided] };
    },
  };
}
