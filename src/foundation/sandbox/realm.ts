import { constants, createContext, Script } from "node:vm";
import { messageOf } from "../error.ts";
import { driverText } from "./driver.ts";
import type { Driver } from "./driver.ts";
import type { Evaluated, Evaluation } from "./evaluation.ts";

const driverScript = new Script(driverText, { filename: "driver" });

/** What became of a program in its realm. */
export interface RealmRun extends Omit<Evaluated, "residentBytes"> {
  /** Whether its time was over before it had ended. */
  readonly isCutOff: boolean;
}

/**
 * The globals of one program, with nothing in them that was made outside. Its promises have a queue of their own, which
 * is emptied within the time limit and never again.
 */
export class Realm {
  readonly #context = createContext(constants.DONT_CONTEXTIFY, {
    microtaskMode: "afterEvaluate",
    codeGeneration: { strings: false, wasm: false },
  });
  readonly #driver = driverScript.runInContext(this.#context) as Driver;

  /** Runs a program; once. */
  evaluate({ source, inputs, calls, timeoutMs, maxResultChars }: Evaluation): RealmRun {
    const script = compile(source);
    if (typeof script === "string") return { defect: script, isStuck: false, isCutOff: false, outcomes: [] };
    this.#driver.prepare(inputs, maxResultChars);
    const isCutOff = !this.#run(script, timeoutMs);
    const { progress } = this.#driver;
    const outcomes: string[] = [];
    for (let call = 0; call < calls && typeof progress[call] === "string"; call++)
      outcomes.push(progress[call] as string);
    const { defect } = progress;
    return { defect, isStuck: defect === undefined && progress.isCalling !== true, isCutOff, outcomes };
  }

  /** Whether it ended within its time. The driver throws nothing, and what is thrown is not looked at. */
  #run(script: Script, timeout: number): boolean {
    try {
      script.runInContext(this.#context, { timeout, displayErrors: false });
      return true;
    } catch {
      return false;
    }
  }
}

/** The script, or what is wrong with its text. */
function compile(source: string): Script | string {
  try {
    return new Script(`__run(() => (${source}\n))`, { filename: "source" });
  } catch (error) {
    const line = error instanceof Error ? /^source:(\d+)/.exec(error.stack ?? "")?.[1] : undefined;
    return `the source is no expression: ${messageOf(error)}${line === undefined ? "" : ` (line ${line})`}`;
  }
}
