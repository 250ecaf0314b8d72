import { mintId, systemClock, systemRng, UsageError } from "#foundation";
import type { Clock, Rng, Store } from "#foundation";
import {
  deleteProgram,
  execute,
  historyLogOf,
  program as makeProgram,
  readProgram,
  readPrograms,
  writeProgram,
  writeSpace,
} from "#programs";
import type { ConfigurationDraft, ExecuteOptions, Execution, Program, StoredProgram } from "#programs";
import type { Space } from "#variables";
import type { HistoryItem } from "./run/adopt-result.ts";
import { startLatest } from "./run/open-run.ts";
import type { StartOptions } from "./run/start-options.ts";
import { listRuns } from "./run/run-record.ts";
import type { RunRecord } from "./run/run-record.ts";
import type { Runner } from "./run/runner.ts";

export interface ProgramResourceOptions {
  readonly clock?: Clock;
  readonly rng?: Rng;
}

export interface UpdateProgramOptions {
  /** The revision that the caller has seen; without it the update is applied to the newest one. */
  readonly expect?: number;
}

/** What of a stored program can be written anew. */
export interface ProgramChanges {
  readonly name?: string;
  readonly pipeline?: readonly string[];
  readonly configuration?: ConfigurationDraft;
  readonly space?: Space;
}

/** An update's answer; on a conflict, the revision that was found. */
export type UpdateResult =
  | { readonly ok: true; readonly program: StoredProgram }
  | { readonly ok: false; readonly reason: "conflict"; readonly revision: number };

export type OptimizeStoredOptions = Omit<StartOptions, "store" | "program" | "programId" | "space"> & {
  /** The program's own space unless told. */
  readonly space?: Space;
};

/** Programs in a store: the designs' `Resource.Program` with its actions. Throws `UsageError` for an unknown id. */
export interface ProgramResource {
  create(program: Program, options?: { readonly space?: Space }): Promise<StoredProgram>;
  read(id: string): Promise<StoredProgram>;
  list(): Promise<StoredProgram[]>;
  update(id: string, changes: ProgramChanges, options?: UpdateProgramOptions): Promise<UpdateResult>;
  /** Removes the program; its runs stay. */
  destroy(id: string): Promise<void>;
  execute(id: string, inputs: object, options?: ExecuteOptions): Promise<Execution>;
  /** Starts a run, after any other on the program has ended; when it completes the stored configuration follows it. */
  optimize(id: string, options: OptimizeStoredOptions): Promise<Runner>;
  /** The validated score of the stored configuration; null before any run and after a change by hand. */
  currentPerformance(id: string): Promise<number | null>;
  /** The changes that runs made to its configuration, oldest first. */
  history(id: string): Promise<HistoryItem[]>;
  runs(id: string): Promise<RunRecord[]>;
}

export function programResource(store: Store, options: ProgramResourceOptions = {}): ProgramResource {
  const { clock = systemClock, rng = systemRng() } = options;
  const read = (id: string): Promise<StoredProgram> => readExisting(store, id);
  return {
    async create(program, { space } = {}) {
      const id = mintId(rng, "program");
      const spaceId = space === undefined ? undefined : mintId(rng, "space");
      if (space !== undefined && spaceId !== undefined) await writeSpace(store, spaceId, space);
      const record = { id, program: makeProgram(program), spaceId, performance: undefined, createdAt: clock.now() };
      await writeProgram(store, record, 0);
      return read(id);
    },
    read,
    list: () => readPrograms(store),
    update: (id, changes, { expect } = {}) => update(store, rng, id, changes, expect),
    async destroy(id) {
      while (!(await deleteProgram(store, id, (await read(id)).revision)));
    },
    execute: async (id, inputs, executeOptions) => execute((await read(id)).program, inputs, executeOptions),
    async optimize(id, start) {
      // A run that waited for another one starts from what that one chose.
      const latest = async (): Promise<StartOptions> => {
        const { program, space: own } = await read(id);
        const space = start.space ?? own;
        if (space === undefined)
          throw new UsageError(`stored program ${id} has no space to search; create it with one or pass { space }`);
        return { ...start, store, program, space, programId: id };
      };
      return startLatest(await latest(), latest);
    },
    currentPerformance: async (id) => (await read(id)).performance?.score ?? null,
    history: async (id) => (await store.logs.read(historyLogOf(id))) as unknown as HistoryItem[],
    runs: async (id) => (await listRuns(store)).filter(({ programId }) => programId === id),
  };
}

async function readExisting(store: Store, id: string): Promise<StoredProgram> {
  const stored = await readProgram(store, id);
  if (stored !== undefined) return stored;
  throw new UsageError(`there is no program ${id} in this store; tutti programs ls lists them`);
}

async function update(
  store: Store,
  rng: Rng,
  id: string,
  changes: ProgramChanges,
  expect: number | undefined,
): Promise<UpdateResult> {
  const { space, ...ofProgram } = changes;
  const newSpace = space === undefined ? undefined : mintId(rng, "space");
  for (;;) {
    const { revision, space: _space, ...record } = await readExisting(store, id);
    if (expect !== undefined && revision !== expect) return { ok: false, reason: "conflict", revision };
    const program = makeProgram({ ...record.program, ...ofProgram });
    if (space !== undefined && newSpace !== undefined) await writeSpace(store, newSpace, space);
    const spaceId = newSpace ?? record.spaceId;
    // What no run has measured, be it a pipeline or a configuration, has no known performance.
    const isMeasured = changes.configuration === undefined && changes.pipeline === undefined;
    const performance = isMeasured ? record.performance : undefined;
    if (await writeProgram(store, { ...record, program, spaceId, performance }, revision))
      return { ok: true, program: await readExisting(store, id) };
  }
}
