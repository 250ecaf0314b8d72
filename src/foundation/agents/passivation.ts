import type { AgentCell } from "./agent-cell.ts";
import type { Deadline } from "./deadlines.ts";

/** The sleep of an agent that has had nothing to do for a while: its state is given away until a message comes. */
export class Passivation<S> {
  readonly #cell: AgentCell<S, never>;
  readonly #idleMs: number;
  #deadline: Deadline | undefined;
  #kept: { readonly snapshot: unknown } | undefined;

  constructor(cell: AgentCell<S, never>, idleMs: number) {
    this.#cell = cell;
    this.#idleMs = idleMs;
  }

  get isAsleep(): boolean {
    return this.#kept !== undefined;
  }

  /** The agent has done something: the time of idleness begins anew. */
  rest(): void {
    this.#settle();
    this.#deadline = { settled: false, expire: () => this.#cell.control(() => this.#fallAsleep()) };
    this.#cell.runtime.deadlines.add(this.#idleMs, this.#deadline);
  }

  /** There is nothing left to wake. */
  end(): void {
    this.#settle();
    this.#kept = undefined;
  }

  #settle(): void {
    if (this.#deadline !== undefined) this.#deadline.settled = true;
  }

  #fallAsleep(): void {
    const cell = this.#cell;
    if (cell.waiting > 0 || cell.isPaused || this.isAsleep) return;
    const { definition, pid, runtime } = cell;
    cell.perform(
      () => definition.snapshot?.(cell.state as S),
      (snapshot) => {
        this.#kept = { snapshot };
        cell.state = undefined;
        runtime.report({ type: "agent_passivated", pid, agent: definition.name });
      },
    );
  }

  /** Wakes the agent and then goes on. When that fails the agent crashes. */
  wake(then: (state: S) => void): void {
    const cell = this.#cell;
    const { definition, pid, runtime } = cell;
    cell.perform(
      () => definition.restore?.(this.#kept?.snapshot, cell) as S | Promise<S>,
      (state) => {
        this.#kept = undefined;
        cell.state = state;
        this.rest();
        runtime.report({ type: "agent_activated", pid, agent: definition.name });
        then(state);
      },
    );
  }
}
