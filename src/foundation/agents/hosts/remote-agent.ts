import { ignore } from "../agent.ts";
import type { AgentDefinition, Ignore, MailboxOptions, Pid } from "../agent.ts";
import type { AgentCell } from "../agent-cell.ts";
import { Call } from "../call.ts";
import type { StateElsewhere } from "../state-elsewhere.ts";
import { killed, reasonText } from "../exit-reason.ts";
import type { DownReason, ExitReason } from "../exit-reason.ts";
import type { AgentModule } from "./agent-module.ts";
import { HostError } from "./host-error.ts";
import { packReason, unpackError, unpackReason } from "./wire-error.ts";
import type { AgentDescription, Order, Report } from "./wire.ts";

type AgentReport = Exclude<Report, { type: "beat" }>;

const defaultCapacity = 10_000;
const maxInFlight = 64;

/** Where agents live that are reached by messages only. */
export interface Home {
  /** Takes the agent in and gives it a number there. */
  admit(agent: RemoteAgent): number;
  /** Forgets an agent: what comes from it later is dropped. Answers whether it was known. */
  dismiss(agent: number): boolean;
  post(order: Order): void;
}

/**
 * This side of an agent that lives elsewhere. A cell stands at its address, with its mailbox, links and monitors; what
 * the cell does with a message is to forward it. Only so many messages are under way at once: the others wait here,
 * where the mailbox counts them.
 */
export class RemoteAgent implements StateElsewhere {
  readonly isElsewhere = true;
  readonly cell: AgentCell;
  readonly #home: Home;
  readonly #number: number;
  readonly #calls = new Map<number, Call>();
  readonly #started = Promise.withResolvers<AgentDescription | undefined>();
  #stopped: PromiseWithResolvers<void> | undefined;
  #ended: ExitReason | undefined;
  #callNumbers = 0;
  #window = 1;
  #inFlight = 0;
  #resume: (() => void) | undefined;

  constructor(cell: AgentCell, home: Home) {
    this.cell = cell;
    this.#home = home;
    this.#number = home.admit(this);
    cell.signal.addEventListener("abort", () => this.#abandon(), { once: true });
  }

  /** Starts it; `undefined` when it has nothing to do. */
  async start(
    { module, export: exported }: AgentModule<never, never>,
    argument: unknown,
  ): Promise<AgentDescription | undefined> {
    this.#home.post({ type: "start", agent: this.#number, module, export: exported, argument });
    const description = await this.#started.promise;
    if (description !== undefined) this.#window = windowOf(description.mailbox);
    return description;
  }

  /** Ends the cell if the agent ended before the cell lived. */
  settle(): void {
    if (this.#ended !== undefined) this.cell.exit(this.#ended);
  }

  forward(message: unknown): this | Promise<this> {
    const call = this.cell.takeCall();
    const number = call === undefined ? undefined : ++this.#callNumbers;
    if (call !== undefined && number !== undefined) this.#calls.set(number, call);
    this.#home.post({ type: "message", agent: this.#number, call: number, message });
    return this.#counted();
  }

  linkEnded(pid: Pid, reason: DownReason): this | Promise<this> {
    this.#home.post({ type: "link_ended", agent: this.#number, pid, reason: packReason(reason) });
    return this.#counted();
  }

  readState(): Promise<unknown> {
    return this.#administer((call) => ({ type: "read_state", agent: this.#number, call }));
  }

  replaceState(state: unknown): Promise<unknown> {
    return this.#administer((call) => ({ type: "replace_state", agent: this.#number, call, state }));
  }

  /** Asks it to end and waits until it has. */
  stop(reason: ExitReason): Promise<void> | undefined {
    if (this.#ended !== undefined) return undefined;
    this.#stopped = Promise.withResolvers();
    this.#home.post({ type: "exit", agent: this.#number, reason: packReason(reason) });
    return this.#stopped.promise;
  }

  hear(report: AgentReport): void {
    switch (report.type) {
      case "started":
        if (report.description === undefined) this.#finish();
        return this.#started.resolve(report.description);
      case "start_failed":
        this.#finish();
        return this.#started.reject(unpackError(report.error));
      case "handled":
        return this.#handled(report.count);
      case "reply":
        return void this.#take(report.call)?.answer(report.value);
      case "reply_failed":
        return this.#take(report.call)?.fail(unpackError(report.error));
      case "exited":
        this.#finish();
        return this.ended(unpackReason(report.reason) as ExitReason);
    }
  }

  /** An order to it could not be cloned. */
  refused(order: Order, cause: unknown): void {
    const error = new HostError("unclonable", `${this.cell.definition.name}: the ${order.type} cannot be cloned`, {
      cause,
    });
    if (order.type === "start") {
      this.#finish();
      return this.#started.reject(error);
    }
    if (order.type === "exit") return this.#home.post({ ...order, reason: killed as { kind: "killed" } });
    if (order.type === "replace_state") return this.#take(order.call)?.fail(error);
    if (order.type === "message" && order.call !== undefined) this.#take(order.call)?.fail(error);
    else
      this.cell.runtime.report({ type: "message_lost", pid: this.cell.pid, agent: this.cell.definition.name, error });
    this.#handled(1);
  }

  /** It is gone: there, with its place, or both. */
  ended(reason: ExitReason): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#started.promise.catch(() => {});
    this.#started.reject(reason.kind === "crash" ? reason.error : endedError(reason));
    this.#resume?.();
    if (this.#stopped === undefined || reason.kind === "killed") {
      if (this.cell.phase !== "starting") this.cell.exit(reason);
    } else if (reason.kind === "crash") this.#stopped.reject(reason.error);
    else this.#stopped.resolve();
  }

  #administer(order: (call: number) => Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const number = ++this.#callNumbers;
      this.#calls.set(number, new Call(undefined, resolve, reject));
      this.#home.post(order(number));
    });
  }

  #counted(): this | Promise<this> {
    if (++this.#inFlight < this.#window || this.#ended !== undefined) return this;
    return new Promise((resolve) => {
      this.#resume = () => resolve(this);
    });
  }

  #handled(count: number): void {
    this.#inFlight -= count;
    if (this.#inFlight >= this.#window) return;
    this.#resume?.();
    this.#resume = undefined;
  }

  #take(number: number): Call | undefined {
    const call = this.#calls.get(number);
    this.#calls.delete(number);
    if (call !== undefined) this.cell.releaseCall(call);
    return call;
  }

  /** The cell is dead: whatever lives there has nobody left. */
  #abandon(): void {
    for (const call of this.#calls.values()) call.lost(this.cell.definition.name, this.#ended ?? killed);
    this.#calls.clear();
    if (this.#finish()) this.#home.post({ type: "exit", agent: this.#number, reason: { kind: "killed" } });
  }

  /** Whether it was there until now. */
  #finish(): boolean {
    return this.#home.dismiss(this.#number);
  }
}

/** What the cell at the address does: everything there. */
export function remoteDefinition<M, A>(
  module: AgentModule<M, A>,
  home: Home,
): AgentDefinition<RemoteAgent, M, A> & { settle(): void } {
  let description: AgentDescription | undefined;
  let remote: RemoteAgent | undefined;
  const definition: AgentDefinition<RemoteAgent, M, A> & { settle(): void } = {
    get name() {
      return description?.name ?? module.export;
    },
    get mailbox() {
      return description?.mailbox ?? {};
    },
    async init(argument, context): Promise<RemoteAgent | Ignore> {
      remote = new RemoteAgent(context.self.cell, home);
      description = await remote.start(module, argument);
      if (description?.trapsExits === true) definition.exit = exit;
      return description === undefined ? ignore : remote;
    },
    handle: (message, agent) => agent.forward(message),
    terminate: (reason, agent) => agent.stop(reason),
    settle: () => remote?.settle(),
  };
  return definition;
}

function exit(pid: Pid, reason: DownReason, agent: RemoteAgent): RemoteAgent | Promise<RemoteAgent> {
  return agent.linkEnded(pid, reason);
}

/** At most a sixteenth of the mailbox is under way, so that it is full when it says so. */
function windowOf({ capacity = defaultCapacity, overflow }: MailboxOptions): number {
  return overflow === "drop_old" ? 1 : Math.min(maxInFlight, Math.max(1, Math.floor(capacity / 16)));
}

function endedError(reason: ExitReason): HostError {
  return new HostError("exited", `the place of the agent ended while it started (${reasonText(reason)})`);
}
