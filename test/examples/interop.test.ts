import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("the AI SDK asks a program as its model, and the program is a tool", async () => {
  const file = new URL("../../examples/interop.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  expect(stdout).toBe("billing\n{ queue: 'technical' }\n");
});

test("the README shows it as it is", async () => {
  const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  expect(await read("README.md")).toContain(`\`\`\`ts\n${(await read("examples/interop.ts")).trim()}\n\`\`\``);
});
