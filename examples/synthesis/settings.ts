import { parseArgs } from "node:util";
import { messageOf, UsageError } from "tutti/foundation";
import type { ExampleCounts } from "./tasks/examples.ts";

/** What was asked for on the command line. */
export interface Settings {
  readonly seed: number;
  readonly store: string;
  /** A stored run to go on with. */
  readonly resume: string | undefined;
  readonly evaluations: number;
  readonly counts: ExampleCounts;
  /** The options that make the same job again. */
  readonly given: readonly string[];
  /** Of those, the ones that say where it is stored; none for the usual place. */
  readonly where: readonly string[];
}

/** How much of everything: the whole job, or enough of it to see the line close. */
const sizes = {
  full: { evaluations: 150, counts: { train: 60, test: 200, stream: 45 } },
  quick: { evaluations: 40, counts: { train: 30, test: 60, stream: 24 } },
} as const;

const usualStore = ".tutti/tutti.db";

/** Reads the command line. Throws `UsageError` for what it does not know. */
export function settings(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Settings {
  const { seed: text, quick, resume, store = env["TUTTI_STORE"] ?? usualStore } = parsed(args);
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--seed: expected a whole number of at least 0, got "${text}"`);
  const where = store === (env["TUTTI_STORE"] ?? usualStore) ? [] : ["--store", store];
  const given = [...(quick ? ["--quick"] : []), ...(text === "1" ? [] : ["--seed", text]), ...where];
  return { seed: Number(text), store, resume, given, where, ...(quick ? sizes.quick : sizes.full) };
}

function parsed(args: readonly string[]): { seed: string; quick: boolean; store?: string; resume?: string } {
  const options = {
    seed: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    store: { type: "string" },
    resume: { type: "string" },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}. Options are --quick, --seed N, --store FILE, --resume RUN`);
  }
}
