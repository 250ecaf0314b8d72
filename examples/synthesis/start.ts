import { messageOf, systemClock, UsageError } from "tutti/foundation";
import type { Store } from "tutti/foundation";
import type { Teleprompter } from "tutti/optimize";
import type { LiveTeam, Team } from "tutti/orchestration";
import { sqliteStore } from "tutti/storage/sqlite";
import { randomSearch, simba } from "tutti/teams";
import type { OptimizedTeam } from "tutti/teams";
import type { Baseline } from "./baselines.ts";
import { measure, setUpsByHand } from "./comparison.ts";
import type { Row } from "./comparison.ts";
import { livePart } from "./live-part.ts";
import { checkResumed, optimise } from "./optimise.ts";
import { settings } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { comparisonLines } from "./show/comparison-lines.ts";
import { explain } from "./show/explain.ts";
import { liveLines } from "./show/live-lines.ts";
import { progressLine } from "./show/progress-line.ts";
import { synthesisMetric } from "./synthesis-metric.ts";
import { synthesisTeam } from "./synthesis-team.ts";
import { examplesOf } from "./tasks/examples.ts";
import type { Examples } from "./tasks/examples.ts";
import { workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

/** What every step works with. */
interface Job {
  readonly settings: Settings;
  readonly team: Team;
  readonly examples: Examples;
  readonly store: Store;
  readonly place: Workplace;
  /** Every agent ready, for trying configurations. */
  readonly live: LiveTeam;
  readonly signal: AbortSignal;
}

/** The main job: tunes the team, compares the result with what one would set up by hand, and lets a live team follow. */
async function main(settings: Settings, signal: AbortSignal): Promise<void> {
  const startedAt = systemClock.now();
  const { seed, store: path, evaluations, counts, resume } = settings;
  const team = synthesisTeam();
  await using store = await sqliteStore({ path });
  if (resume !== undefined) await checkResumed(store, { run: resume, seed, evaluations, search: simba().name });
  await using place = workplace();
  await using live = await place.open(team, { isStandby: true });
  const job: Job = { settings, team, examples: examplesOf(seed, counts), store, place, live, signal };
  const { columns: width } = process.stdout;
  say(
    `A team that writes programs from examples: ${Object.keys(team.agents).length} agents, offline, seed ${seed}.`,
    `It is tuned on ${counts.train} tasks in ${evaluations} evaluations and judged on ${counts.test} others.`,
    "",
  );

  const optimised = await search(job, "simba", simba({ generations: evaluations }));
  goOn = `${goOnWith(settings)} ${optimised.run}`;
  const random = await search(job, "random search", randomSearch({ candidates: 4 * evaluations }));
  const rows = await compare(job, [
    { name: "random search", overrides: random.configuration },
    { name: "optimised by simba", overrides: optimised.configuration },
  ]);
  say(...comparisonLines(rows, { tasks: counts.test, width }), "");

  const { actions, configuration, run } = optimised;
  if (actions.length === 0) say("simba found no significant gain over the default: the team stays as it was.", "");
  else say("What simba chose:", ...explain(team, configuration).map((line) => `  ${line}`), "");

  const part = await livePart(place, { team, actions, tasks: job.examples.stream, signal });
  say(...liveLines(part, { width }), "");
  say(
    `Run ${run} is stored in ${path}; npm run tutti -- ${["runs show", run, ...settings.where].join(" ")} tells more.`,
  );
  say(`All in all ${Math.round((systemClock.now() - startedAt) / 1000)} s.`);
}

/** The command that goes on with simba's run, or takes it as it ended: there is one from its first evaluation on. */
let goOn: string | undefined;

function goOnWith({ given }: Settings): string {
  return ["npm start --", ...given, "--resume"].join(" ");
}

/** Searches, and shows how far it is. Only simba's run is taken up again; the random one beside it starts anew. */
async function search(
  { place, team, settings, ...job }: Job,
  name: "simba" | "random search",
  teleprompter: Teleprompter,
): Promise<OptimizedTeam> {
  const { evaluations, seed, resume } = settings;
  using line = progressLine();
  return await optimise(place, team, {
    ...job,
    teleprompter,
    evaluations,
    seed,
    ...(name === "simba" && { resume, command: goOnWith(settings) }),
    onProgress: ({ run, evaluations: tried, best }) => {
      if (name === "simba") goOn = `${goOnWith(settings)} ${run}`;
      const words = `${name}: ${tried} of ${evaluations} evaluations, best ${best?.toFixed(3) ?? "–"}`;
      line.show(tried / evaluations, words);
    },
  });
}

/** Measures these set-ups and those that one would make by hand on the held-out tasks. */
async function compare({ place, live, examples, signal }: Job, searched: readonly Baseline[]): Promise<Row[]> {
  const options = { metric: synthesisMetric(place.examiner), signal };
  using line = progressLine();
  const byHand = await setUpsByHand(live, { ...options, examples: examples.train });
  const setUps = [...byHand, ...searched];
  let done = 0;
  const onMeasured = (): void => line.show(++done / setUps.length, `comparison: ${done} of ${setUps.length} set-ups`);
  return await measure(live, setUps, { ...options, examples: examples.test, onMeasured });
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
try {
  await main(settings(process.argv.slice(2)), interrupted.signal);
} catch (error) {
  const { aborted } = interrupted.signal;
  const text = aborted && goOn !== undefined ? `interrupted; go on with: ${goOn}` : messageOf(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = aborted ? 130 : error instanceof UsageError ? 2 : 1;
}
