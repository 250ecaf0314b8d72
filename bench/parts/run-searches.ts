/**
 * A child process of `bench/search.ts`: one sampler on one problem, seed by seed. Prints one line of JSON, the runs.
 * Arguments: the sampler, the problem, how many seeds, the budgets with commas between them.
 */
import { samplerNamed } from "./search-samplers.ts";
import { searchRun } from "./search-run.ts";
import { readSuite } from "./search-suite.ts";

const [sampler = "", id = "", seeds = "0", budgets = ""] = process.argv.slice(2);
const problem = readSuite()?.suite.problems.find((each) => each.id === id);
if (problem === undefined) throw new Error(`bench search: no problem ${id}`);
const size = { budgets: budgets.split(",").map(Number) };
const runs = Array.from({ length: Number(seeds) }, (_, seed) =>
  searchRun(samplerNamed(sampler, seed), problem, { seed, ...size }),
);
console.log(JSON.stringify(runs));
