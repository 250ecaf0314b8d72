import type { AgentDefinition } from "../agent.ts";
import type { AgentCell } from "../agent-cell.ts";
import { AgentError } from "../call.ts";
import { stopChild } from "../supervisors/child-life.ts";
import { reasonText } from "../exit-reason.ts";
import type { Ref } from "../ref.ts";
import { inTime } from "./in-time.ts";
import type { SwapFailure, SwapOptions, SwapStep } from "./swap-result.ts";

/** What a switch of the route leaves behind: the old version, which has to be retired. */
export type Replacement = { readonly ok: true; readonly old: AgentCell; readonly next: AgentCell } | SwapFailure;

/** What the steps share. */
interface Swapping<S, M> {
  readonly definition: AgentDefinition<S, M, never>;
  readonly old: AgentCell<unknown, M>;
  readonly next: AgentCell<S, M>;
  readonly options: SwapOptions<M, never>;
}

const defaultMs = 5000;

/**
 * Starts the next version, checks it, and leads the address to it. One at a time for each address. Never rejects; after
 * a failure the old version serves on and nothing is left of the next.
 */
export async function replaceAgent<S, M, A>(
  ref: Ref<M>,
  definition: AgentDefinition<S, M, A>,
  options: SwapOptions<M, A>,
): Promise<Replacement> {
  while (ref.cell.swapping !== undefined) await ref.cell.swapping;
  const old = ref.cell;
  const replacing = replaceCell(old, definition, options);
  old.swapping = replacing;
  const outcome = await replacing;
  old.swapping = undefined;
  const { runtime, pid } = old;
  const { name: agent } = definition;
  if (outcome.ok) runtime.report({ type: "agent_swapped", pid, agent, successor: outcome.next.pid });
  else runtime.report({ type: "swap_failed", pid, agent, step: outcome.step, error: outcome.error });
  return outcome;
}

async function replaceCell<S, M, A>(
  old: AgentCell,
  definition: AgentDefinition<S, M, A>,
  options: SwapOptions<M, A>,
): Promise<Replacement> {
  const started = await attempt("start", () => startNext(old, definition, options));
  if (!started.ok) return started;
  const next = started.value as AgentCell<S, M>;
  const swapping = { definition, old, next, options } as unknown as Swapping<S, M>;
  const failure = (await check(swapping)) ?? (definition.migrate ? await moveState(swapping) : switchRoute(swapping));
  if (failure === undefined) return { ok: true, old, next: next as unknown as AgentCell };
  await stopChild(old.runtime, next, options.drainMs ?? defaultMs);
  return failure;
}

async function startNext<S, M, A>(
  old: AgentCell,
  definition: AgentDefinition<S, M, A>,
  { argument, startTimeoutMs = defaultMs, signal }: SwapOptions<M, A>,
): Promise<AgentCell> {
  if (!old.isAlive) throw new AgentError("noproc", `agent ${old.definition.name} is not alive`);
  const ref = await old.runtime.start(definition, argument as A, { startTimeoutMs, signal, replaces: old.pid });
  if (ref === undefined) throw new AgentError("start_failed", `agent ${definition.name} had nothing to do`);
  return ref.cell;
}

async function check<S, M>({ definition, next, old, options }: Swapping<S, M>): Promise<SwapFailure | undefined> {
  const { check: isFit, checkMs: ms = defaultMs, signal } = options;
  if (isFit === undefined) return undefined;
  const what = `the check of agent ${definition.name}`;
  const checked = await attempt("check", () =>
    inTime(old.runtime, (async () => isFit(next.self))(), { ms, signal, what }),
  );
  return checked.ok ? undefined : checked;
}

/**
 * Both versions come to rest between two messages, the state goes from one to the other, and with it everything that
 * waits: nothing that the old one does can be missing in the state.
 */
async function moveState<S, M>(swapping: Swapping<S, M>): Promise<SwapFailure | undefined> {
  const { definition, old, next, options } = swapping;
  const { drainMs: ms = defaultMs, signal } = options;
  using rest = new Rest([old, next] as unknown as AgentCell[]);
  const rested = await attempt("drain", () =>
    inTime(old.runtime, rest.reached, { ms, signal, what: `the message at hand of agent ${definition.name}` }),
  );
  if (!rested.ok) return rested;
  const [before, fresh] = rested.value;
  const migrated = await attempt("migrate", () =>
    inTime(old.runtime, migration(swapping, before, fresh as S), {
      ms,
      signal,
      what: `the migration of agent ${definition.name}`,
    }),
  );
  return migrated.ok ? switchRoute(swapping, { state: migrated.value }) : migrated;
}

/** In the next version's own context: what it leaves unawaited is that one's. */
function migration<S, M>({ definition, next }: Swapping<S, M>, before: unknown, fresh: S): Promise<S> {
  return new Promise((resolve, reject) => {
    const work = async (): Promise<void> => {
      try {
        resolve((await definition.migrate?.(before, fresh, next)) as S);
      } catch (error) {
        reject(error);
      }
    };
    next.perform(work, () => {});
  });
}

/** In one go: who sends before it sends to the old version, who sends after it to the next. */
function switchRoute<S, M>({ old, next, options }: Swapping<S, M>, moved?: { state: S }): SwapFailure | undefined {
  const gone = [old, next].find(({ isAlive }) => !isAlive);
  if (gone !== undefined)
    return failure("switch", new AgentError("noproc", `agent ${gone.definition.name} (${gone.pid}) has ended`));
  if (options.signal?.aborted === true) return failure("switch", options.signal.reason);
  old.succeedBy(next);
  if (moved !== undefined) old.handOver(next, moved.state);
  return undefined;
}

/** Agents between two messages, for as long as it is not disposed of. */
class Rest implements Disposable {
  /** Their states, when all have come to rest; rejects when one has ended. */
  readonly reached: Promise<unknown[]>;
  readonly #cells: readonly AgentCell[];
  #isOver = false;
  #wasSuspended = false;

  constructor(cells: readonly AgentCell[]) {
    this.#cells = cells;
    this.reached = Promise.all(cells.map((cell) => this.#pause(cell)));
  }

  #pause(cell: AgentCell): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const watch = cell.watch((reason) =>
        reject(new AgentError("exit", `agent ${cell.definition.name} ended (${reasonText(reason)})`)),
      );
      cell.control(() => {
        if (this.#isOver) return watch[Symbol.dispose]();
        this.#wasSuspended ||= cell.isPaused;
        cell.isPaused = true;
        cell.withState((state) => {
          watch[Symbol.dispose]();
          resolve(state);
        });
      });
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    if (this.#wasSuspended) return;
    for (const cell of this.#cells) cell.resume();
  }
}

async function attempt<T>(
  step: SwapStep,
  work: () => Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | SwapFailure> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return failure(step, error);
  }
}

function failure(step: SwapStep, error: unknown): SwapFailure {
  return { ok: false, step, error };
}
