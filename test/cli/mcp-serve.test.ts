import { spawn } from "node:child_process";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, onTestFinished, test } from "vitest";
import { root, startProcess, ticketLines, triageFile, workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

const main = join(root, "src", "cli", "main.ts");
const command = ["--conditions=tutti-source", main, "mcp", "serve"];

/** A client of the command, in the era of the protocol that both know. */
async function connected({ path }: Workplace, words: readonly string[]): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...command, ...words],
    cwd: path,
    stderr: "pipe",
  });
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  onTestFinished(() => client.close());
  await client.connect(transport);
  return client;
}

const noisyFile = `
import { program, signature } from "tutti";
console.log("loading");
process.stdout.write("still loading\\n");
export const model = async (request) => {
  console.log("asked");
  return JSON.stringify({ queue: "tech" });
};
const field = signature('ticket -> queue: "billing" | "tech"');
const configuration = { "predict.adapter": "json" };
export const first = program({ name: "first", signature: field, configuration });
export const second = program({ name: "second", signature: field, configuration });
`;

test("serves every program of a file, and nothing else comes out of stdout", async () => {
  const place = workplace();
  place.write("noisy.ts", noisyFile);
  const client = await connected(place, ["noisy.ts"]);
  expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["first", "second"]);
  const result = await client.callTool({ name: "second", arguments: { ticket: "x" } });
  expect(result).toMatchObject({ structuredContent: { queue: "tech" } });
  const wrong = await client.callTool({ name: "first", arguments: { tickets: "x" } });
  expect(wrong.isError).toBe(true);
  expect(JSON.stringify(wrong.content)).toContain("ticket");
});

test("every line of stdout is the protocol's, and the command ends when its client leaves", async () => {
  const place = workplace();
  place.write("noisy.ts", noisyFile);
  const child = spawn(process.execPath, [...command, "noisy.ts", "--program", "first", "--json"], { cwd: place.path });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const answered = new Promise<void>((resolve) =>
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes('"id":2')) resolve();
    }),
  );
  const say = (message: object): boolean => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const clientInfo = { name: "test", version: "1.0.0" };
  say({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } });
  say({ method: "notifications/initialized" });
  say({ id: 2, method: "tools/call", params: { name: "first", arguments: { ticket: "x" } } });
  await answered;
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stdin.end();
  expect(await closed).toBe(0);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ jsonrpc }) => jsonrpc)).toEqual(["2.0", "2.0"]);
  expect(lines[1]).toMatchObject({ id: 2, result: { structuredContent: { queue: "tech" } } });
  expect(stderr).toContain("loading\nstill loading\nserving first over stdio\nasked\n");
});

test("serves what the store has, each program with its file's code", async () => {
  const place = workplace();
  place.write("triage.ts", triageFile);
  place.write("train.jsonl", ticketLines(12));
  const tuned = await place.tutti(["optimize", "triage.ts", "--train", "train.jsonl", "--budget", "evaluations=3"]);
  expect(tuned.code).toBe(0);
  const client = await connected(place, ["--stored"]);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["triage"]);
  const result = await client.callTool({ name: "triage", arguments: { ticket: "please look at the invoice" } });
  expect(result.structuredContent).toMatchObject({ queue: expect.stringMatching(/billing|tech/) as string });
  await client.close();
  const both = await connected(place, ["triage.ts", "--stored"]);
  const names = (await both.listTools()).tools.map(({ name }) => name);
  expect(names).toEqual(["triage", expect.stringMatching(/^triage_/)]);
}, 60_000);

test("Ctrl-C ends it with the code of an interruption, and says nothing to the client", async () => {
  const place = workplace();
  place.write("noisy.ts", noisyFile);
  const child = spawn(process.execPath, [...command, "noisy.ts", "--json"], { cwd: place.path });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  await new Promise<void>((resolve) =>
    child.stderr.setEncoding("utf8").on("data", (text: string) => text.includes("serving") && resolve()),
  );
  child.kill("SIGINT");
  expect(await closed).toBe(130);
  expect(stdout).toBe("");
});

test.each([
  [[], "name the files whose programs are served"],
  [["--program", "first", "--stored"], "--program is about a file"],
  [["noisy.ts", "--program", "third"], "there is no program third; it exports first, second"],
  [["noisy.ts", "--from", "run_1"], "a run is about one program, not about first, second"],
  [["--stored"], "there is no store"],
])("%j is refused, with the reason on stderr", async (words, message) => {
  const place = workplace();
  place.write("noisy.ts", noisyFile);
  const ended = await place.tutti(["mcp", "serve", ...words]);
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(message);
});

test("without the optional package it says what to install", async () => {
  const hook = `import { registerHooks } from "node:module";
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith("@modelcontextprotocol/")) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: "ERR_MODULE_NOT_FOUND" });
  },
});`;
  const preload = `data:text/javascript,${encodeURIComponent(hook)}`;
  const place = workplace();
  const ended = await startProcess(process.execPath, ["--import", preload, ...command, "a.ts"], place.path, {}).ended;
  expect(ended).toMatchObject({ code: 78, stdout: "" });
  expect(ended.stderr).toContain("npm install @modelcontextprotocol/server");
});
