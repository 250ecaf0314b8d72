/**
 * `npm run bench` lists the benches; `npm run bench NAME -- --quick` runs one, `npm run bench -- --all --quick` all;
 * `--schedules 10000` is for `coordination`: on how many random schedules of faults each protocol is tried;
 * `--peers` installs those peers that are no dependency of ours beside the system's temporary files, and measures them. A
 * promise that does not hold is reported, not an error; a bench that throws is one.
 */
import { parseArgs } from "node:util";
import * as agents from "./agents.ts";
import * as coordination from "./coordination.ts";
import * as crashes from "./crashes.ts";
import * as dspy from "./dspy.ts";
import * as evaluate from "./evaluate.ts";
import * as icl from "./icl.ts";
import * as imports from "./import.ts";
import * as kernel from "./kernel.ts";
import * as learner from "./learner.ts";
import * as mainJob from "./main-job.ts";
import * as pareto from "./pareto.ts";
import type { Bench, BenchOptions } from "./parts/bench.ts";
import * as racing from "./racing.ts";
import * as routing from "./routing.ts";
import * as search from "./search.ts";
import * as soak from "./soak.ts";
import * as teams from "./teams.ts";
import * as teleprompters from "./teleprompters.ts";
import * as types from "./types.ts";

const benches: Readonly<Record<string, Bench>> = {
  kernel,
  evaluate,
  import: imports,
  icl,
  types,
  "main-job": mainJob,
  agents,
  crashes,
  soak,
  teams,
  coordination,
  search,
  pareto,
  racing,
  routing,
  teleprompters,
  learner,
  dspy,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    schedules: { type: "string" },
  },
});
const { schedules, ...flags } = values;
const options: BenchOptions = schedules === undefined ? flags : { ...flags, schedules: Number(schedules) };
const names = values.all ? Object.keys(benches) : positionals;
const unknown = names.filter((name) => !Object.hasOwn(benches, name));

if (unknown.length > 0) {
  console.error(`unknown bench ${unknown.join(", ")}; known are ${Object.keys(benches).join(", ")}`);
  process.exitCode = 2;
} else if (names.length === 0) list();
else
  for (const [name, bench] of Object.entries(benches)) if (names.includes(name)) await runBench(name, bench, options);

function list(): void {
  for (const [name, { describe }] of Object.entries(benches)) console.log(`${name.padEnd(10)}${describe}`);
}

async function runBench(name: string, bench: Bench, options: BenchOptions): Promise<void> {
  console.log(`== ${name}: ${bench.describe}\n`);
  const promises = await bench.run(options);
  console.log("");
  for (const { name: promise, measured, unit, target, holds } of promises)
    console.log(`${holds ? "holds" : "DOES NOT HOLD"}: ${promise}: ${measured} ${unit} (target ${target})`);
  console.log(JSON.stringify({ bench: name, promises }));
}
