import { EventStream, messageOf, nextTurn, present, UsageError } from "#foundation";
import type { Clock, Rng, Store } from "#foundation";
import { AgentRuntime, killed, TaskSupervisor } from "#foundation/agents";
import { addUsage, noUsage } from "#programs";
import type { Usage } from "#programs";
import type { Configuration, Space } from "#variables";
import { adoptResult } from "./adopt-result.ts";
import { checkWork } from "./check-work.ts";
import { JobQueue } from "./job-queue.ts";
import type { Job } from "./job-queue.ts";
import { Ledger } from "./account/ledger.ts";
import { performCompletion, performExample } from "./perform.ts";
import type { Refusal, Workshop } from "./perform.ts";
import { reportOf } from "./report.ts";
import type { Report } from "./report.ts";
import { decide, incumbentOf, mayStart } from "./run-decision.ts";
import type { RunPlan, Step } from "./run-decision.ts";
import { RunError } from "./run-error.ts";
import type { RunEvent } from "./run-event.ts";
import { keepLease, releaseLease } from "./run-lease.ts";
import type { RunLease } from "./run-lease.ts";
import { RunLog } from "./run-log.ts";
import { progressOf } from "./run-progress.ts";
import { writeRecord } from "./run-record.ts";
import type { RunProgress, RunRecord, RunRequest } from "./run-record.ts";
import { followRequests } from "./run-requests.ts";
import { advance, isPossible, lostUsage } from "./run-state.ts";
import type { RunState } from "./run-state.ts";
import type { Work } from "../teleprompter.ts";

/** Everything that a Runner is made of. `openRun` puts it together. */
export interface RunnerParts {
  readonly store: Store;
  readonly record: RunRecord;
  readonly lease: RunLease;
  readonly plan: RunPlan;
  readonly state: RunState;
  /** How many events the log holds. */
  readonly events: number;
  readonly rng: Rng;
  readonly clock: Clock;
  /** Where its tasks live; the Runner makes and ends one of its own unless told. */
  readonly runtime: AgentRuntime | undefined;
  readonly workshop: Omit<Workshop, "signal">;
}

/** An event without its time. */
type Happening = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "at"> : never) : never;

/**
 * One optimisation run at work: performs what the teleprompter asks with bounded concurrency, stores every event
 * before acting on it, and keeps the budget. The only part of the optimiser that acts. Disposing of it leaves the run
 * as it stands, to be resumed here or elsewhere.
 */
export class Runner implements AsyncDisposable {
  readonly id: string;
  /** Every event of the run after it was stored. */
  readonly events: EventStream<RunEvent> = new EventStream();
  /** The report, once the run has ended. Rejects with `RunError` when the run failed or was taken over. */
  readonly finished: Promise<Report>;

  readonly #parts: RunnerParts;
  readonly #log: RunLog;
  readonly #abort = new AbortController();
  readonly #timeIsUp = new AbortController();
  readonly #workshop: Workshop;
  readonly #runtime: AgentRuntime;
  readonly #tasks: TaskSupervisor;
  readonly #jobs = new JobQueue();
  #inFlight = 0;
  #state: RunState;
  #asked: { readonly search: unknown; readonly asks: number; readonly work: readonly Work[] } | undefined;
  #failure: unknown;
  #isPutDown = false;
  #started = 0;
  /** What calls have cost that were aborted when the run was put down. */
  #unanswered: Usage = noUsage;
  #wake: () => void = () => {};

  constructor(parts: RunnerParts) {
    const { store, record, lease, state, events } = parts;
    this.id = record.id;
    this.#parts = parts;
    this.#state = state;
    this.#log = new RunLog(store, record.id, lease.fence, events);
    this.#workshop = { ...parts.workshop, signal: AbortSignal.any([this.#abort.signal, this.#timeIsUp.signal]) };
    this.#runtime = parts.runtime ?? new AgentRuntime({ clock: parts.clock });
    this.#tasks = new TaskSupervisor({ runtime: this.#runtime, name: record.id });
    this.finished = this.#run();
    // Whoever never looks at the result must not be ended by it.
    this.finished.catch(() => {});
  }

  /** What is searched. */
  get space(): Space {
    return this.#parts.record.space;
  }

  /** How far the run is. */
  status(): RunProgress {
    const { plan, record, clock } = this.#parts;
    return progressOf({ ...plan, expectedRuns: record.expectedRuns }, this.#state, clock.now());
  }

  /** The best configuration by validation so far; the baseline before anything was measured. */
  bestConfig(): Configuration {
    return incumbentOf(this.#parts.plan, this.#state)?.configuration ?? this.#parts.plan.baseline;
  }

  /** Starts nothing further. What is under way arrives and counts; the run stays in this process. */
  async pause(): Promise<void> {
    if (this.#state.status === "running") await this.#recordAndSave({ type: "paused" });
  }

  async resume(): Promise<void> {
    if (this.#state.status === "paused") await this.#recordAndSave({ type: "resumed" });
  }

  /** Ends the run with what it has, after what is under way has arrived. It cannot go on afterwards. */
  async stop(): Promise<void> {
    const { status } = this.#state;
    if (status === "running" || status === "paused") await this.#record({ type: "stopping" });
  }

  /**
   * Puts the run down so that it can be resumed here or elsewhere: starts nothing further, lets what is under way arrive
   * for `graceMs` (5,000 unless told), aborts the rest. `finished` then rejects with `RunError` (`suspended`).
   */
  async suspend({ graceMs = 5000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#isPutDown = true;
    this.#wake();
    const gone = new AbortController();
    const grace = this.#parts.clock.sleep(graceMs, { signal: gone.signal }).then(
      () => this.#abort.abort(this.#suspended()),
      () => {},
    );
    if (graceMs === 0) this.#abort.abort(this.#suspended());
    await this.finished.catch(() => {});
    gone.abort();
    await grace;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.suspend();
  }

  #suspended(): RunError {
    return new RunError("suspended", `run ${this.id} was put down by its process; it can be resumed`);
  }

  async #run(): Promise<Report> {
    const { store, lease, clock } = this.#parts;
    const { signal } = this.#abort;
    const act = (request: RunRequest["request"]): Promise<void> => this[request]();
    const attendants = [keepLease(store, this.id, lease, clock, signal), followRequests(store, this.id, act, signal)];
    for (const attendant of attendants) attendant.catch((error: unknown) => this.#fail(error));
    try {
      const lost = lostUsage(this.#parts.state, this.#parts.record.concurrency);
      const { costWeight } = this.#parts.record;
      await this.#recordAndSave({
        type: "started",
        ...present({ lost: lost.calls === 0 ? undefined : lost, costWeight }),
      });
      await this.#turn();
      if (this.#failure !== undefined) throw this.#failure;
      const report = reportOf(this.#parts.plan, this.#state);
      // The report ends the run for good: a process that dies before it has adopted the result must be taken up again.
      try {
        await adoptResult(store, this.#parts.record, report, { at: clock.now(), scope: lease.scope });
      } finally {
        await this.#save(report);
      }
      if (this.#state.status === "failed") throw new RunError("infrastructure", report.reason, { retryable: true });
      return report;
    } finally {
      this.#abort.abort(new RunError("already_ended", `run ${this.id} has ended`));
      await Promise.allSettled(attendants);
      await releaseLease(store, lease);
      this.#tasks.exit(killed);
      if (this.#parts.runtime === undefined) this.#runtime[Symbol.dispose]();
    }
  }

  /** Decides and acts until the run has ended, was put down or lost. */
  async #turn(): Promise<void> {
    while (this.#failure === undefined && !this.#hasEnded()) {
      const change = new AbortController();
      // With a reason of our own: the usual one is an error with a stack, for every event of the run.
      this.#wake = () => change.abort(changed);
      if (this.#isPutDown) {
        if (this.#inFlight === 0) return this.#putDown();
        await aborted(change.signal);
        continue;
      }
      const step = decide(this.#parts.plan, this.#state, {
        inFlight: this.#inFlight,
        asked: this.#answerInThisState(),
      });
      await this.#act(step);
      this.#startWork();
      if (step.type === "wait") await this.#wait(change.signal);
    }
  }

  async #putDown(): Promise<never> {
    await this.#recordAndSave({ type: "put_down", usage: this.#unanswered });
    throw this.#suspended();
  }

  /** Until something has changed. The end of the budget's time is a change: what is under way is then aborted. */
  async #wait(change: AbortSignal): Promise<void> {
    const { clock, plan } = this.#parts;
    const { status, elapsedMs, runningSince = clock.now(), refused } = this.#state;
    if (change.aborted) return;
    if (plan.budget.ms === undefined || status !== "running" || refused !== undefined) return aborted(change);
    const left = plan.budget.ms - elapsedMs - (clock.now() - runningSince);
    const isOver = await clock.sleep(Math.max(0, left), { signal: change }).then(
      () => true,
      () => false,
    );
    if (!isOver) return;
    await this.#record({ type: "refused", work: "", limit: "ms", usage: noUsage });
    this.#timeIsUp.abort(new RunError("suspended", "the budget's time is over"));
  }

  async #act(step: Step): Promise<void> {
    switch (step.type) {
      case "wait":
        return;
      case "ask":
        return this.#ask(step.capacity);
      case "issue":
        return this.#record({ type: "issued", work: step.work });
      case "tell":
        await this.#record({ type: "told", work: step.work });
        return this.#save();
      case "abandon":
        return this.#record({ type: "abandoned", work: step.work });
      case "reuse":
        return this.#record({ type: "reused", work: step.work, examples: step.examples });
      case "look":
        return this.#record({ type: "looked", work: step.work, examples: step.examples, verdict: step.verdict });
      case "end_search":
        return this.#record({ type: "search_ended", reason: step.reason });
      case "end":
        return this.#record({ type: "ended", status: step.status, reason: step.reason });
    }
  }

  #ask(capacity: number): void {
    const { plan, rng } = this.#parts;
    const { search, asks, candidates, pending } = this.#state;
    const { name } = plan.teleprompter;
    const work = plan.teleprompter.ask(search, rng.fork(`ask ${asks}`), capacity).slice(0, capacity);
    const taken = new Set([...candidates.map((candidate) => candidate.work), ...pending.map((item) => item.work.id)]);
    const { sizes, space } = this.#parts.record;
    checkWork(name, work, { taken, sizes, space });
    this.#asked = { search, asks, work };
  }

  #answerInThisState(): readonly Work[] | undefined {
    const asked = this.#asked;
    const { search, asks } = this.#state;
    return asked !== undefined && asked.search === search && asked.asks === asks ? asked.work : undefined;
  }

  /** Fills the free places with jobs of pending work, in the order of issue. */
  #startWork(): void {
    const { plan, record } = this.#parts;
    while (!this.#isPutDown && this.#inFlight < record.concurrency && mayStart(plan, this.#state, this.#inFlight)) {
      const job = this.#jobs.take();
      if (job === undefined) return;
      this.#inFlight++;
      this.#perform(job)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#inFlight--;
          this.#wake();
        });
    }
  }

  async #perform(job: Job): Promise<void> {
    if (++this.#started % jobsPerTurn === 0) await nextTurn();
    const ledger = new Ledger();
    try {
      await this.#record(await this.#outcomeOf(job, ledger));
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
      this.#unanswered = addUsage(this.#unanswered, ledger.usage);
    }
  }

  async #outcomeOf(job: Job, ledger: Ledger): Promise<Happening> {
    const work = job.work.id;
    try {
      if (job.kind === "completion") {
        const result = await this.#tasks.run(() => performCompletion(this.#workshop, job.work, ledger));
        return "refused" in result ? refusal(work, result) : { type: "completed", work, result };
      }
      const result = await this.#tasks.run(() => performExample(this.#workshop, job, ledger));
      return "refused" in result ? refusal(work, result) : { type: "example", work, result };
    } catch (error) {
      // What was aborted at the end of the budget's time has still cost what it cost.
      if (error === this.#timeIsUp.signal.reason) return refusal(work, { refused: "ms", usage: ledger.usage });
      if (this.#abort.signal.aborted || error instanceof UsageError) throw error;
      return crashed(job, error, ledger.usage);
    }
  }

  async #record(happening: Happening): Promise<void> {
    const event = { ...happening, at: this.#parts.clock.now() } as RunEvent;
    let stored: RunEvent | undefined;
    await this.#log.append(event, {
      isPossible: () => isPossible(this.#state, event.type),
      apply: (body) => {
        stored = body;
        this.#state = advance(this.#parts.plan.teleprompter, this.#state, body);
        if (body.type !== "example") this.#jobs.arrange(this.#state.pending);
      },
    });
    if (stored !== undefined) this.events.publish(stored);
    this.#wake();
  }

  /** For what other processes want to see at once in the run's record. */
  async #recordAndSave(happening: Happening): Promise<void> {
    await this.#record(happening);
    if (!this.#hasEnded()) await this.#save();
  }

  async #save(report?: Report): Promise<void> {
    // A report of the failure before this resumption is no report of this run.
    const {
      record: { report: _, ...record },
      store,
      lease,
    } = this.#parts;
    const { eta: _eta, ...progress } = this.status();
    await writeRecord(store, { ...record, progress, ...(report === undefined ? {} : { report }) }, lease.fence);
  }

  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#failure ??= error;
    this.#wake();
  }

  #hasEnded(): boolean {
    const { status } = this.#state;
    return status === "completed" || status === "stopped" || status === "failed";
  }
}

const changed = "the run has changed";

/** With models that answer at once, so many jobs are done before timers and signals get their turn. */
const jobsPerTurn = 16;

/** A task that left a rejection unawaited has crashed alone: it costs its own job. */
function crashed(job: Job, error: unknown, usage: Usage): Happening {
  const message = `the evaluation crashed: ${messageOf(error)}`;
  const work = job.work.id;
  if (job.kind === "completion") return { type: "completed", work, result: { ok: false, message, usage } };
  const result = { ok: false, failure: "candidate", message, index: job.index, usage } as const;
  return { type: "example", work, result };
}

function refusal(work: string, { refused: limit, usage }: Refusal): Happening {
  return { type: "refused", work, limit, usage };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
