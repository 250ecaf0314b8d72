import type { AgentContext, AgentDefinition, MailboxOptions, Pid } from "../agent.ts";
import type { AgentCell } from "../agent-cell.ts";
import { AgentError, Call } from "../call.ts";
import type { DownReason, ExitReason } from "../exit-reason.ts";
import { AgentRuntime } from "../runtime.ts";
import { importAgent } from "./agent-module.ts";
import { HostError } from "./host-error.ts";
import { Outbox } from "./outbox.ts";
import { packError, packReason, unpackReason } from "./wire-error.ts";
import type { Order, Report } from "./wire.ts";

type Start = Extract<Order, { type: "start" }>;
type Message = Extract<Order, { type: "message" }>;
type Administration = Extract<Order, { type: "read_state" | "replace_state" }>;
type Handled = Extract<Report, { type: "handled" }>;

/** An agent that lives or starts here. */
interface Lodger {
  readonly starting: AbortController;
  cell: AgentCell | undefined;
}

/** A message from the host: it is owed a report when it has been handled, once. */
class Incoming {
  readonly message: unknown;
  isReported = false;

  constructor(message: unknown) {
    this.message = message;
  }
}

/** The end of a linked agent that lives elsewhere. */
class LinkEnded {
  readonly pid: Pid;
  readonly reason: DownReason;

  constructor(pid: Pid, reason: DownReason) {
    this.pid = pid;
    this.reason = reason;
  }
}

/** The inside of a worker thread or child process: runs real agents for a host that knows them by number. */
export class Guest {
  readonly #runtime = new AgentRuntime();
  readonly #agents = new Map<number, Lodger>();
  readonly #handled = new Map<number, Handled>();
  readonly #outbox: Outbox<Report>;

  constructor(post: (batch: readonly Report[]) => void) {
    this.#outbox = new Outbox<Report>((batch) => {
      this.#handled.clear();
      post(batch);
    }, this.#refused.bind(this));
  }

  receive(batch: readonly Order[]): void {
    for (const order of batch) this.#obey(order);
  }

  /** Says that the event loop turns. */
  beat(): void {
    this.#outbox.push({ type: "beat" });
  }

  #obey(order: Order): void {
    if (order.type === "start") return void this.#start(order);
    const lodger = this.#agents.get(order.agent);
    if (lodger === undefined) return;
    if (order.type === "exit") return this.#exit(lodger, unpackReason(order.reason) as ExitReason);
    if (order.type === "message") return lodger.cell?.deliver(this.#itemOf(order));
    if (order.type === "read_state" || order.type === "replace_state") return this.#administer(order, lodger);
    lodger.cell?.deliver(new Incoming(new LinkEnded(order.pid as Pid, unpackReason(order.reason))));
  }

  async #start({ agent, argument, ...module }: Start): Promise<void> {
    const lodger: Lodger = { starting: new AbortController(), cell: undefined };
    this.#agents.set(agent, lodger);
    try {
      const definition = await importAgent(module);
      const { name, mailbox = {} } = definition;
      const ref = await this.#runtime.start(this.#reporting(agent, definition), argument, {
        signal: lodger.starting.signal,
        owner: (reason) => this.#exited(agent, reason as ExitReason),
      });
      lodger.cell = ref?.cell;
      if (ref === undefined) this.#agents.delete(agent);
      const description =
        ref === undefined
          ? undefined
          : { name, mailbox, trapsExits: typeof Reflect.get(definition, "exit") === "function" };
      this.#outbox.push({ type: "started", agent, description });
    } catch (error) {
      this.#agents.delete(agent);
      const cause = error instanceof AgentError && error.code === "start_failed" ? error.cause : error;
      this.#outbox.push({ type: "start_failed", agent, error: packError(cause) });
    }
  }

  #administer(order: Administration, { cell }: Lodger): void {
    const { agent, call } = order;
    const endless = { timeoutMs: Infinity };
    const done =
      order.type === "read_state" ? cell?.self.state(endless) : cell?.self.replaceState(order.state, endless);
    done?.then(
      (value) => this.#outbox.push({ type: "reply", agent, call, value }),
      (error: unknown) => this.#outbox.push({ type: "reply_failed", agent, call, error: packError(error) }),
    );
  }

  #exit({ starting, cell }: Lodger, reason: ExitReason): void {
    if (cell === undefined) starting.abort(new AgentError("start_aborted", "the start was called off"));
    else cell.exit(reason);
  }

  #exited(agent: number, reason: ExitReason): void {
    this.#agents.delete(agent);
    this.#outbox.push({ type: "exited", agent, reason: packReason(reason) });
  }

  #itemOf({ agent, call, message }: Message): unknown {
    const incoming = new Incoming(message);
    if (call === undefined) return incoming;
    const onReply = (value: unknown): void => this.#outbox.push({ type: "reply", agent, call, value });
    return new Call(incoming, onReply, (error) => {
      if (this.#agents.has(agent)) this.#outbox.push({ type: "reply_failed", agent, call, error: packError(error) });
    });
  }

  /** The definition, with a report after every message that came from the host. */
  #reporting(agent: number, definition: AgentDefinition): AgentDefinition<unknown, unknown, unknown> {
    return {
      ...(definition as AgentDefinition<unknown, unknown, unknown>),
      mailbox: guestMailbox(definition.mailbox),
      handle: (item, state, context) => {
        if (!(item instanceof Incoming)) return definition.handle(item, state, context);
        const next = handleIncoming(definition, item.message, state, context);
        if (!(next instanceof Promise)) {
          this.#report(agent, item);
          return next;
        }
        return next.then((after: unknown) => {
          this.#report(agent, item);
          return after;
        });
      },
    };
  }

  #report(agent: number, incoming: Incoming): void {
    if (incoming.isReported) return;
    incoming.isReported = true;
    const waiting = this.#handled.get(agent);
    if (waiting !== undefined) return void waiting.count++;
    const report: Handled = { type: "handled", agent, count: 1 };
    this.#handled.set(agent, report);
    this.#outbox.push(report);
  }

  /** What cannot be cloned becomes the failure of its call, or the agent's. */
  #refused(report: Report, cause: unknown): void {
    if (report.type === "beat") return;
    const { agent } = report;
    const error = packError(new HostError("unclonable", "the answer cannot be cloned", { cause }));
    if (report.type === "reply") this.#outbox.push({ type: "reply_failed", agent, call: report.call, error });
    else this.#outbox.push({ type: "exited", agent, reason: { kind: "crash", error } });
  }
}

/** The host's side drops the oldest; here a message of the agent to itself must not push out one that is reported. */
function guestMailbox(mailbox: MailboxOptions = {}): MailboxOptions {
  return mailbox.overflow === "drop_old" ? { ...mailbox, overflow: "drop_new" } : mailbox;
}

function handleIncoming(
  definition: AgentDefinition,
  message: unknown,
  state: unknown,
  context: AgentContext<unknown>,
): unknown {
  return message instanceof LinkEnded
    ? definition.exit?.(message.pid, message.reason, state, context)
    : definition.handle(message, state, context);
}
