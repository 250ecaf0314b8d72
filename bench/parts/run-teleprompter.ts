/**
 * A child process of `bench/teleprompters.ts`: one teleprompter on one seed of a data set. Prints one line of JSON, the run.
 * Arguments: the contestant, the data set, the seed, the budget of calls.
 */
import { tuningContestants } from "./tuning-contestants.ts";
import { tuningData } from "./tuning-data.ts";
import { tuningRun } from "./tuning-run.ts";

const [name = "", data = "", seed = "", calls = ""] = process.argv.slice(2);
const contestant = tuningContestants[name];
if (contestant === undefined)
  throw new Error(`bench teleprompters: no contestant ${name}; known are ${Object.keys(tuningContestants).join(", ")}`);
const drawn = tuningData[data]?.(Number(seed));
if (drawn === undefined)
  throw new Error(`bench teleprompters: no data ${data}; known are ${Object.keys(tuningData).join(", ")}`);
console.log(JSON.stringify(await tuningRun(contestant, drawn, { seed: Number(seed), calls: Number(calls) })));
