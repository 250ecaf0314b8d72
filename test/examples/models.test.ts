import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("the wrappers' example asks twice for three tickets", async () => {
  const file = new URL("../../examples/models.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  expect(stdout).toBe("2 calls, 1 answered from the cache (33 %)\n");
});

test("the models' README shows it as it is", async () => {
  const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  expect(await read("src/models/README.md")).toContain(
    `\`\`\`ts\n${(await read("examples/models.ts")).trim()}\n\`\`\``,
  );
});
