import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A fixture that runs in a process of its own, to be killed in the middle of its work. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line that it prints. */
  readonly line: () => Promise<string>;
  readonly ended: Promise<void>;
}

/** Starts the fixture; it does not outlive the test. */
export function startChild(fixture: URL, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, ["--conditions=tutti-source", fixture.pathname, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    line: async () => {
      const { value } = await lines.next();
      if (value === undefined) throw new Error("the child ended without a further line");
      return value;
    },
    ended: new Promise((resolve) => child.on("close", () => resolve())),
  };
}
