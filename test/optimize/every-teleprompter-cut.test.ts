import { expect, test } from "vitest";
import { integerBelow, seededRng } from "#foundation";
import type { Json, Store } from "#foundation";
import { iclModel } from "#models/icl";
import { readEvents, readRecord, resumeRun, startRun, teleprompterNamed, teleprompters } from "#optimize";
import type { RunCode } from "#optimize";
import { demoOf } from "#programs";
import { memoryStore } from "#storage/memory";
import { demos, float, space, text } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";
import { smallRuns } from "./small-runs.ts";

const train = deskExamples("train", 24);
const searched = space([
  demos("predict.demos", { pool: train.map(demoOf), max: 6 }),
  text("predict.instructions", { candidates: ["", "Choose the desk that sees to the message."] }),
  float("predict.temperature", { min: 0, max: 1, default: 0 }),
]);

const samplersAlone = ["qmc", "grid_search", "tpe", "gp", "nsga2"];

test("every teleprompter that is not a sampler under the same roof as auto has a small run", () => {
  const listed = [...Object.keys(smallRuns), ...samplersAlone];
  const missing = Object.keys(teleprompters).filter((name) => !listed.includes(name));
  expect(missing, "add them to test/optimize/small-runs.ts, or to samplersAlone here").toEqual([]);
  expect(listed.filter((name) => !Object.hasOwn(teleprompters, name))).toEqual([]);
});

test.for(Object.entries(smallRuns))(
  "%s, cut off anywhere, goes on to the same end and pays for nothing twice",
  async ([name, options], { expect: expected }) => {
    const store = memoryStore();
    const code = { metric: deskMetric as RunCode["metric"], model: iclModel() };
    const first = await startRun({
      ...code,
      store,
      program: desk,
      space: searched,
      teleprompter: teleprompterNamed(name, options),
      train,
      validation: deskExamples("validation", 24),
      test: deskExamples("test", 16),
      seed: 5,
      concurrency: 4,
      deterministic: true,
    });
    const { spend: _spend, ...whole } = await first.finished;
    const events = await readEvents(store, first.id);
    const rng = seededRng(name);
    for (let cut = 0; cut < 5; cut++) {
      const copy = await cutStore(store, first.id, 1 + integerBelow(rng.fork(`cut ${cut}`), events.length));
      const resumed = await resumeRun(first.id, { ...code, store: copy });
      const { spend: _cutSpend, ...report } = await resumed.finished;
      expected(report).toEqual(whole);
      const paid = (await readEvents(copy, first.id)).flatMap((event) => {
        if (event.type === "example") return [`${event.work}/${event.result.index}`];
        return event.type === "completed" ? [event.work] : [];
      });
      expected(new Set(paid).size).toBe(paid.length);
    }
  },
);

/** The run as the store knew it after so many events. */
async function cutStore(store: Store, id: string, length: number): Promise<Store> {
  const copy = memoryStore();
  const { report: _report, ...record } = await readRecord(store, id);
  for (const data of Object.values(record.data)) {
    const examples = await store.documents.get("examples", data);
    await copy.documents.put("examples", data, examples?.body ?? null);
  }
  await copy.documents.put("run", id, record as unknown as Json);
  await copy.logs.append(`run/${id}`, (await readEvents(store, id)).slice(0, length) as unknown as Json[]);
  return copy;
}
