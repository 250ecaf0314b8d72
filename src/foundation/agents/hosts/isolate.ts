import type { Pid } from "../agent.ts";
import type { Watcher } from "../agent-cell.ts";
import { killed, shutdown } from "../exit-reason.ts";
import type { ExitReason } from "../exit-reason.ts";
import { Life } from "../life.ts";
import type { Ref } from "../ref.ts";
import type { AgentRuntime, StartOptions } from "../runtime.ts";
import type { AgentModule } from "./agent-module.ts";
import { Outbox } from "./outbox.ts";
import type { Place } from "./place.ts";
import { remoteDefinition } from "./remote-agent.ts";
import type { Home, RemoteAgent } from "./remote-agent.ts";
import type { Order, Report } from "./wire.ts";

/** A worker thread or a child process, bare. */
export interface Enclosure {
  readonly id: number | undefined;
  /** Throws when something in the batch cannot be cloned. */
  post(batch: readonly Order[]): void;
  /** Ends it at once; `ended` follows. */
  destroy(): void;
}

/** What an enclosure tells. */
export interface EnclosureEvents {
  received(batch: readonly Report[]): void;
  /** It has to be ended, for this reason. */
  condemned(reason: ExitReason): void;
  /** It is gone, once. The reason counts if it was not condemned. */
  ended(reason: ExitReason): void;
}

export type Enclose = (events: EnclosureEvents) => Enclosure;

/** One incarnation of a worker thread or child process, with the agents that live there. */
export class Isolate implements Place, Home {
  readonly gone: Promise<void>;
  readonly #runtime: AgentRuntime;
  readonly #life: Life;
  readonly #agents = new Map<number, RemoteAgent>();
  readonly #outbox: Outbox<Order>;
  readonly #enclosure: Enclosure;
  #verdict: { readonly agents: ExitReason; readonly own: ExitReason } | undefined;
  #stopReason: ExitReason | undefined;
  #numbers = 0;

  constructor(runtime: AgentRuntime, enclose: Enclose) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.#runtime = runtime;
    this.#life = new Life(runtime, runtime.mintPid());
    const events: EnclosureEvents = {
      received: (batch) => this.#receive(batch),
      condemned: (reason) => this.#condemn(reason),
      ended: (reason) => {
        this.#end(reason);
        resolve();
      },
    };
    // An agent's start may open the place, but what the place tells is no code of that agent.
    this.#enclosure = runtime.outside(() => enclose(events));
    this.#outbox = new Outbox<Order>(
      (batch) => this.#enclosure.post(batch),
      (order, error) => this.#agents.get(order.agent)?.refused(order, error),
    );
  }

  get pid(): Pid {
    return this.#life.pid;
  }

  get id(): number | undefined {
    return this.#enclosure.id;
  }

  get isAlive(): boolean {
    return this.#life.reason === undefined;
  }

  get isOpen(): boolean {
    return this.isAlive && this.#verdict === undefined && this.#stopReason === undefined;
  }

  watch(watcher: Watcher): Disposable {
    return this.#life.watch(watcher);
  }

  own(owner: Watcher): void {
    this.#life.own(owner);
  }

  async start<M, A>(module: AgentModule<M, A>, argument: A, options: StartOptions): Promise<Ref<M> | undefined> {
    const definition = remoteDefinition(module, this);
    const ref = await this.#runtime.start(definition, argument, options);
    definition.settle();
    return ref;
  }

  /** Ends the agents, then itself; `killed` does not wait for them. */
  exit(reason: ExitReason): void {
    if (reason.kind === "killed") return this.#condemn(killed);
    this.#stopReason ??= reason;
    this.#endIfEmpty();
    for (const agent of this.#agents.values()) agent.cell.exit(shutdown);
  }

  admit(agent: RemoteAgent): number {
    this.#agents.set(++this.#numbers, agent);
    return this.#numbers;
  }

  dismiss(agent: number): boolean {
    const wasKnown = this.#agents.delete(agent);
    this.#endIfEmpty();
    return wasKnown;
  }

  post(order: Order): void {
    if (this.isAlive) this.#outbox.push(order);
  }

  #receive(batch: readonly Report[]): void {
    for (const report of batch) if (report.type !== "beat") this.#agents.get(report.agent)?.hear(report);
  }

  #endIfEmpty(): void {
    if (this.#stopReason !== undefined && this.#agents.size === 0) this.#condemn(killed, this.#stopReason);
  }

  #condemn(agents: ExitReason, own: ExitReason = agents): void {
    if (!this.isAlive || this.#verdict !== undefined) return;
    this.#verdict = { agents, own };
    this.#enclosure.destroy();
  }

  // Its own end first: a supervisor that has the place before its agents then restarts them all at once.
  #end(reason: ExitReason): void {
    const { agents, own } = this.#verdict ?? { agents: reason, own: reason };
    this.#life.end(own);
    const lost = [...this.#agents.values()];
    this.#agents.clear();
    for (const agent of lost) this.#runtime.protect(() => agent.ended(agents));
  }
}
