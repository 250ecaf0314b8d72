import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("the README's example runs as it stands and gains", async () => {
  const file = new URL("../../examples/quickstart.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  const [, before, after] = /queue: billing\nheld-out accuracy: ([\d.]+) → ([\d.]+)/.exec(stdout) ?? [];
  expect(Number(after)).toBeGreaterThan(Number(before));
});

test("the team example tunes a team and follows it live", async () => {
  const file = new URL("../../examples/team.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  const [, before, after] = /queue: 'billing'[\s\S]*held-out accuracy: ([\d.]+) → ([\d.]+)/.exec(stdout) ?? [];
  expect(Number(after)).toBeGreaterThan(Number(before));
}, 120_000);

test("the smallest team stops when its critic is content", async () => {
  const file = new URL("../../examples/panel.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  expect(stdout).toBe("Told once upon\nann work, dee evaluate, bob work, dee evaluate\n");
});

test("orchestration's README shows the smallest team as it is", async () => {
  const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const example = (await read("examples/panel.ts")).trim();
  expect(await read("src/orchestration/README.md")).toContain(`\`\`\`ts\n${example}\n\`\`\``);
});

test.each(["quickstart", "team"])("the README shows examples/%s.ts as it is", async (name) => {
  const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  expect(await read("README.md")).toContain(`\`\`\`ts\n${(await read(`examples/${name}.ts`)).trim()}\n\`\`\``);
});
