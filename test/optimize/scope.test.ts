import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Store } from "#foundation";
import { listRuns, optimize, programResource, randomSearch, readRecord, resumeRun, startRun } from "#optimize";
import type { OptimizeStoredOptions, Report, RunEvent, Runner, StartOptions } from "#optimize";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { sqliteStore } from "#storage/sqlite";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";
import { temporaryDirectory } from "../storage/temporary-directory.ts";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train, validation } from "./parity.ts";
import type { ParityExample } from "./parity.ts";

type Options = StartOptions<ParityExample["inputs"], { parity: "even" | "odd" }>;

function options(store: Store, clock: FakeClock, changes: Partial<Options> = {}): Options {
  return {
    store,
    clock,
    program: parity,
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 3 }),
    model: parityModel(),
    metric: parityMetric,
    train,
    validation,
    test: heldOut,
    seed: 7,
    ...changes,
  };
}

/** A model that answers only from when it is let to. */
function gated(): { readonly model: LanguageModel; open(): void } {
  const gate = Promise.withResolvers<void>();
  const inner = parityModel();
  const generate: LanguageModel["generate"] = async (...call) => gate.promise.then(() => inner.generate(...call));
  return { model: { id: "gated", generate }, open: () => gate.resolve() };
}

/** What comes while the clock goes on. */
async function meanwhile<T>(clock: FakeClock, coming: Promise<T>): Promise<T> {
  let isHere = false;
  const mark = (): void => {
    isHere = true;
  };
  coming.then(mark, mark);
  for (let step = 0; step < 400 && !isHere; step++) await clock.advance(50);
  expect(isHere, "nothing came within 20 s").toBe(true);
  return coming;
}

interface World {
  readonly clock: FakeClock;
  readonly store: Store;
  /** The same data as another process sees it. */
  readonly again: () => Promise<Store>;
}

const worlds: readonly (readonly [string, () => Promise<World>])[] = [
  [
    "in memory",
    async () => {
      const clock = fakeClock();
      const store = memoryStore({ clock });
      return { clock, store, again: async () => store };
    },
  ],
  [
    "in SQLite",
    async () => {
      const clock = fakeClock();
      const path = join(temporaryDirectory(), "shared.db");
      return { clock, store: await sqliteStore({ path, clock }), again: () => sqliteStore({ path, clock }) };
    },
  ],
];

describe.each(worlds)("runs on one scope, %s", (_, open) => {
  test("come one after the other, and who waits knows for whom", async () => {
    const { clock, store, again } = await open();
    const slow = gated();
    const first = await startRun(options(store, clock, { scope: "desk", model: slow.model }));
    const waits: unknown[] = [];
    let second: Runner | undefined;
    const there = await again();
    const starting = startRun(options(there, clock, { scope: "desk", onWait: (held) => waits.push(held) }));
    void starting.then((runner) => {
      second = runner;
    });
    await clock.advance(10_000);
    expect(waits).toEqual([{ scope: "desk", run: first.id }]);
    expect(second).toBeUndefined();
    expect(await listRuns(there)).toHaveLength(1);
    slow.open();
    await meanwhile(clock, first.finished);
    const events: RunEvent[] = [];
    (await meanwhile(clock, starting)).events.subscribe((event) => events.push(event));
    expect((await meanwhile(clock, (second as unknown as Runner).finished)).status).toBe("completed");
    expect((await readRecord(there, first.id)).scope).toBe("desk");
  });

  test("a run that must not wait is refused with the name of the one at work", async () => {
    const { clock, store, again } = await open();
    await using first = await startRun(options(store, clock, { scope: "desk", model: gated().model }));
    const refused = startRun(options(await again(), clock, { scope: "desk", wait: false }));
    await expect(refused).rejects.toMatchObject({ code: "scope_busy", retryable: true });
    await expect(refused).rejects.toThrow(`run ${first.id} is at work on desk; wait for its end, stop it`);
    await (await startRun(options(store, clock, { scope: "other", wait: false }))).suspend({ graceMs: 0 });
    await first.suspend({ graceMs: 0 });
  });

  test("a killed holder frees it after the time of its lease", async () => {
    const { clock, store } = await open();
    await store.leases.acquire("scope/desk", "run_killed process_1", 3000);
    const starting = startRun(options(store, clock, { scope: "desk" }));
    let isHere = false;
    void starting.then(() => {
      isHere = true;
    });
    await clock.advance(2900);
    expect(isHere).toBe(false);
    expect((await meanwhile(clock, (await meanwhile(clock, starting)).finished)).status).toBe("completed");
    expect(clock.now()).toBeLessThan(4000);
  });

  test("a process that fell silent cannot put its result over that of the one who followed", async () => {
    const { clock, store, again } = await open();
    const { id } = await programResource(store).create(parity, { space: paritySpace });
    const slow = gated();
    // The heart of the first process stands still, because its clock does.
    const silent = options(store, fakeClock(), { programId: id, model: slow.model });
    const first = await startRun(silent);
    const starting = startRun(options(await again(), clock, { programId: id }));
    await clock.advance(4000);
    const report: Report = await meanwhile(clock, (await starting).finished);
    expect(report.significant).toBe(true);
    const adopted = await programResource(store).read(id);
    slow.open();
    await expect(first.finished).rejects.toMatchObject({ code: "taken_over" });
    expect(await programResource(store).read(id)).toEqual(adopted);
    expect(await programResource(store).history(id)).toHaveLength(1);
  });
});

test("whoever aborts the waiting has started nothing", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const first = await startRun(options(store, clock, { scope: "desk", model: gated().model }));
  const { program, ...rest } = options(store, clock, { scope: "desk" });
  const gone = new AbortController();
  const waiting = optimize(program, { ...rest, signal: gone.signal });
  const refused = expect(waiting).rejects.toThrow("enough");
  await clock.advance(1000);
  gone.abort(new Error("enough"));
  await refused;
  expect(await listRuns(store)).toHaveLength(1);
  await first.suspend({ graceMs: 0 });
});

test("a stored program's next run waits, and starts from what the one before it chose", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const programs = programResource(store, { clock });
  const { id } = await programs.create(parity, { space: paritySpace });
  const slow = gated();
  const { program: _, space: __, store: ___, ...own } = options(store, clock);
  const optimization = own as unknown as OptimizeStoredOptions;
  const first = await programs.optimize(id, { ...optimization, model: slow.model });
  const starting = programs.optimize(id, optimization);
  await clock.advance(1000);
  slow.open();
  const { configuration } = await meanwhile(clock, first.finished);
  const second = await meanwhile(clock, starting);
  await meanwhile(clock, second.finished);
  expect(configuration).not.toEqual({});
  expect((await readRecord(store, second.id)).baseline).toEqual(configuration);
});

test("a run that is taken up again waits for the one at work on its scope", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const first = await startRun(options(store, clock, { scope: "desk", model: gated().model }));
  await first.suspend({ graceMs: 0 });
  const slow = gated();
  const second = await startRun(options(store, clock, { scope: "desk", model: slow.model }));
  const code = { store, clock, metric: parityMetric as never, model: parityModel() };
  await expect(resumeRun(first.id, { ...code, wait: false })).rejects.toMatchObject({ code: "scope_busy" });
  const resuming = resumeRun(first.id, code);
  await clock.advance(8000);
  await expect(
    resumeRun(first.id, { ...code, wait: false, clock: { ...clock, sleep: async () => {} } }),
  ).rejects.toMatchObject({ code: "held_elsewhere" });
  slow.open();
  await meanwhile(clock, second.finished);
  expect((await meanwhile(clock, (await meanwhile(clock, resuming)).finished)).status).toBe("completed");
});
