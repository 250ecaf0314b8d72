import { describe, jsonDefect, messageOf } from "#foundation";
import type { Clock, Json } from "#foundation";
import type { Directive } from "../variables/directive.ts";
import { planDue, stepPlan } from "./delegated-plan.ts";
import type { DelegatedPlan, FeedbackResult, PlanEffect, PlanInput } from "./delegated-plan.ts";
import { agentsOf } from "./tree.ts";

/** Does what a directive says and gives what came of it, as JSON. The signal aborts when nobody waits for it any more. */
export type Perform = (directive: Directive, how: { readonly signal: AbortSignal }) => unknown;

export interface PlanRunOptions {
  readonly perform: Perform;
  readonly clock: Clock;
  readonly watch: ((agent: string, onEnd: () => void) => Disposable) | undefined;
  readonly signal: AbortSignal | undefined;
  /** How long those who were told to stop may take. */
  readonly graceMs: number;
}

export interface PlanRan {
  readonly plan: DelegatedPlan;
  /** In the order in which they were given. */
  readonly directives: readonly Directive[];
}

/** Carries out a plan: gives the directives, hears the feedback, minds the time, and stops whoever is to stop. */
export class PlanRun {
  readonly #options: PlanRunOptions;
  readonly #directives: Directive[] = [];
  readonly #working = new Map<string, AbortController>();
  readonly #performing = new Set<Promise<void>>();
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers();
  #plan: DelegatedPlan;
  #alarm = new AbortController();

  constructor(plan: DelegatedPlan, options: PlanRunOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Resolves when the plan has come to its outcome and everyone has stopped, or has had the grace time to. */
  async run(): Promise<PlanRan> {
    const { clock, signal, watch, graceMs } = this.#options;
    const cancel = (): void => this.#input({ type: "cancel", at: clock.now() });
    const watches = agentsOf(this.#plan.tree).flatMap((agent) =>
      watch === undefined ? [] : [watch(agent, () => this.#input({ type: "lost", at: clock.now(), agent }))],
    );
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted === true) cancel();
    else this.#input({ type: "begin", at: clock.now() });
    await this.#over.promise;
    this.#alarm.abort();
    signal?.removeEventListener("abort", cancel);
    for (const one of watches) one[Symbol.dispose]();
    const stopped = new AbortController();
    const grace = clock.sleep(graceMs, { signal: stopped.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#performing), grace]);
    stopped.abort();
    return { plan: this.#plan, directives: this.#directives };
  }

  #input(input: PlanInput): void {
    const { plan, effects } = stepPlan(this.#plan, input);
    this.#plan = plan;
    for (const effect of effects) this.#enact(effect);
    if (plan.outcome === undefined) this.#setAlarm();
    else this.#over.resolve();
  }

  #enact(effect: PlanEffect): void {
    if (effect.type === "acknowledge") return;
    const { step, attempt } = effect;
    if (effect.type === "cancel") return this.#working.get(`${attempt} ${step}`)?.abort();
    const { directive } = effect;
    this.#directives.push(directive);
    const controller = new AbortController();
    this.#working.set(`${attempt} ${step}`, controller);
    const performing = this.#feedback(directive, controller.signal).then((result) => {
      this.#performing.delete(performing);
      const { agent } = directive;
      this.#input({ type: "feedback", at: this.#options.clock.now(), step, agent, attempt, result });
    });
    this.#performing.add(performing);
  }

  async #feedback(directive: Directive, signal: AbortSignal): Promise<FeedbackResult> {
    try {
      const value: unknown = await this.#options.perform(directive, { signal });
      const defect = value === undefined ? "value is nothing" : jsonDefect(value);
      if (defect === undefined) return { ok: true, value: value as Json };
      return { ok: false, reason: `${directive.agent} gave ${describe(value)}: ${defect}` };
    } catch (error) {
      return { ok: false, reason: `${directive.agent} threw: ${messageOf(error)}` };
    }
  }

  #setAlarm(): void {
    const { clock } = this.#options;
    this.#alarm.abort();
    this.#alarm = new AbortController();
    const { signal } = this.#alarm;
    const ms = Math.max(0, planDue(this.#plan) - clock.now());
    clock.sleep(ms, { signal }).then(
      () => this.#input({ type: "time", at: clock.now() }),
      () => {},
    );
  }
}
