import { expect, test } from "vitest";
import { programResource, startRun } from "#optimize";
import { exactMatch, program, signature } from "#programs";
import { memoryStore } from "#storage/memory";
import { float, space } from "#variables";
import { programFiles, storedProgramOf } from "../../../src/cli/code/stored-program.ts";

const triage = program({ name: "triage", signature: signature('ticket -> queue: "a" | "b"') });
const search = space([float("temperature", { min: 0, max: 1 })]);

test("a program of a file is stored once, and anew when it has changed", async () => {
  await using store = memoryStore();
  const first = await storedProgramOf(store, "/x/triage.ts", triage, search);
  const changed = { ...triage, configuration: { temperature: 1 } };
  const ids = [
    await storedProgramOf(store, "/x/triage.ts", triage, search),
    await storedProgramOf(store, "/x/triage.ts", changed, search),
    await storedProgramOf(store, "/y/triage.ts", triage, search),
    await storedProgramOf(store, "/x/triage.ts", triage, search),
  ];
  expect(ids.map((id) => id === first)).toEqual([true, false, false, true]);
  expect(new Set(ids).size).toBe(3);
  expect((await programFiles(store)).get(first)).toBe("/x/triage.ts");
  await programResource(store).destroy(first);
  expect(await storedProgramOf(store, "/x/triage.ts", triage, search)).not.toBe(first);
});

test("processes that come at once store one program between them", async () => {
  await using store = memoryStore();
  const ids = await Promise.all(
    Array.from({ length: 5 }, () => storedProgramOf(store, "/x/triage.ts", triage, search)),
  );
  expect(new Set(ids).size).toBe(1);
  expect((await programResource(store).list()).map(({ id }) => id)).toEqual([ids[0]]);
  await programResource(store).destroy(ids[0] ?? "");
  const anew = await Promise.all([1, 2].map(() => storedProgramOf(store, "/x/triage.ts", triage, search)));
  expect(anew[0]).toBe(anew[1]);
});

test("a run without a gain does not touch what an earlier one has put there", async () => {
  await using store = memoryStore();
  const resource = programResource(store);
  const programId = await storedProgramOf(store, "/x/triage.ts", triage, search);
  await resource.update(programId, { configuration: { temperature: 0.5 } });
  const examples = ["1", "2", "3", "4"].map((ticket) => ({ inputs: { ticket }, expected: { queue: "a" as const } }));
  const usage = { calls: 1, inputTokens: 1, outputTokens: 1, usd: 0 };
  const model = { id: "always", generate: async () => ({ text: "a", finishReason: "stop" as const, usage }) };
  const options = { program: triage, programId, space: search, metric: exactMatch("queue"), store, model };
  const start = { ...options, train: examples, teleprompter: "random_search", budget: { evaluations: 3 } };
  await using runner = await startRun(start);
  expect((await runner.finished).significant).toBe(false);
  const stored = await resource.read(programId);
  expect(stored.program.configuration).toEqual({ temperature: 0.5 });
  expect(await resource.currentPerformance(programId)).toBeNull();
});
