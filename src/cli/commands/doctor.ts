import { constants, existsSync, statSync } from "node:fs";
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { messageOf, UsageError } from "#foundation";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { readWhole } from "../input/key-values.ts";
import { hasStore, openStore } from "../session.ts";
import type { Session } from "../session.ts";
import { tuttiVersion } from "../version.ts";

export interface DoctorOptions {
  readonly port?: string;
}

/** One thing looked at. `ok: undefined`: nothing to complain of either way. */
interface Check {
  readonly name: string;
  readonly ok?: boolean;
  readonly detail: string;
}

const keys = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"];
const oldestNode = 24;
const highestPort = 65_535;

/** `tutti doctor`: whether this machine has what tutti needs. */
export async function doctorCommand({ port }: DoctorOptions, session: Session): Promise<ExitCode> {
  const wanted = port === undefined ? undefined : readPort(port);
  const checks = [
    checkNode(),
    { name: "tutti", detail: tuttiVersion() },
    await checkSqlite(),
    await checkStore(session),
    checkKeys(),
    ...(wanted === undefined ? [] : [await checkPort(wanted)]),
  ];
  const healthy = checks.every(({ ok }) => ok !== false);
  const { out } = session;
  for (const { name, ok, detail } of checks)
    out.print(`${ok === undefined ? "     " : ok ? "ok   " : out.bold("FAIL ")} ${name.padEnd(8)} ${detail}`);
  out.event({ type: "result", ok: healthy, checks });
  return healthy ? exitCodes.ok : exitCodes.failed;
}

function readPort(text: string): number {
  const port = readWhole(text, "--port", 1);
  if (port <= highestPort) return port;
  throw new UsageError(`--port: expected a port from 1 to ${highestPort}, got ${text}`);
}

function checkNode(): Check {
  const { node } = process.versions;
  const ok = Number.parseInt(node, 10) >= oldestNode;
  const advice = ok ? "" : `; tutti needs Node ${oldestNode} or newer: npm install --save-dev node@${oldestNode}`;
  return { name: "node", ok, detail: `${node} at ${process.execPath}${advice}` };
}

async function checkSqlite(): Promise<Check> {
  try {
    const { DatabaseSync } = await import("node:sqlite");
    using database = new DatabaseSync(":memory:");
    const row = database.prepare("select sqlite_version() as version").get();
    return { name: "sqlite", ok: true, detail: `node:sqlite with SQLite ${String(row?.["version"])}` };
  } catch (error) {
    return { name: "sqlite", ok: false, detail: `node:sqlite does not work: ${messageOf(error)}` };
  }
}

async function checkStore(session: Session): Promise<Check> {
  const { storePath } = session;
  try {
    if (hasStore(session)) {
      await using store = await openStore(session);
      return { name: "store", ok: true, detail: `${storePath}, ${await store.position()} changes so far` };
    }
    return { name: "store", ...(await checkPlace(storePath)) };
  } catch (error) {
    return { name: "store", ok: false, detail: messageOf(error) };
  }
}

async function checkPlace(path: string): Promise<Pick<Check, "ok" | "detail">> {
  const directory = nearestDirectory(path);
  if (!statSync(directory).isDirectory())
    return { ok: false, detail: `${path} cannot be created: ${directory} is no directory` };
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    return { ok: true, detail: `${path} can be created` };
  } catch {
    const missing = directory === dirname(path) ? "" : ` (${dirname(path)} does not exist yet)`;
    const detail = `${path} cannot be created: nothing may be written in ${directory}${missing}; choose another place with --store or TUTTI_STORE`;
    return { ok: false, detail };
  }
}

function nearestDirectory(path: string): string {
  const parent = dirname(path);
  return existsSync(parent) || parent === path ? parent : nearestDirectory(parent);
}

/** Names only: what is in them is nobody's business. */
function checkKeys(): Check {
  const present = keys.filter((name) => (process.env[name] ?? "") !== "");
  return {
    name: "keys",
    detail: present.length === 0 ? "none set; the icl model needs none" : `${present.join(", ")} set`,
  };
}

function checkPort(port: number): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => {
      const isTaken = Reflect.get(error, "code") === "EADDRINUSE";
      const detail = isTaken ? `${port} is in use by another process; end it or choose another port` : error.message;
      resolve({ name: "port", ok: false, detail });
    });
    server.listen({ port, host: "127.0.0.1" }, () =>
      server.close(() => resolve({ name: "port", ok: true, detail: `${port} is free` })),
    );
  });
}
