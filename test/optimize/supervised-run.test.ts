import { expect, test } from "vitest";
import type { Store } from "#foundation";
import { AgentRuntime, Supervisor } from "#foundation/agents";
import type { AgentEvent } from "#foundation/agents";
import { optimize, runChild } from "#optimize";
import type { RunEvent, Runner } from "#optimize";
import { memoryStore } from "#storage/memory";
import { parity, parityModel } from "./parity.ts";
import { options, until } from "./parity-run.ts";

const needed = 7 * 24 + 2 * 40;

/** A store whose log refuses one write, once, after so many. */
function failingOnce(after: number): Store {
  const store = memoryStore();
  let writes = 0;
  const append: Store["logs"]["append"] = async (...write) => {
    if (++writes === after) throw new Error("the disk was full for a moment");
    return store.logs.append(...write);
  };
  return {
    ...store,
    logs: { ...store.logs, append },
    watch: (...to) => store.watch(...to),
    position: () => store.position(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

test("a run that crashes is restarted by its supervisor and goes on where its log ends", async () => {
  using runtime = new AgentRuntime();
  const store = failingOnce(40);
  const model = parityModel();
  const events: AgentEvent[] = [];
  runtime.events.subscribe((event) => events.push(event));
  const ended = new Promise<void>((resolve) => {
    runtime.events.subscribe((event) => {
      if (event.type === "child_exited" && event.reason.kind === "normal") resolve();
    });
  });
  const child = runChild("run", options({ store, model, concurrency: 1 }));
  const supervisor = await Supervisor.start({ children: [child] }, { runtime });
  await ended;
  await supervisor?.stop();
  expect(events.filter(({ type }) => type === "child_restarted")).toHaveLength(1);
  const [{ id } = { id: "" }] = await store.documents.list("run");
  const log = (await store.logs.read(`run/${id}`)) as unknown as RunEvent[];
  const paid = log.flatMap((event) => (event.type === "example" ? [`${event.work}/${event.result.index}`] : []));
  expect(new Set(paid).size).toBe(paid.length);
  expect(paid).toHaveLength(needed);
  // The one example whose result could not be stored was run again.
  expect(model.calls.length).toBeLessThanOrEqual(needed + 1);
});

test("ending the supervisor puts the run down in good order", async () => {
  using runtime = new AgentRuntime();
  const store = memoryStore();
  const child = runChild("run", options({ store, concurrency: 2 }));
  const supervisor = await Supervisor.start({ children: [] }, { runtime });
  const started = await supervisor?.startChild(child);
  const runner = started?.info as Runner;
  let seen = 0;
  await until(runner, ({ type }) => type === "example" && ++seen === 20);
  await supervisor?.stop();
  await expect(runner.finished).rejects.toMatchObject({ code: "suspended" });
  const log = (await store.logs.read(`run/${runner.id}`)) as unknown as RunEvent[];
  expect(log.at(-1)).toMatchObject({ type: "put_down", usage: { calls: 0 } });
});

test("an evaluation that crashes outside its promise costs its example, not the run", async () => {
  const metric: ReturnType<typeof options>["metric"] = (outputs, { inputs, expected }) => {
    if (inputs.n === 103) void Promise.reject(new Error("nobody awaited this"));
    return new Promise((resolve) => setImmediate(() => resolve(outputs.parity === expected.parity ? 1 : 0)));
  };
  const { report } = await optimize(parity, options({ metric, test: [] }));
  expect(report.status).toBe("completed");
  expect(report.validation?.examples).toBe(24);
  expect(report.candidates[0]?.score).toBeLessThan(1);
});
