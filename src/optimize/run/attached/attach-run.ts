import { present, systemClock } from "#foundation";
import type { Clock, Store } from "#foundation";
import type { Example } from "#programs";
import { AttachedRun } from "./attached-run.ts";
import { onlooker } from "./onlooker.ts";
import { isDriven } from "../run-lease.ts";
import { readEvents, readExamples, readRecord } from "../run-record.ts";
import type { RunRecord } from "../run-record.ts";
import { advance, initialState } from "../run-state.ts";
import type { RunState } from "../run-state.ts";
import type { RunEvent } from "../run-event.ts";
import type { Split, Teleprompter } from "../../teleprompter.ts";
import { teleprompterNamed, teleprompters } from "../../teleprompters.ts";
import type { MakeTeleprompter } from "../../teleprompters.ts";

export interface AttachOptions {
  /** Further teleprompters by name. Without its teleprompter a run is read by what its log tells. */
  readonly teleprompters?: Readonly<Record<string, MakeTeleprompter>>;
  readonly clock?: Clock;
}

/**
 * A view of a run that some process drives: it follows the log as it grows and changes nothing but by request. Of a run
 * that has ended or that nobody drives it shows what is there. Rejects with `RunError` (`unknown_run`, `damaged`).
 */
export async function attachRun(store: Store, id: string, options: AttachOptions = {}): Promise<AttachedRun> {
  const { clock = systemClock } = options;
  const position = await store.position();
  const record = await readRecord(store, id);
  const events = await readEvents(store, id);
  const { teleprompter, state } = await folded(store, record, events, { ...teleprompters, ...options.teleprompters });
  const driven = await isDriven(store, id);
  return new AttachedRun({ store, clock, record, teleprompter, state, events: events.length, position, driven });
}

interface Folded {
  readonly teleprompter: Teleprompter;
  readonly state: RunState;
}

/** With the run's own teleprompter, else, where it is unknown or of another version, with what stands in for it. */
async function folded(
  store: Store,
  record: RunRecord,
  events: readonly RunEvent[],
  known: Readonly<Record<string, MakeTeleprompter>>,
): Promise<Folded> {
  const { program, space, baseline, data, maxPromptTokens } = record;
  const read = (split: Split): Promise<readonly Example[]> => readExamples(store, data[split]);
  const [train, validation] = [await read("train"), await read("validation")];
  const task = { program, space, baseline, train, validation, ...present({ maxPromptTokens }) };
  const fold = (teleprompter: Teleprompter): Folded => {
    const start = initialState(teleprompter.start(task));
    return { teleprompter, state: events.reduce((state, event) => advance(teleprompter, state, event), start) };
  };
  const { name, options } = record.teleprompter;
  try {
    return fold(teleprompterNamed(name, options, known));
  } catch {
    return fold(onlooker(name));
  }
}
