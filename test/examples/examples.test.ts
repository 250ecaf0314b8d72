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

test("signatures are texts or schemas, and are followed while they are written", async () => {
  const file = new URL("../../examples/signatures.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  expect(stdout).toMatch(/^billing A-4711 2026-03-01\nann@example\.org\n\{ queue: 'billing' \}\n(.*\n)*1\n$/);
});

test("a tool is called, passages are read, a pipeline ends", async () => {
  const file = new URL("../../examples/agents.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  expect(stdout).toBe("2026-03-01\n9\n→ 4\n");
});

test("a search of a program's own space gains, and one for two objectives has a front", async () => {
  const file = new URL("../../examples/search.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  const [, before, after] =
    /held-out accuracy: ([\d.]+) → ([\d.]+)\n\d compromises; the cheapest: .*parts: 1 \}/.exec(stdout) ?? [];
  expect(Number(after)).toBeGreaterThan(Number(before));
  expect(stdout).toContain("quality depends on parts most");
}, 120_000);

test("orchestration's README shows the smallest team as it is", async () => {
  const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const example = (await read("examples/panel.ts")).trim();
  expect(await read("src/orchestration/README.md")).toContain(`\`\`\`ts\n${example}\n\`\`\``);
});

test.each([
  ["run", /^billing\n$/],
  ["evaluate", /^1 \[ 1, 1 \]\n$/],
  ["optimise", /^0\.5 → 1 \{\n {2}'predict\.demos': /],
  ["supervise", /^1 2\nAgentError: agent counter ended before it answered \(crash: on purpose\)\n1\n$/],
  ["team", /^41\n$/],
  ["optimise-team", /^0\.33 → 1\.00 \[[\s\S]*to: \[ 'ann', 'bob', 'cy' \]/],
  ["apply", /^true true Hi, Ann\n$/],
])("the shortest example of %s does what it says", async (name, printed) => {
  const file = new URL(`../../examples/short/${name}.ts`, import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ["--conditions=tutti-source", file]);
  expect(stdout).toMatch(printed);
});

const short = ["run", "evaluate", "optimise", "supervise", "team", "optimise-team", "apply"];

test.each(["quickstart", "signatures", "models", "agents", "search", "team", ...short.map((name) => `short/${name}`)])(
  "the README shows examples/%s.ts as it is",
  async (name) => {
    const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
    expect(await read("README.md")).toContain(`\`\`\`ts\n${(await read(`examples/${name}.ts`)).trim()}\n\`\`\``);
  },
);
