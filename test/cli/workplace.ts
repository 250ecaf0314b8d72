import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export const root: string = join(import.meta.dirname, "..", "..");
const mainFile: string = join(root, "src", "cli", "main.ts");

/** What a finished process said. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TuttiOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly uid?: number;
}

/** A temporary directory in which a user works: `tutti` is installed there. */
export interface Workplace {
  readonly path: string;
  write(name: string, content: string): void;
  /** Runs the command line there, to its end. */
  tutti(words: readonly string[], options?: TuttiOptions): Promise<Ended>;
  /** Starts it and leaves it running. */
  start(words: readonly string[], options?: TuttiOptions): Running;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves as soon as stdout or stderr contains the text. */
  said(text: string): Promise<void>;
  /** What it has said so far. */
  stdout(): string;
  readonly ended: Promise<Ended>;
}

export function workplace(): Workplace {
  const path = mkdtempSync(join(tmpdir(), "tutti-cli-"));
  mkdirSync(join(path, "node_modules"));
  symlinkSync(root, join(path, "node_modules", "tutti"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const start = (words: readonly string[], options: TuttiOptions = {}): Running =>
    startProcess(process.execPath, ["--conditions=tutti-source", mainFile, ...words], path, options);
  return {
    path,
    write: (name, content) => writeFileSync(join(path, name), content),
    start,
    tutti: (words, options) => start(words, options).ended,
  };
}

export function startProcess(file: string, words: readonly string[], cwd: string, options: TuttiOptions): Running {
  const { env = {}, stdin = "", uid } = options;
  const child = spawn(file, words, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const spoken = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      spoken[name] += text;
    });
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  const closed = once(child, "close") as Promise<[code: number | null]>;
  return {
    child,
    stdout: () => spoken.stdout,
    async said(text) {
      let isOver = false;
      void closed.then(() => {
        isOver = true;
      });
      while (!`${spoken.stdout}${spoken.stderr}`.includes(text)) {
        if (isOver) throw new Error(`ended without saying ${text}: ${spoken.stdout}${spoken.stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    ended: closed.then(([code]) => ({ code, ...spoken })),
  };
}

/** The lines of `--json` as objects. */
export function events(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Node first on the path, nothing of npm, vitest or the machine's keys. */
function cleanEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "/tmp" } = process.env;
  return { PATH: `${dirname(process.execPath)}:${PATH}`, HOME };
}

/** A user's file: two queues, exported program and metric. */
export const triageFile = `
import { exactMatch, program as makeProgram, signature } from "tutti";
export const program = makeProgram({ name: "triage", signature: signature('ticket -> queue: "billing" | "tech"') });
export const metric = exactMatch("queue");
`;

const words = {
  billing: ["invoice", "charged", "refund", "payment", "card", "price"],
  tech: ["crash", "login", "error", "update", "screen", "app"],
};

/** Tickets that a few demonstrations teach: `count` lines of JSONL. */
export function ticketLines(count: number, offset = 0): string {
  return Array.from({ length: count }, (_, index) => {
    const queue = index % 2 === 0 ? "billing" : "tech";
    const own = words[queue];
    const [a, b] = [own[(index + offset) % own.length], own[(index * 5 + offset + 1) % own.length]];
    return `${JSON.stringify({ ticket: `please look at the ${a} and the ${b}, case ${index + offset}`, queue })}\n`;
  }).join("");
}
