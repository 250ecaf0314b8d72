import { describe, expect, test } from "vitest";
import { deleteProgram, program, readProgram, readPrograms, signature, writeProgram, writeSpace } from "#programs";
import type { ProgramRecord } from "#programs";
import { mintId, seededRng, UsageError } from "#foundation";
import { memoryStore } from "#storage/memory";
import { float, space } from "#variables";

const rng = seededRng("stored");
const triage = program({
  name: "triage",
  signature: signature('ticket -> queue: "billing" | "tech"'),
  configuration: { predict: { temperature: 0.5 } },
});

function record(changes: Partial<ProgramRecord> = {}): ProgramRecord {
  const id = mintId(rng, "program");
  return { id, program: triage, spaceId: undefined, performance: undefined, createdAt: 1000, ...changes };
}

describe("a stored program", () => {
  test("is read as it was written, with its space and its performance", async () => {
    await using store = memoryStore();
    const range = space([float("temperature", { min: 0, max: 1 })]);
    await writeSpace(store, "space_1", range);
    const performance = { score: 0.75, run: "run_1", at: 5 };
    const written = record({ spaceId: "space_1", performance });
    expect(await writeProgram(store, written, 0)).toBe(true);
    expect(await readProgram(store, written.id)).toEqual({ ...written, revision: 1, space: range });
  });

  test("is written and removed only by whoever has seen its revision", async () => {
    await using store = memoryStore();
    const written = record();
    expect(await writeProgram(store, written, 0)).toBe(true);
    expect(await writeProgram(store, written, 0)).toBe(false);
    expect(await writeProgram(store, { ...written, createdAt: 2000 }, 1)).toBe(true);
    expect(await deleteProgram(store, written.id, 1)).toBe(false);
    expect(await deleteProgram(store, written.id, 2)).toBe(true);
    expect(await readProgram(store, written.id)).toBeUndefined();
  });

  test("is listed with all others by id, more than one page of them", async () => {
    await using store = memoryStore();
    const records = Array.from({ length: 1005 }, () => record());
    for (const each of records) await writeProgram(store, each, 0);
    const ids = (await readPrograms(store)).map(({ id }) => id);
    expect(ids).toEqual(records.map(({ id }) => id).sort());
  });

  test("of a newer form is refused", async () => {
    await using store = memoryStore();
    await store.documents.put("program", "program_x", { schema: 99 });
    await expect(readProgram(store, "program_x")).rejects.toThrow(
      new UsageError("stored program program_x: expected form 1, got 99; a newer tutti may read it"),
    );
  });

  test.each([{ schema: 1 }, { schema: 1, program: 5 }, { schema: 1, program: { name: "x" } }, "text", null])(
    "that is none is refused: %j",
    async (body) => {
      await using store = memoryStore();
      await store.documents.put("program", "program_x", body);
      await expect(readProgram(store, "program_x")).rejects.toThrow(UsageError);
    },
  );
});
