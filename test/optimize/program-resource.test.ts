import { expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import type { Store } from "#foundation";
import { programResource, randomSearch, resumeRun, teleprompters } from "#optimize";
import type { OptimizeStoredOptions, ProgramResource } from "#optimize";
import { memoryStore } from "#storage/memory";
import { fakeClock } from "#testing";
import { float, space } from "#variables";
import { parity, parityMetric, parityModel, paritySpace, test as heldOut, train, validation } from "./parity.ts";

function resource(): ProgramResource {
  return programResource(memoryStore(), { clock: fakeClock(1000), rng: seededRng("ids") });
}

const optimization = {
  teleprompter: randomSearch({ candidates: 6 }),
  model: parityModel(),
  metric: parityMetric,
  train,
  validation,
  test: heldOut,
  seed: 7,
} as unknown as OptimizeStoredOptions;

test("a program is created with an id, the default pipeline, its configuration and the space it belongs to", async () => {
  const created = await resource().create(parity, { space: paritySpace });
  expect(created.id).toMatch(/^program_[0-9a-z]{20}$/);
  expect(created).toMatchObject({ revision: 1, space: paritySpace, createdAt: 1000 });
  expect(created.program.pipeline).toEqual([{ id: "predict", module: "predict" }]);
  expect(created.program).toEqual(JSON.parse(JSON.stringify(parity)));
});

test("a stored program is executed by its id", async () => {
  const programs = resource();
  const { id } = await programs.create(parity);
  const { outputs } = await programs.execute(id, { n: 7 }, { model: parityModel() });
  expect(outputs).toEqual({ parity: "odd" });
});

test("an update changes what it names, and only what its caller has seen", async () => {
  const programs = resource();
  const { id } = await programs.create(parity);
  const updated = await programs.update(id, { configuration: { predict: { temperature: 0.2 } } }, { expect: 1 });
  expect(updated).toMatchObject({ ok: true, program: { revision: 2 } });
  expect((await programs.read(id)).program.configuration).toEqual({ "predict.temperature": 0.2 });
  expect(await programs.update(id, { name: "late" }, { expect: 1 })).toEqual({
    ok: false,
    reason: "conflict",
    revision: 2,
  });
  expect((await programs.read(id)).program.name).toBe("parity");
});

test("updates at once lose nothing", async () => {
  const programs = resource();
  const { id } = await programs.create(parity);
  await Promise.all(
    ["a", "b", "c", "d"].map((name) =>
      programs.update(id, name === "d" ? { pipeline: ["chain_of_thought"] } : { name }),
    ),
  );
  const { program, revision } = await programs.read(id);
  expect(program.pipeline).toEqual([{ id: "chain_of_thought", module: "chain_of_thought" }]);
  expect(revision).toBe(5);
});

test("a destroyed program is gone, and unknown ids are refused", async () => {
  const programs = resource();
  const { id } = await programs.create(parity);
  await programs.destroy(id);
  await expect(programs.read(id)).rejects.toThrow(`there is no program ${id} in this store`);
  expect(await programs.list()).toEqual([]);
});

test("a completed run gives the program its configuration, a performance and a history", async () => {
  const programs = resource();
  const { id } = await programs.create(parity, { space: paritySpace });
  expect(await programs.currentPerformance(id)).toBeNull();

  const runner = await programs.optimize(id, optimization);
  const report = await runner.finished;
  expect(report.significant).toBe(true);

  const { program } = await programs.read(id);
  expect(program.configuration).toEqual(report.configuration);
  expect(await programs.currentPerformance(id)).toBe(report.heldOut?.winner.score);
  expect(await programs.history(id)).toMatchObject([{ run: runner.id, before: {}, after: report.configuration }]);
  expect((await programs.runs(id)).map((run) => run.id)).toEqual([runner.id]);
});

test("a configuration changed by hand has no known performance", async () => {
  const programs = resource();
  const { id } = await programs.create(parity, { space: paritySpace });
  await (
    await programs.optimize(id, optimization)
  ).finished;
  await programs.update(id, { configuration: { predict: { temperature: 1 } } });
  expect(await programs.currentPerformance(id)).toBeNull();
});

test("an unknown teleprompter is refused with the known names, and no run is left behind", async () => {
  const programs = resource();
  const { id } = await programs.create(parity, { space: paritySpace });
  const refused = programs.optimize(id, { ...optimization, teleprompter: "annealing" });
  await expect(refused).rejects.toThrow(
    new UsageError(`unknown teleprompter "annealing"; known are ${Object.keys(teleprompters).join(", ")}`),
  );
  expect(await programs.runs(id)).toEqual([]);
});

test("a program without a space says what it lacks, and takes one for the run", async () => {
  const programs = resource();
  const { id } = await programs.create(parity);
  await expect(programs.optimize(id, optimization)).rejects.toThrow(/has no space to search/);
  const own = space([float("predict.temperature", { min: 0, max: 1 })]);
  const runner = await programs.optimize(id, { ...optimization, space: own });
  expect((await runner.finished).status).toBe("completed");
});

test("another pipeline has no known performance either; another name keeps it", async () => {
  const programs = resource();
  const { id } = await programs.create(parity, { space: paritySpace });
  await (
    await programs.optimize(id, optimization)
  ).finished;
  await programs.update(id, { name: "evenness" });
  expect(await programs.currentPerformance(id)).not.toBeNull();
  await programs.update(id, { pipeline: ["chain_of_thought"] });
  expect(await programs.currentPerformance(id)).toBeNull();
});

test("a process that dies between the stored program and its history leaves the rest to the next one", async () => {
  const inner = memoryStore();
  let isAlive = true;
  const die = async (): Promise<never> => {
    isAlive = false;
    throw new Error("the process died");
  };
  const put: Store["documents"]["put"] = (...call) => (isAlive ? inner.documents.put(...call) : die());
  const append: Store["logs"]["append"] = (log, ...rest) =>
    isAlive && !log.startsWith("program/") ? inner.logs.append(log, ...rest) : die();
  const store: Store = { ...inner, documents: { ...inner.documents, put }, logs: { ...inner.logs, append } };
  const dying = programResource(store);
  const { id } = await dying.create(parity, { space: paritySpace });
  const runner = await dying.optimize(id, optimization);
  await expect(runner.finished).rejects.toThrow("the process died");

  const programs = programResource(inner);
  const resumed = await resumeRun(runner.id, { store: inner, metric: parityMetric, model: parityModel() });
  const report = await resumed.finished;
  expect(await programs.history(id)).toMatchObject([{ run: runner.id, before: {}, after: report.configuration }]);
  expect(await programs.currentPerformance(id)).toBe(report.heldOut?.winner.score);
});
