import type { Clock } from "../clock.ts";
import { handleBy } from "./agent.ts";
import type { AgentContext, AgentDefinition, Pid } from "./agent.ts";
import { Attention } from "./attention.ts";
import { AgentError, Call } from "./call.ts";
import { crash, normal } from "./exit-reason.ts";
import type { DownReason, ExitReason } from "./exit-reason.ts";
import { Inbox, isExit, Notice } from "./inbox.ts";
import type { LinkedExit } from "./inbox.ts";
import { Links } from "./links.ts";
import { Fifo } from "./mailbox.ts";
import { OpenCalls } from "./open-calls.ts";
import { Passivation } from "./passivation.ts";
import { Ref } from "./ref.ts";
import type { AgentRuntime, AsyncScope } from "./runtime.ts";
import { watchNobody, Watches } from "./watches.ts";
import type { Custodian } from "./swap/custodian.ts";

/** Hears once that an incarnation has ended. */
export type Watcher = (reason: DownReason, pid: Pid) => void;

type Item = unknown;

const defaultCapacity = 10_000;

/**
 * One incarnation of an agent: its state, its two queues and its end. The system queue comes first: an agent with a
 * full mailbox can still be stopped. After its end everything that reaches for it finds nothing.
 */
export class AgentCell<S = unknown, M = unknown> implements AgentContext<M> {
  readonly pid: Pid;
  readonly runtime: AgentRuntime;
  readonly definition: AgentDefinition<S, M, never>;
  readonly self: Ref<M>;
  /** Where new messages go after a swap. */
  successor: AgentCell<S, M> | undefined;
  /** The incarnation from which it is to take over at a swap. */
  replaces: Pid | undefined;
  /** The supervisor's watcher: it hears of the end after everybody else. */
  owner: Watcher | undefined;
  /** The supervisor through which it is swapped. */
  custodian: Custodian | undefined;
  /** The swap that is under way, up to its switch: the next one waits for it. */
  swapping: Promise<unknown> | undefined;

  /** The state; `undefined` while there is none, and while the agent sleeps. */
  state: S | undefined;
  #phase: "starting" | "live" | "ending" | "dead" = "starting";
  #ended: ExitReason = normal;
  #isQueued = false;
  #isBusy = false;
  /** Takes no messages from its mailbox. */
  isPaused = false;
  /** Called when it has handled some messages. */
  onTurn: (() => void) | undefined;
  #stopReason: ExitReason | undefined;
  #isPostponing = false;
  readonly #mailbox = new Inbox();
  #system: Fifo<() => void> | undefined;
  readonly #calls = new OpenCalls();
  #watches: Watches | undefined;
  #attention: Attention<M> | undefined;
  #links: Links | undefined;
  #passivation: Passivation<S> | undefined;
  #abort: AbortController | undefined;
  #context: AsyncScope | undefined;

  constructor(runtime: AgentRuntime, pid: Pid, definition: AgentDefinition<S, M, never>) {
    this.runtime = runtime;
    this.pid = pid;
    this.definition = definition;
    this.self = new Ref<M>(this as unknown as AgentCell);
  }

  // ---- what others do with it

  get isAlive(): boolean {
    return this.#phase === "live" || this.#phase === "starting";
  }

  get phase(): "starting" | "live" | "ending" | "dead" {
    return this.#phase;
  }

  get waiting(): number {
    return this.#mailbox.length;
  }

  /** Takes the first state; the cell lives from here on. */
  begin(state: S): void {
    this.state = state;
    this.#phase = "live";
    this.runtime.report({ type: "agent_started", pid: this.pid, agent: this.definition.name });
    this.#mailbox.settle(false);
    if (this.#stopReason !== undefined) return this.#end(this.#stopReason);
    const { idleMs } = this.definition;
    if (idleMs !== undefined) this.#passivation = new Passivation(this, idleMs);
    this.#passivation?.rest();
    this.#wake();
  }

  /** Puts an item behind the others, whatever the capacity. */
  deliver(item: Item): void {
    this.#mailbox.push(item);
    this.#wake();
  }

  /** Puts a user's message behind the others if there is room; by the overflow policy otherwise. */
  offer(message: Item): "taken" | "dropped" | "full" {
    const { overflow = "block" } = this.definition.mailbox ?? {};
    if (this.#mailbox.length < this.#capacity) {
      this.deliver(message);
      return "taken";
    }
    this.runtime.report({ type: "mailbox_overflow", pid: this.pid, agent: this.definition.name, policy: overflow });
    if (message instanceof Call || overflow === "block" || overflow === "fail") return "full";
    if (overflow === "drop_new") return "dropped";
    const oldest = this.#mailbox.evict();
    if (oldest instanceof Call)
      oldest.fail(new AgentError("mailbox_full", `${this.definition.name}: the call was evicted`));
    this.deliver(message);
    return "taken";
  }

  /** Calls back when there may be room. */
  whenRoom(resume: () => void): Disposable {
    return this.#mailbox.whenRoom(resume);
  }

  get #capacity(): number {
    return this.definition.mailbox?.capacity ?? defaultCapacity;
  }

  /** Asks it to end after what it is doing; a kill ends it now. */
  exit(reason: ExitReason): void {
    if (this.#phase === "dead") return;
    if (reason.kind === "killed" || this.#phase === "starting") return this.#die(reason);
    this.control(() => this.#end(reason));
  }

  /** Does something between two messages, before all that wait. */
  control(act: () => void): void {
    (this.#system ??= new Fifo()).push(act);
    this.#wake();
  }

  watch(watcher: Watcher): Disposable {
    if (this.#phase === "dead") return watchNobody(this.runtime, watcher, this.pid);
    return (this.#watches ??= new Watches()).add(watcher);
  }

  /** See `Child`. */
  own(owner: Watcher): void {
    if (this.#phase === "dead") owner(this.#ended, this.pid);
    else this.owner = owner;
  }

  /** Whether it handles a message right now: a call of its own would wait for itself. */
  get isOccupied(): boolean {
    return this.#isBusy || this.#phase === "starting";
  }

  /** Does something between two messages; it is the call's outcome, or the end that comes before it is. */
  administer(call: Call, act: (state: S) => unknown): void {
    this.#calls.keep(call);
    this.control(() => {
      this.#calls.release(call);
      if (call.settled) return;
      this.withState((state) => call.answer(act(state)));
    });
  }

  /** Between two messages only: goes on with the state, woken up for it where it sleeps. */
  withState(then: (state: S) => void): void {
    if (this.#passivation?.isAsleep === true) this.#passivation.wake(then);
    else then(this.state as S);
  }

  replaceState(state: S): void {
    const hasChanged = state !== this.state;
    this.state = state;
    this.#mailbox.settle(hasChanged);
  }

  // ---- what a swap does with it

  resume(): void {
    this.isPaused = false;
    this.#wake();
  }

  /** The route leads to `next` from here on; whoever watches this one, is linked to it or waits for room turns to it. */
  succeedBy(next: AgentCell<unknown, M>): void {
    this.successor = next as unknown as AgentCell<S, M>;
    [next.owner, this.owner] = [this.owner, undefined];
    next.custodian = this.custodian;
    next.isPaused = this.isPaused;
    this.runtime.passOn(this.pid, next.pid);
    this.#watches?.moveTo((next.#watches ??= new Watches()));
    this.#links?.moveTo(next as unknown as AgentCell);
    this.#watches = this.#links = undefined;
    this.#mailbox.makeRoom(Infinity);
  }

  /** Moves what waits, the postponed first, before what waits at `next`, and goes on there with the state. */
  handOver<T>(next: AgentCell<T, M>, state: T): void {
    next.state = state;
    const items = this.#mailbox.clear();
    const trapsExits = next.definition.exit !== undefined;
    next.#mailbox.unshift(items.filter((item) => trapsExits || !isExit(item)));
    if (!trapsExits) for (const item of items) if (isExit(item)) next.linkedExit(item.message.pid, item.message.reason);
  }

  /** Moves what waits or is postponed behind what waits at `next`, but for what only this one has asked for. */
  forward(next: AgentCell<unknown, M>): void {
    for (const item of this.#mailbox.clear()) if (!(item instanceof Notice)) next.deliver(item);
  }

  /** Whether no message is at hand or waits. */
  get isIdle(): boolean {
    return !this.#isBusy && this.#mailbox.length === 0;
  }

  /** A call that it has taken and nobody has answered. */
  get openCall(): Call | undefined {
    return this.#calls.unsettled;
  }

  // ---- what its definition does with it

  get clock(): Clock {
    return this.runtime.clock;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#phase === "dead" && !this.#abort.signal.aborted) this.#abort.abort(this.#goneError());
    return this.#abort.signal;
  }

  reply(value: unknown): void {
    if (this.isFenced("reply")) return;
    this.#calls.answer(value);
  }

  replyLater(): (value: unknown) => void {
    const call = this.takeCall();
    if (call === undefined) return () => {};
    return (value) => {
      if (this.isFenced("reply")) return;
      this.releaseCall(call);
      call.answer(value);
    };
  }

  /** For who answers in the agent's place: the call at hand, which fails with the agent until it is released. */
  takeCall(): Call | undefined {
    return this.#calls.take();
  }

  releaseCall(call: Call): void {
    this.#calls.release(call);
  }

  stop(reason: ExitReason = normal, last?: { readonly reply: unknown }): void {
    if (this.isFenced("stop") || this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    if (last !== undefined) this.#calls.answerLast(last.reply);
    if (!this.#isBusy) this.control(() => this.#end(reason));
  }

  postpone(): void {
    this.#isPostponing = true;
  }

  next(message: M): void {
    if (this.isFenced("next")) return;
    this.#mailbox.putFirst(message);
    if (this.isOccupied) return;
    this.#mailbox.settle(false);
    this.#wake();
  }

  whenQuiet(ms: number, message: M): void {
    if (this.isFenced("timer")) return;
    (this.#attention ??= new Attention(this)).whenQuiet(ms, message);
  }

  monitor(ref: Ref<never>, toMessage: (reason: DownReason, pid: Pid) => M): Disposable {
    if (this.isFenced("monitor")) return { [Symbol.dispose]: () => {} };
    return (this.#attention ??= new Attention(this)).monitor(ref, toMessage);
  }

  /** For its peers. */
  get links(): Links {
    return (this.#links ??= new Links(this as unknown as AgentCell));
  }

  link(ref: Ref<never>): void {
    if (this.isFenced("link")) return;
    const peer = ref.cell;
    if (peer.phase === "dead") this.linkedExit(peer.pid, { kind: "noproc" });
    else if (peer !== (this as unknown as AgentCell)) this.links.add(peer);
  }

  unlink(ref: Ref<never>): void {
    this.#links?.remove(ref.cell);
  }

  // ---- the loop

  /** Whether it stands in the run queue after its turn. */
  get isReady(): boolean {
    return this.#isQueued;
  }

  run(budget: number): number {
    let done = 0;
    while (done < budget && this.#phase === "live" && !this.#isBusy) {
      const act = this.#system?.shift();
      if (act !== undefined) act();
      else if (this.#mailbox.length > 0 && !this.isPaused) this.#handle(this.#mailbox.shift());
      else break;
      done++;
    }
    this.#isQueued = this.#hasWork();
    this.onTurn?.();
    return done;
  }

  /** Where its code runs, whoever sent the message: made at the first. */
  #scope(): AsyncScope {
    return (this.#context ??= this.runtime.contextOf(this as unknown as AgentCell));
  }

  #hasWork(): boolean {
    if (this.#phase !== "live" || this.#isBusy) return false;
    return (this.#mailbox.length > 0 && !this.isPaused) || (this.#system !== undefined && this.#system.length > 0);
  }

  #wake(): void {
    if (this.#isQueued || !this.#hasWork()) return;
    this.#isQueued = true;
    this.runtime.queue.add(this);
  }

  #handle(item: Item): void {
    if (this.#passivation?.isAsleep === true) {
      this.#mailbox.unshift([item]);
      return this.#passivation.wake(() => {});
    }
    if (this.#attention !== undefined) this.#attention.disturb();
    const isCall = item instanceof Call;
    this.#calls.current = isCall ? item : undefined;
    this.#isBusy = true;
    try {
      const next = item instanceof Notice ? this.#notice(item) : this.#take((isCall ? item.message : item) as M);
      if (next instanceof Promise) return this.#follow(next, (came) => this.#handled(came, item));
      this.#isBusy = false;
      this.#handled(next, item);
    } catch (error) {
      this.#failed(error);
    }
  }

  #take(message: M): S | Promise<S> {
    return this.#scope().runInAsyncScope(handleBy<S, M>, undefined, this.definition, message, this.state, this);
  }

  #notice(notice: Notice): S | Promise<S> {
    const state = this.state as S;
    if (notice.isCancelled) return state;
    if (!notice.isExit) return this.#take(notice.message as M);
    const { pid, reason } = notice.message as LinkedExit;
    return this.#scope().runInAsyncScope(() => this.definition.exit?.(pid, reason, state, this) ?? state);
  }

  /** What it is busy with until then; an end meanwhile makes it of no account. */
  #follow<T>(pending: Promise<T>, then: (result: T) => void): void {
    pending.then(
      (result) => {
        this.#isBusy = false;
        if (this.#phase !== "live") return;
        then(result);
        this.#wake();
        this.onTurn?.();
      },
      (error: unknown) => this.#failed(error),
    );
  }

  #failed(error: unknown): void {
    this.#isBusy = false;
    if (this.#phase !== "live") return;
    if (this.#passivation?.isAsleep === true) this.#die(crash(error));
    else this.#crashed(error);
  }

  #handled(state: S, item: Item): void {
    const hasChanged = state !== this.state;
    this.state = state;
    if (this.#isPostponing) {
      this.#isPostponing = false;
      this.#mailbox.postpone(item);
      this.#calls.current = undefined;
    } else if (this.#calls.current !== undefined) this.#calls.take();
    this.#mailbox.settle(hasChanged);
    if (this.#mailbox.isWaitedFor) this.#mailbox.makeRoom(this.#capacity);
    this.#passivation?.rest();
    if (this.#stopReason !== undefined) this.#end(this.#stopReason);
  }

  /** Something of the definition's own between two messages; they wait for it. */
  perform<T>(work: () => T | Promise<T>, then: (result: T) => void): void {
    this.#isBusy = true;
    try {
      const result = this.#scope().runInAsyncScope(work);
      if (result instanceof Promise) return this.#follow(result, then);
      this.#isBusy = false;
      then(result);
    } catch (error) {
      this.#failed(error);
    }
  }

  // ---- the end

  /** Cleans up and dies. Messages that arrive meanwhile find it stopping. */
  #end(reason: ExitReason): void {
    if (this.#phase !== "live") return;
    if (this.definition.terminate !== undefined && this.#passivation?.isAsleep === true)
      return this.#passivation.wake(() => this.#end(reason));
    this.#phase = "ending";
    if (this.definition.terminate === undefined) return this.#die(reason);
    try {
      const cleaned = this.#scope().runInAsyncScope(() => this.definition.terminate?.(reason, this.state as S));
      if (cleaned instanceof Promise)
        cleaned.then(
          () => this.#die(reason),
          (error: unknown) => this.#die(crash(error)),
        );
      else this.#die(reason);
    } catch (error) {
      this.#die(crash(error));
    }
  }

  #crashed(error: unknown): void {
    const reason = crash(error);
    if (this.#phase === "live") this.#end(reason);
    else this.#die(reason);
  }

  /** Fails the incarnation for an error that nobody awaited. */
  stray(error: unknown): void {
    if (this.isAlive) this.#crashed(error);
    else this.runtime.orphaned(this.pid, this.definition.name, "rejection");
  }

  // In this order, so that whoever hears of the death finds the names free and the calls answered.
  #die(reason: ExitReason): void {
    if (this.#phase === "dead") return;
    const hasLived = this.#phase !== "starting";
    this.#phase = "dead";
    this.#ended = reason;
    this.runtime.forget(this.pid);
    this.#calls.end(this.definition.name, reason, reason === this.#stopReason, this.#mailbox.clear());
    this.#attention?.end();
    this.#passivation?.end();
    this.runtime.outside(() => this.#announce(reason, hasLived));
  }

  #announce(reason: ExitReason, hasLived: boolean): void {
    this.#abort?.abort(this.#goneError());
    this.#links?.tell(reason);
    if (hasLived) this.runtime.report({ type: "agent_exited", pid: this.pid, agent: this.definition.name, reason });
    this.#watches?.tell(this.runtime, reason, this.pid);
    this.#watches = this.#attention = this.#links = this.#system = undefined;
    this.state = undefined;
    this.#mailbox.makeRoom(Infinity);
    if (hasLived) this.owner?.(reason, this.pid);
  }

  // A kill kills the peers with the reason `killed`, but as any reason does: they clean up.
  linkedExit(pid: Pid, reason: DownReason): void {
    if (!this.isAlive) return;
    if (this.definition.exit !== undefined) return this.deliver(new Notice({ pid, reason } satisfies LinkedExit, true));
    if (reason.kind === "noproc") return this.exit(crash(new AgentError("noproc", `linked agent ${pid} is not alive`)));
    if (reason.kind === "normal") return;
    if (this.#phase === "live") this.control(() => this.#end(reason));
    else this.#die(reason);
  }

  /** Whether it is dead: the effect that its code tries is then dropped and counted. */
  isFenced(what: string): boolean {
    if (this.#phase !== "dead") return false;
    this.runtime.orphaned(this.pid, this.definition.name, what);
    return true;
  }

  #goneError(): AgentError {
    return new AgentError("exit", `agent ${this.definition.name} has ended`, { reason: this.#ended });
  }
}
