import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { messageOf, systemClock, UsageError } from "tutti/foundation";
import { sqliteStore } from "tutti/storage/sqlite";
import { simba, randomSearch } from "tutti/teams";
import type { OptimizedTeam } from "tutti/teams";
import { allSix, handWrittenStar, singles, withLargestBudget } from "./baselines.ts";
import { bestOf, gainOver, measureRow, setUp } from "./comparison.ts";
import type { Row } from "./comparison.ts";
import { examplesOf } from "./examples.ts";
import type { Examples } from "./examples.ts";
import { explain } from "./explain.ts";
import { livePart } from "./live-part.ts";
import { liveLines } from "./live-lines.ts";
import { optimise } from "./optimise.ts";
import type { SearchProgress } from "./optimise.ts";
import { progressLine } from "./progress-line.ts";
import { synthesisMetric } from "./synthesis-metric.ts";
import { synthesisTeam } from "./synthesis-team.ts";
import { textTable } from "./text-table.ts";
import { workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

/** How much of everything: the whole job, or enough of it to see the line close. */
const sizes = {
  full: { evaluations: 150, train: 60, test: 200, stream: 45 },
  quick: { evaluations: 40, train: 30, test: 60, stream: 24 },
} as const;

interface Settings {
  readonly seed: number;
  readonly isQuick: boolean;
  readonly store: string;
  readonly resume: string | undefined;
}

function settings(): Settings {
  const values = given();
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0)
    throw new UsageError(`--seed: expected a whole number of at least 0, got ${values.seed}`);
  return { seed, isQuick: values.quick, store: values.store, resume: values.resume };
}

function given(): { seed: string; quick: boolean; store: string; resume?: string } {
  const options = {
    seed: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    store: { type: "string", default: process.env["TUTTI_STORE"] ?? ".tutti/tutti.db" },
    resume: { type: "string" },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}. Options are --quick, --seed N, --store FILE, --resume RUN`);
  }
}

const say = (...lines: readonly string[]): void => void process.stdout.write(`${lines.join("\n")}\n`);

async function main({ seed, isQuick, store: path, resume }: Settings, signal: AbortSignal): Promise<void> {
  const startedAt = systemClock.now();
  const { evaluations, ...counts } = isQuick ? sizes.quick : sizes.full;
  const examples = examplesOf(seed, counts);
  const team = synthesisTeam();
  mkdirSync(dirname(path), { recursive: true });
  await using store = await sqliteStore({ path });
  await using place = workplace();
  await using live = await place.open(team, { isStandby: true });
  say(
    `A team that writes programs from examples: ${Object.keys(team.agents).length} agents, offline, seed ${seed}.`,
    `It is tuned on ${counts.train} tasks in ${evaluations} evaluations and judged on ${counts.test} others.`,
    "",
  );
  const search = { store, live, examples, evaluations, seed, signal };
  const optimised = await watched("simba", evaluations, (onProgress) =>
    optimise(place, team, { ...search, teleprompter: simba({ generations: evaluations }), resume, onProgress }),
  );
  const random = await watched("random search", evaluations, (onProgress) =>
    optimise(place, team, { ...search, teleprompter: randomSearch({ candidates: 4 * evaluations }), onProgress }),
  );
  say(...(await comparison(place, { examples, optimised, random, live, signal })), "");
  say("What simba chose:", ...explain(team, optimised.configuration).map((line) => `  ${line}`), "");
  const { actions } = optimised;
  if (actions.length === 0) say("No significant gain over the default: there is nothing to change in a running team.");
  say(...liveLines(await livePart(place, { team, actions, tasks: examples.stream, signal })), "");
  const seconds = Math.round((systemClock.now() - startedAt) / 1000);
  say(`Run ${optimised.run} is stored in ${path}; npm run tutti -- runs show ${optimised.run} tells more.`);
  say(`All in all ${seconds} s.`);
}

/** Shows how far a search is. Interrupted, it says how to go on. */
async function watched<T>(
  name: "simba" | "random search",
  evaluations: number,
  search: (onProgress: (progress: SearchProgress) => void) => Promise<T>,
): Promise<T> {
  using line = progressLine();
  let run: string | undefined;
  try {
    return await search((progress) => {
      ({ run } = progress);
      const { evaluations: tried, best } = progress;
      line.show(
        tried / evaluations,
        `${name}: ${tried} of ${evaluations} evaluations, best ${best?.toFixed(3) ?? "–"}`,
      );
    });
  } catch (error) {
    if (name !== "simba" || run === undefined || !interrupted.signal.aborted) throw error;
    throw new Error(`run ${run} keeps what it has; go on with: npm start -- --resume ${run}`, { cause: error });
  }
}

interface Compared {
  readonly examples: Examples;
  readonly optimised: OptimizedTeam;
  readonly random: OptimizedTeam;
  readonly live: Awaited<ReturnType<Workplace["open"]>>;
  readonly signal: AbortSignal;
}

async function comparison(
  place: Workplace,
  { examples, optimised, random, live, signal }: Compared,
): Promise<string[]> {
  const metric = synthesisMetric(place.examiner);
  const single = await bestOf(live, singles, { examples: examples.train, metric, signal });
  const setUps = [
    setUp("default: enumCoder alone", {}),
    { ...single, name: `best single agent: ${single.name.replace(" alone", "")}` },
    { ...withLargestBudget(single), name: "  the same, largest budget" },
    allSix,
    handWrittenStar,
    setUp("random search", random.configuration),
    setUp("optimised by simba", optimised.configuration),
  ];
  const rows: Row[] = [];
  for (const each of setUps) rows.push(await measureRow(live, each, { examples: examples.test, metric, signal }));
  const six = rows[3] as Row;
  const last = rows.at(-1) as Row;
  const titles = [
    `On ${examples.test.length} held-out tasks`,
    "metric",
    "95 % interval",
    "solved",
    "cost a task",
    "− all six",
    "95 % interval",
  ];
  const gain = gainOver(six, last);
  return [
    ...textTable([titles, ...rows.map((row) => cells(row, six))]),
    "",
    gain.interval[0] > 0
      ? `The optimised team beats all six in parallel by ${signed(gain.mean)} (paired, same tasks).`
      : "The optimised team does not beat all six in parallel significantly (paired, same tasks).",
  ];
}

function cells(row: Row, six: Row): string[] {
  const { name, score, interval, solved, cost } = row;
  const gain = gainOver(six, row);
  const difference = row === six ? ["", ""] : [signed(gain.mean), range(gain.interval)];
  return [
    name,
    score.toFixed(3),
    range(interval),
    `${Math.round(100 * solved)} %`,
    Math.round(cost).toLocaleString("en"),
    ...difference,
  ];
}

function range([low, high]: readonly [number, number]): string {
  return `${low.toFixed(3)} … ${high.toFixed(3)}`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
try {
  await main(settings(), interrupted.signal);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (interrupted.signal.aborted) return 130;
  return error instanceof UsageError ? 2 : 1;
}
