import { availableParallelism, loadavg } from "node:os";
import type { AgentFigures } from "./parts/measure-agents.ts";
import { atLeast, atMost } from "./parts/bench.ts";
import type { BenchOptions, Promised } from "./parts/bench.ts";
import { freshNode, inOrder, isInstalled, printed } from "./parts/fresh-process.ts";
import { median, spread } from "./parts/statistics.ts";
import { printTable } from "./parts/table.ts";

export const describe =
  "Calls, memory, restarts, mass starts and fairness of agents, beside a bare mailbox and Erlang.";

/** Measures one of the figures in a process of its own and gives what that printed. */
interface Contestant {
  readonly label: string;
  measure(what: What, pace: string): Promise<string>;
}

type What = keyof AgentFigures;
type Figures = { readonly [F in Figure]?: number };
type Figure = { [W in What]: keyof AgentFigures[W] }[What];

const tutti: Contestant = { label: "tutti", measure: inNode("tutti-agents") };
const bare: Contestant = { label: "bare mailbox", measure: inNode("bare-agents") };
const erlang: Contestant = {
  label: "Erlang",
  measure: (what, pace) => printed("escript", ["bench/peers/erlang-agents.escript", what, pace]),
};

const whats: readonly What[] = ["calls", "heap", "restart", "mass", "gap"];

/** How each figure is shown, and whether more of it is better. */
const columns: Readonly<
  Record<Figure, { readonly heading: string; readonly digits: number; readonly isRate: boolean }>
> = {
  callsPerSecond: { heading: "timed calls/s", digits: 0, isRate: true },
  bytesPerAgent: { heading: "B an idle agent", digits: 0, isRate: false },
  medianUs: { heading: "restart µs, median", digits: 1, isRate: false },
  p99Us: { heading: "restart µs, p99", digits: 1, isRate: false },
  startMs: { heading: "start 100,000, ms", digits: 0, isRate: false },
  stopMs: { heading: "stop 100,000, ms", digits: 0, isRate: false },
  coldMs: { heading: "both, the first time, ms", digits: 0, isRate: false },
  worstGapMs: { heading: "worst timer gap, ms", digits: 1, isRate: false },
  ownGapMs: { heading: "  processor time of it, ms", digits: 1, isRate: false },
  messagesPerSecond: { heading: "own messages/s", digits: 0, isRate: true },
};
const figures = Object.keys(columns) as Figure[];

/** Every contestant and figure in a fresh process, in turns; medians over the rounds. */
export async function run({ quick }: BenchOptions): Promise<readonly Promised[]> {
  const hasErlang = isInstalled("escript");
  const contestants = hasErlang ? [tutti, bare, erlang] : [tutti, bare];
  const measured = await measureAll(contestants, quick ? 3 : 7, quick ? "quick" : "full");
  printMeasured(measured);
  if (!hasErlang) console.log("\nErlang is not on this machine (no escript): apt-get install erlang-base");
  const of = (figure: Figure): number => median(valuesOf(measured, tutti, figure));
  const massMs = (measured.get(tutti) ?? []).map(({ startMs = Number.NaN, stopMs = Number.NaN }) => startMs + stopMs);
  return [
    atLeast("timed calls per second from one client", of("callsPerSecond"), 1e6, "calls/s"),
    atMost("heap of an idle agent", of("bytesPerAgent"), 1024, "B"),
    atMost("from a crash until the new instance is up, median", of("medianUs"), 20, "µs"),
    atMost("100,000 supervised agents started and stopped", median(massMs), 500, "ms"),
    atMost("worst timer gap beside a mailbox that feeds itself", of("worstGapMs"), 10, "ms"),
  ];
}

type Measured = ReadonlyMap<Contestant, readonly Figures[]>;

function inNode(peer: string): Contestant["measure"] {
  const script = "bench/parts/measure-agents.ts";
  return (what, pace) => freshNode(["--conditions=tutti-source", "--expose-gc", script, peer, what, pace]);
}

async function measureAll(contestants: readonly Contestant[], rounds: number, pace: string): Promise<Measured> {
  const measured = new Map<Contestant, Figures[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; round++) {
    const found = new Map<Contestant, Figures>();
    for (const what of whats)
      for (const contestant of inOrder(contestants, round)) {
        const some = JSON.parse(await contestant.measure(what, pace)) as Figures;
        found.set(contestant, { ...found.get(contestant), ...some });
      }
    for (const [contestant, all] of found) measured.get(contestant)?.push(all);
  }
  return measured;
}

/** Erlang has no figure of its own thread. */
function valuesOf(measured: Measured, contestant: Contestant, figure: Figure): readonly number[] {
  return (measured.get(contestant) ?? []).flatMap((all) => all[figure] ?? []);
}

function shown(values: readonly number[], digits: number): string {
  return values.length === 0 ? "–" : spread(values, digits);
}

function printMeasured(measured: Measured): void {
  const contestants = [...measured.keys()];
  const peers = contestants.filter((contestant) => contestant !== tutti);
  console.log("median (least–most) over rounds; times: how many times better tutti is than the peer\n");
  const rows = figures.map((figure) => {
    const { heading, digits, isRate } = columns[figure];
    const ours = median(valuesOf(measured, tutti, figure));
    const ratios = peers.map((peer) => {
      const theirs = median(valuesOf(measured, peer, figure));
      if (Number.isNaN(theirs)) return "–";
      return (isRate ? ours / theirs : theirs / ours).toFixed(2);
    });
    return [heading, ...contestants.map((one) => shown(valuesOf(measured, one, figure), digits)), ...ratios];
  });
  printTable(["", ...contestants.map(({ label }) => label), ...peers.map(({ label }) => `times ${label}`)], rows);
  const [busy = 0] = loadavg();
  console.log(
    `\nthe machine: ${availableParallelism()} processors, ${busy.toFixed(1)} ready to run in the last minute`,
  );
}
