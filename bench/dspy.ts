import { mean } from "#programs";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { dspyVersion } from "./parts/python-with.ts";
import { dspyRun } from "./parts/dspy-row.ts";
import type { PeerResult } from "./parts/dspy-row.ts";
import { peerAlgorithms } from "./parts/dspy-settings.ts";
import type { PeerAlgorithm } from "./parts/dspy-settings.ts";
import { ourRun } from "./parts/our-row.ts";
import type { ContestantName } from "./parts/our-row.ts";
import { callPromises, gain, shareToReach, timePromise } from "./parts/peer-comparison.ts";
import type { PeerPair } from "./parts/peer-comparison.ts";
import { peerTask, peerTaskNames } from "./parts/peer-tasks.ts";
import type { PeerTaskName } from "./parts/peer-tasks.ts";
import { printPromptParity } from "./parts/prompt-parity.ts";
import { printTable } from "./parts/table.ts";
import { axRun } from "./peers/ax-optimizers.ts";

export const describe =
  "Our teleprompters beside ax's and, with --peers, DSPy's of the same name: same model, same data, same calls.";

/** How long every call takes at least, where time is measured. */
const delayMs = 50;

/** One optimiser of a peer, and which of ours stands beside it. */
interface Opponent {
  readonly peer: "DSPy" | "ax";
  readonly algorithm: PeerAlgorithm;
  readonly ours: ContestantName;
  /** Its calls are with those by which its user would learn what it gained. */
  readonly check?: true;
  run(task: PeerTaskName, seed: number, delay: number): Promise<PeerResult>;
}

interface Size {
  readonly opponents: readonly Opponent[];
  readonly seeds: number;
  /** How many of the seeds are run again with slow calls. */
  readonly delayed: number;
}

export async function run({ quick, peers }: BenchOptions): Promise<readonly Promised[]> {
  if (!peers)
    console.log(
      `NOT MEASURED: DSPy ${dspyVersion}. With --peers it is installed beside the system's temporary files.\n`,
    );
  const tasks = quick ? (["triage"] as const) : peerTaskNames();
  if (!quick && tasks.length < 2) console.log("NOT MEASURED: Banking77, as there is no ../shared/data/text.\n");
  const ax = [...axAlgorithms.map(axOpponent), checked(axOpponent("bootstrap"))];
  const all = peers ? [...peerAlgorithms.map(dspyOpponent), checked(dspyOpponent("bootstrap")), ...ax] : ax;
  const chosen = all.filter(({ algorithm }) => algorithm === (peers ? "mipro" : "gepa"));
  const size: Size = quick ? { opponents: chosen, seeds: 1, delayed: 1 } : { opponents: all, seeds: 10, delayed: 3 };
  await printPromptParity(tasks, { seeds: quick ? 1 : 3, isDspyThere: peers });
  const promises: Promised[] = [];
  for (const task of tasks) promises.push(...(await compare(task, size)));
  return promises;
}

const axAlgorithms = ["bootstrap", "gepa"] as const;

function axOpponent(algorithm: (typeof axAlgorithms)[number]): Opponent {
  return {
    peer: "ax",
    algorithm,
    ours: algorithm,
    run: (task, seed, delay) => axRun({ algorithm, task, seed, delayMs: delay }),
  };
}

function dspyOpponent(algorithm: PeerAlgorithm): Opponent {
  return {
    peer: "DSPy",
    algorithm,
    ours: algorithm,
    run: (task, seed, delay) => dspyRun({ algorithm, task, seed, delayMs: delay }),
  };
}

/** With the validation of the program before and after, which ours always does and BootstrapFewShot leaves to its user. */
function checked(opponent: Opponent): Opponent {
  return {
    ...opponent,
    ours: "bootstrap_once",
    check: true,
    async run(task, seed, delay) {
      const result = await opponent.run(task, seed, delay);
      return { ...result, calls: result.calls + 2 * peerTask(task, seed).validation.length };
    },
  };
}

/** All opponents on one task; of some seeds also with slow calls. */
async function compare(task: PeerTaskName, { opponents, seeds, delayed }: Size): Promise<readonly Promised[]> {
  const promises: Promised[] = [];
  const rows: string[][] = [];
  for (const opponent of opponents) {
    const { peer } = opponent;
    const name = `${peer} ${opponent.algorithm}${opponent.check === true ? " and its check" : ""}`;
    const pairs = await pairsOf(opponent, { task, seeds, delay: 0 });
    promises.push(...callPromises(`${task}, ${name}, ${seeds} seeds`, peer, pairs));
    // The check's own time is not measured.
    const slow = opponent.check === true ? [] : await pairsOf(opponent, { task, seeds: delayed, delay: delayMs });
    if (slow.length > 0)
      promises.push(timePromise(`${task}, ${name}, ${delayed} seeds, ${delayMs} ms a call`, peer, slow));
    rows.push([name, ...callCells(pairs), ...timeCells(slow)]);
  }
  console.log(
    `\n${task}: held-out score, means of ${seeds} seeds; times with ${delayMs} ms a call, of ${delayed} seeds`,
  );
  const calls = ["before", "theirs", "ours", "ours − theirs [95 %]", "their calls", "ours to their score"];
  printTable(["", ...calls, "their s", "our s", "ours to their score"], rows);
  return promises;
}

interface Series {
  readonly task: PeerTaskName;
  readonly seeds: number;
  readonly delay: number;
}

async function pairsOf(opponent: Opponent, { task, seeds, delay }: Series): Promise<readonly PeerPair[]> {
  const pairs: PeerPair[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const theirs = await opponent.run(task, seed, delay);
    const row = { algorithm: opponent.ours, task, seed, delayMs: delay };
    pairs.push({ theirs, ours: await ourRun(row, theirs.calls) });
  }
  return pairs;
}

function callCells(pairs: readonly PeerPair[]): string[] {
  const [before, theirs, ours] = [
    mean(pairs.map((pair) => pair.ours.curve[0]?.score ?? Number.NaN)),
    mean(pairs.map((pair) => pair.theirs.score)),
    mean(pairs.map((pair) => pair.ours.score)),
  ];
  const calls = mean(pairs.map((pair) => pair.theirs.calls)).toFixed(0);
  return [
    before.toFixed(3),
    theirs.toFixed(3),
    ours.toFixed(3),
    gain(pairs).text,
    calls,
    percent(shareToReach(pairs, "calls"), "calls"),
  ];
}

function timeCells(pairs: readonly PeerPair[]): string[] {
  if (pairs.length === 0) return ["-", "-", "-"];
  const seconds = (who: keyof PeerPair): string => (mean(pairs.map((pair) => pair[who].wallMs)) / 1000).toFixed(1);
  return [seconds("theirs"), seconds("ours"), percent(shareToReach(pairs, "wallMs"), "time")];
}

function percent(share: number, of: string): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(0)} % of its ${of}` : "not reached";
}
