import { agent } from "../agents/agent.ts";
import type { AgentDefinition } from "../agents/agent.ts";
import { nextTurn } from "../clock.ts";
import { maxAttempts } from "./evaluation.ts";
import type { Evaluated, Evaluation } from "./evaluation.ts";
import { lockDown } from "./lock-down.ts";
import type { Warden } from "./lock-down.ts";
import { Realm } from "./realm.ts";
import type { RealmRun } from "./realm.ts";

interface State {
  readonly warden: Warden;
  /** Waits for the next program. */
  realm: Realm | undefined;
}

/** Runs programs in a process of its own, which it locks down first; each in a realm of its own. */
export const evaluator: AgentDefinition<State, Evaluation> = agent({
  name: "sandbox",
  init: (): State => ({ warden: lockDown(), realm: new Realm() }),
  async handle(evaluation: Evaluation, state: State, context): Promise<State> {
    const run = evaluate(evaluation, state);
    // What Node does about the program's rejections belongs to its time, not to that of the next.
    await nextTurn();
    context.reply({ ...run, residentBytes: state.warden.residentBytes() } satisfies Evaluated);
    // While the answer is on its way.
    void nextTurn().then(() => (state.realm ??= new Realm()));
    return state;
  },
});

/**
 * A program cannot wait. One that was cut off though it had less than half of its time on a processor was kept waiting by
 * the machine, so it is run again, from the start.
 */
function evaluate(evaluation: Evaluation, state: State): RealmRun {
  for (let attempt = 1; ; attempt++) {
    const { realm = new Realm() } = state;
    state.realm = undefined;
    const before = state.warden.processorMs();
    const run = realm.evaluate(evaluation);
    const isStarved = state.warden.processorMs() - before < evaluation.timeoutMs / 2;
    if (!run.isCutOff || !isStarved || attempt === maxAttempts) return run;
  }
}
