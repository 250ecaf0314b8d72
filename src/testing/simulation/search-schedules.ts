import type { Json } from "#foundation";
import { minimiseSchedule } from "./minimise-schedule.ts";
import { drawSchedule } from "./schedule.ts";
import type { Schedule, ScheduleOptions } from "./schedule.ts";
import { simulate } from "./simulate.ts";
import type { SimulateOptions } from "./simulate.ts";
import type { Violation } from "./simulation-view.ts";

export interface SearchSchedulesOptions<State, Message extends Json, Outcome> extends SimulateOptions<
  State,
  Message,
  Outcome
> {
  /** How many random schedules. 500 unless told. */
  readonly schedules?: number;
  /** The schedules' seeds are `${seed}/0`, `${seed}/1` and so on. */
  readonly seed: string | number;
  readonly draw?: ScheduleOptions;
}

export interface SchedulesSearched {
  /** How many were run. */
  readonly schedules: number;
  readonly steps: number;
  readonly failure: FailedSchedule | undefined;
}

export interface FailedSchedule {
  readonly violation: Violation;
  /** As it was drawn. */
  readonly drawn: Schedule;
  /** Fewer faults, then fewer requests, with the same invariant broken: give it to `simulate` to see it happen. */
  readonly minimised: Schedule;
}

/** Runs many random schedules and stops at the first that breaks an invariant, with the least of it that still does. */
export function searchSchedules<State, Message extends Json, Outcome>(
  options: SearchSchedulesOptions<State, Message, Outcome>,
): SchedulesSearched {
  const { schedules = 500, seed, draw, members } = options;
  let steps = 0;
  for (let place = 0; place < schedules; place++) {
    const drawn = drawSchedule(`${seed}/${place}`, members, draw);
    const result = simulate(drawn, options);
    steps += result.steps;
    if (result.violation === undefined) continue;
    const { invariant } = result.violation;
    const minimised = minimiseSchedule(
      drawn,
      (schedule) => simulate(schedule, options).violation?.invariant === invariant,
    );
    const violation = simulate(minimised, options).violation ?? result.violation;
    return { schedules: place + 1, steps, failure: { violation, drawn, minimised } };
  }
  return { schedules, steps, failure: undefined };
}

/** A failure for people: what broke, the seed, and the schedule to run again. */
export function describeFailure({ violation, drawn, minimised }: FailedSchedule): string {
  return [
    `${violation.invariant}: ${violation.message} (step ${violation.step}, at ${violation.atMs} ms)`,
    `seed ${JSON.stringify(drawn.seed)}; ${drawn.faults.length} faults and ${drawn.requests.length} requests drawn, least schedule that breaks it:`,
    JSON.stringify(minimised),
  ].join("\n");
}
