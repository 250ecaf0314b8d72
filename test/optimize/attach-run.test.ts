import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Store } from "#foundation";
import { attachRun, bootstrapFewShot, randomSearch, startRun } from "#optimize";
import type { RunEvent, Runner, StartOptions, Teleprompter } from "#optimize";
import type { LanguageModel } from "#programs";
import { memoryStore } from "#storage/memory";
import { sqliteStore } from "#storage/sqlite";
import { fakeClock } from "#testing";
import { temporaryDirectory } from "../storage/temporary-directory.ts";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train, validation } from "./parity.ts";
import type { ParityExample } from "./parity.ts";

type Options = StartOptions<ParityExample["inputs"], { parity: "even" | "odd" }>;

function options(store: Store, changes: Partial<Options> = {}): Options {
  return {
    store,
    program: parity,
    space: paritySpace,
    teleprompter: randomSearch({ candidates: 4 }),
    model: parityModel(),
    metric: parityMetric,
    train,
    validation,
    test: heldOut,
    seed: 7,
    ...changes,
  };
}

/** A model that stops answering after so many calls, until it is let go on. */
function halting(after: number): { readonly model: LanguageModel; goOn(): void } {
  const gate = Promise.withResolvers<void>();
  const inner = parityModel();
  let calls = 0;
  const generate: LanguageModel["generate"] = async (...call) => {
    if (calls++ >= after) await gate.promise;
    return inner.generate(...call);
  };
  return { model: { id: "halting", generate }, goOn: () => gate.resolve() };
}

function until(run: Pick<Runner, "events">, isIt: (event: RunEvent) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = run.events.subscribe((event) => {
      if (!isIt(event)) return;
      end();
      resolve();
    });
  });
}

/** Waits until the run has measured something. */
async function begun(runner: Runner): Promise<void> {
  if (runner.status().candidates === 0) await until(runner, () => runner.status().candidates > 0);
}

const stores: readonly (readonly [string, () => Promise<readonly [Store, Store]>])[] = [
  [
    "in memory",
    async () => {
      const store = memoryStore();
      return [store, store];
    },
  ],
  [
    "in SQLite",
    async () => {
      const path = join(temporaryDirectory(), "tutti.db");
      return [await sqliteStore({ path }), await sqliteStore({ path })];
    },
  ],
];

describe.each(stores)("a run that is driven elsewhere, %s", (_, open) => {
  test("is seen as its Runner sees it, from the middle to the end", async () => {
    const [here, there] = await open();
    const halt = halting(100);
    const runner = await startRun(options(here, { model: halt.model, concurrency: 4 }));
    await begun(runner);
    await using view = await attachRun(there, runner.id);
    expect(view.isDriven).toBe(true);
    expect(view.record).toMatchObject({ id: runner.id, seed: "7" });
    const events: RunEvent[] = [];
    view.events.subscribe((event) => events.push(event));
    halt.goOn();
    const report = await view.finished;
    expect(report).toEqual(JSON.parse(JSON.stringify(await runner.finished)));
    expect(view.status()).toEqual(runner.status());
    expect(view.bestConfig()).toEqual(runner.bestConfig());
    expect(events.at(-1)).toMatchObject({ type: "ended", status: "completed" });
    await here[Symbol.asyncDispose]();
  });

  test("follows requests: pause, resume, stop", async () => {
    const [here, there] = await open();
    const runner = await startRun(options(here, { teleprompter: randomSearch({ candidates: 500 }) }));
    await using view = await attachRun(there, runner.id);
    for (const [request, type] of [
      ["pause", "paused"],
      ["resume", "resumed"],
      ["stop", "stopping"],
    ] as const) {
      const followed = until(view, (event) => event.type === type);
      await view[request]();
      await followed;
    }
    expect((await view.finished).status).toBe("stopped");
    await expect(view.stop()).rejects.toMatchObject({ code: "already_ended" });
  });
});

test("a run that has ended has its report at once", async () => {
  const store = memoryStore();
  const runner = await startRun(options(store));
  const report = await runner.finished;
  await using view = await attachRun(store, runner.id);
  expect(view.isDriven).toBe(false);
  expect(await view.finished).toEqual(JSON.parse(JSON.stringify(report)));
  expect(view.status()).toEqual(runner.status());
});

test("a run whose process died says so as soon as its lease has ended", async () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  // A process that does not live on: its clock stands still, and so does its heart.
  const runner = await startRun(options(store, { clock: fakeClock(), model: halting(100).model }));
  await begun(runner);
  await using view = await attachRun(store, runner.id, { clock });
  const died = expect(view.finished).rejects.toMatchObject({
    code: "interrupted",
    message: expect.stringContaining("died"),
  });
  await clock.advance(2500);
  expect(view.isDriven).toBe(true);
  await clock.advance(1500);
  await died;
  expect(view.isDriven).toBe(false);
  expect(view.status()).toMatchObject({ status: "running", baselineScore: expect.any(Number) });
  await expect(view.pause()).rejects.toMatchObject({ code: "interrupted" });
  const again = await attachRun(store, runner.id, { clock });
  await expect(again.finished).rejects.toMatchObject({ code: "interrupted" });
  await runner.suspend({ graceMs: 0 });
});

test("a run that was put down says that", async () => {
  const store = memoryStore();
  const runner = await startRun(options(store, { model: halting(100).model }));
  await begun(runner);
  await using view = await attachRun(store, runner.id);
  const put = expect(view.finished).rejects.toMatchObject({ code: "suspended" });
  await runner.suspend({ graceMs: 0 });
  await put;
});

test("a teleprompter that is not known here: what the log tells is shown", async () => {
  const store = memoryStore();
  const own: Teleprompter = { ...bootstrapFewShot({ candidates: 4 }), name: "of_my_own" };
  const runner = await startRun(options(store, { teleprompter: own }));
  await runner.finished;
  await using view = await attachRun(store, runner.id);
  expect(view.status()).toEqual(runner.status());
  expect(view.bestConfig()).toEqual(runner.bestConfig());
  await using known = await attachRun(store, runner.id, { teleprompters: { of_my_own: () => own } });
  expect(known.status()).toEqual(runner.status());
});

test("ending the view leaves the run running", async () => {
  const store = memoryStore();
  const halt = halting(100);
  const runner = await startRun(options(store, { model: halt.model }));
  const view = await attachRun(store, runner.id);
  await view[Symbol.asyncDispose]();
  await expect(view.finished).rejects.toMatchObject({ code: "detached" });
  halt.goOn();
  expect((await runner.finished).status).toBe("completed");
});

test("an unknown run is refused", async () => {
  await expect(attachRun(memoryStore(), "run_none")).rejects.toMatchObject({ code: "unknown_run" });
});
