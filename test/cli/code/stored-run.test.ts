import { expect, test } from "vitest";
import { memoryStore } from "#storage/memory";
import { storedRun } from "../../../src/cli/code/stored-run.ts";
import { processOutput } from "../../../src/cli/terminal/output.ts";

test("a run that is not there: where it was looked for, and how to find one", async () => {
  await using store = memoryStore();
  const { signal } = new AbortController();
  const session = { out: processOutput({ json: false }), storePath: "/x/y.db", model: undefined, signal };
  await expect(storedRun(store, "nope", session)).rejects.toThrow(
    /^there is no run nope in \/x\/y\.db; .* runs ls --store \/x\/y\.db lists them/,
  );
});
