import { isClean } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import type { AutoShutdown, Restart, Strategy } from "./child-spec.ts";

/** What a supervisor knows of a child when it decides. */
export interface DecisionChild {
  readonly id: string;
  readonly restart: Restart;
  readonly significant: boolean;
}

/** What follows from a child's own end: it is started again, stays as a place that is empty, or is forgotten. */
export type ExitDecision = "restart" | "keep_down" | "forget";

/** What follows from the end of a child of this kind. */
export function exitDecision({ restart }: DecisionChild, reason: ExitReason): ExitDecision {
  if (restart === "permanent" || (restart === "transient" && !isClean(reason))) return "restart";
  return restart === "temporary" ? "forget" : "keep_down";
}

/** Whether a child's final end ends its supervisor. `others` are the significant children that still run. */
export function endsSupervisor({ significant }: DecisionChild, autoShutdown: AutoShutdown, others: number): boolean {
  if (!significant) return false;
  return autoShutdown === "any_significant" || (autoShutdown === "all_significant" && others === 0);
}

/** Places in the order of starting: which are stopped, last first, which are forgotten, and which are started. */
export interface RestartPlan {
  readonly stop: readonly number[];
  readonly forget: readonly number[];
  readonly start: readonly number[];
}

/**
 * What the restart of the child at a place does to the others. Group strategies start children that were down on
 * purpose again, and end temporary ones for good (as OTP does).
 */
export function restartPlan(strategy: Strategy, children: readonly DecisionChild[], place: number): RestartPlan {
  if (strategy === "one_for_one") return { stop: [], forget: [], start: [place] };
  const from = strategy === "one_for_all" ? 0 : place;
  const affected = children.keys().drop(from).toArray();
  const isTemporary = (index: number): boolean => index !== place && children[index]?.restart === "temporary";
  return {
    stop: affected.filter((index) => index !== place).toReversed(),
    forget: affected.filter(isTemporary),
    start: affected.filter((index) => !isTemporary(index)),
  };
}

/** The restarts that still count: every attempt does once, also one that fails and one that restarts a group. */
export class RestartWindow {
  readonly #times: number[] = [];
  #oldest = 0;

  /** Takes in the restart at hand, and answers how many there have been within `periodMs`, it included. */
  count(now: number, periodMs: number): number {
    this.#times.push(now);
    while ((this.#times[this.#oldest] as number) < now - periodMs) this.#oldest++;
    if (this.#oldest > 1024 && this.#oldest * 2 > this.#times.length) {
      this.#times.splice(0, this.#oldest);
      this.#oldest = 0;
    }
    return this.#times.length - this.#oldest;
  }
}
