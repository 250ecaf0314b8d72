import { EventStream } from "#foundation";
import type { Clock, Store } from "#foundation";
import type { Configuration, Space } from "#variables";
import type { Report } from "../report.ts";
import { RunError } from "../run-error.ts";
import type { RunEvent } from "../run-event.ts";
import { isDriven } from "../run-lease.ts";
import { progressOf } from "../run-progress.ts";
import { logOf, readEvents, readRecord, runKind } from "../run-record.ts";
import type { RunProgress, RunRecord, RunRequest } from "../run-record.ts";
import { sendRunRequest } from "../run-requests.ts";
import { advance } from "../run-state.ts";
import type { RunState } from "../run-state.ts";
import type { Teleprompter } from "../../teleprompter.ts";

/** How often an onlooker makes sure that somebody still drives the run. */
const lookMs = 500;

export interface AttachedRunParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly record: RunRecord;
  readonly teleprompter: Teleprompter;
  readonly state: RunState;
  /** How many events the state comes from. */
  readonly events: number;
  /** Of the store, before the record was read. */
  readonly position: number;
  readonly driven: boolean;
}

/**
 * A run as another process sees it, while it is driven elsewhere. Disposing of it ends the view alone. `attachRun` makes
 * it.
 */
export class AttachedRun implements AsyncDisposable {
  readonly id: string;
  /** What it was started with. */
  readonly record: RunRecord;
  /** Every event that is stored from now on. */
  readonly events: EventStream<RunEvent> = new EventStream();
  /**
   * The report, once the run has ended. Rejects with `RunError` when nobody drives it any more: `suspended` when it was
   * put down, `interrupted` when its process died, `infrastructure` when it failed; `detached` when this view ended first.
   */
  readonly finished: Promise<Report>;

  readonly #parts: AttachedRunParts;
  readonly #ended = Promise.withResolvers<Report>();
  readonly #abort = new AbortController();
  readonly #attendants: readonly Promise<void>[];
  #state: RunState;
  #length: number;
  #driven: boolean;
  #reading: Promise<void> = Promise.resolve();

  constructor(parts: AttachedRunParts) {
    this.#parts = parts;
    this.id = parts.record.id;
    this.record = parts.record;
    this.#state = parts.state;
    this.#length = parts.events;
    this.#driven = parts.driven;
    this.finished = this.#ended.promise;
    // Whoever never looks at the result must not be ended by it.
    this.finished.catch(() => {});
    this.#attendants = [this.#follow(), this.#look()];
    for (const attendant of this.#attendants) attendant.catch((error: unknown) => this.#end({ error }));
  }

  /** What is searched. */
  get space(): Space {
    return this.record.space;
  }

  /** Whether a living process drives the run, as it was half a second ago at the latest. */
  get isDriven(): boolean {
    return this.#driven;
  }

  /** How far the run is. */
  status(): RunProgress {
    const { record, teleprompter, clock } = this.#parts;
    const { baseline, budget, expectedRuns, sizes } = record;
    const state = this.#driven ? this.#state : { ...this.#state, isDriven: false };
    return progressOf({ teleprompter, baseline, budget, expectedRuns, testSize: sizes.test }, state, clock.now());
  }

  /** The best configuration by validation so far; the baseline before anything was measured. */
  bestConfig(): Configuration {
    const { record, teleprompter } = this.#parts;
    return teleprompter.incumbent(this.#state.search)?.configuration ?? record.baseline;
  }

  /** Asks the process that drives the run to start nothing further; an event tells when it has followed. */
  pause(): Promise<void> {
    return this.#request("pause");
  }

  /** Asks the process that drives the run to go on after a pause. */
  resume(): Promise<void> {
    return this.#request("resume");
  }

  /** Asks the process that drives the run to end it with what it has. */
  stop(): Promise<void> {
    return this.#request("stop");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end({ error: new RunError("detached", `run ${this.id} is no longer looked at from here`) });
    await Promise.allSettled(this.#attendants);
  }

  async #request(request: RunRequest["request"]): Promise<void> {
    const { store } = this.#parts;
    const { report } = await readRecord(store, this.id);
    const hasEnded = report !== undefined && report.status !== "failed";
    if (hasEnded || !(await isDriven(store, this.id))) throw await this.#gone();
    await sendRunRequest(store, this.id, request);
  }

  /** Reads what the log has more, and whether that was all. */
  async #follow(): Promise<void> {
    const { store, position: after } = this.#parts;
    await this.#check();
    for await (const change of store.watch({ after, signal: this.#abort.signal })) {
      if (change.type === "log" && change.log === logOf(this.id)) await this.#read();
      if (change.type === "document" && change.kind === runKind && change.id === this.id) await this.#check();
    }
  }

  /** Nothing is written when a process dies: somebody has to look. */
  async #look(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      await this.#parts.clock.sleep(lookMs, { signal }).catch(() => {});
      if (!signal.aborted) await this.#check();
    }
  }

  async #check(): Promise<void> {
    const { store } = this.#parts;
    // Looked at first: whoever drives writes the report before letting go.
    const driven = await isDriven(store, this.id);
    await this.#read();
    const { report } = await readRecord(store, this.id);
    this.#driven = driven;
    if (report !== undefined && report.status !== "failed") this.#end({ report });
    else if (!driven) this.#end({ error: await this.#gone() });
  }

  /** One reader at a time: every entry is folded once. */
  #read(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      const { store, teleprompter } = this.#parts;
      for (const event of await readEvents(store, this.id, this.#length)) {
        this.#length++;
        this.#state = advance(teleprompter, this.#state, event);
        this.events.publish(event);
      }
    });
    return this.#reading;
  }

  /** Why nobody drives the run. */
  async #gone(): Promise<RunError> {
    const { report, progress } = await readRecord(this.#parts.store, this.id);
    if (report?.status === "failed") return new RunError("infrastructure", report.reason, { retryable: true });
    if (report !== undefined) return new RunError("already_ended", `run ${this.id} has ended (${progress.status})`);
    if (this.#state.isDriven)
      return new RunError("interrupted", `the process that drove run ${this.id} died; the run can be taken up again`);
    return new RunError("suspended", `run ${this.id} was put down by its process; it can be taken up again`);
  }

  #end(end: { readonly report: Report } | { readonly error: unknown }): void {
    if ("report" in end) this.#ended.resolve(end.report);
    else this.#ended.reject(end.error);
    this.#abort.abort();
  }
}
