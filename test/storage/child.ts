import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";

export interface Child {
  /** Resolves with what was printed so far as soon as `enough` says so; rejects when the child ends before. */
  until(enough: (lines: readonly string[]) => boolean): Promise<readonly string[]>;
  /** Resolves with all lines when the child has ended by itself; rejects when it failed. */
  end(): Promise<readonly string[]>;
  /** SIGKILL; resolves with all lines when the child is gone. */
  kill(): Promise<readonly string[]>;
}

/** Runs a script of `fixtures/` in a process of its own, which the test's end kills. */
export function runFixture(name: string, words: readonly string[], options: { readonly uid?: number } = {}): Child {
  const script = join(import.meta.dirname, "fixtures", name);
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    ["--conditions=tutti-source", script, ...words],
    { stdio: ["ignore", "pipe", "pipe"], ...options },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  let complaint = "";
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  child.stderr.on("data", (text: Buffer) => {
    complaint += text.toString();
  });
  const closed = once(child, "close") as Promise<[code: number | null, signal: string | null]>;

  return {
    until: async (enough) => {
      const ended = closed.then(() => "ended" as const);
      while (!enough(lines)) {
        const news = await Promise.race([once(reader, "line"), ended]);
        if (news === "ended" && !enough(lines)) throw new Error(`${name} ended early: ${complaint}`);
      }
      return [...lines];
    },
    end: async () => {
      const [code] = await closed;
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${complaint}`);
      return lines;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
      return lines;
    },
  };
}
