/**
 * The child process of `bench/soak.ts`: ten thousand agents under load, crashes, swaps and worker kills. Prints one line
 * of JSON. Argument: the seconds of the soak, after a tenth of it, at least two, to warm up.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { integerBelow, seededRng } from "#foundation";
import type { Rng } from "#foundation";
import {
  AgentError,
  agentModule,
  AgentRuntime,
  DynamicSupervisor,
  hostedChild,
  Supervisor,
  swap,
  workerHost,
} from "#foundation/agents";
import type { AgentHost, Child, ChildSpec, Ref } from "#foundation/agents";
import { callTimeoutMs, soakedVersion } from "./soaked-agent.ts";
import type { SoakMessage, soakedInWorker } from "./soaked-agent.ts";

export interface SoakReport {
  readonly calls: number;
  /** By their kind: `answered`, a code of `AgentError`, `aborted`; `wrong` is another call's answer. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly swaps: Readonly<Record<string, number>>;
  readonly workerKills: number;
  readonly orphans: number;
  readonly agents: { readonly expected: number; readonly alive: number };
  readonly heap: { readonly startBytes: number; readonly endBytes: number };
  /** Timers, ports and other things that Node's event loop waits for. */
  readonly handles: { readonly start: number; readonly end: number };
}

const supervisorCount = 20;
const inlineAgents = 10_000;
const workers = 2;
const agentsPerWorker = 25;
const clients = 200;
const swapEveryMs = 10;
const killEveryMs = 1000;
const flags = { intensity: 1_000_000, periodMs: 1000 };

const seconds = Number(process.argv[2] ?? 10);
const rng = seededRng(7);
const runtime = new AgentRuntime();
const slots: Ref<SoakMessage>[] = [];
const tally = { calls: 0, restarts: 0, workerKills: 0, outcomes: counter(), swaps: counter() };

/** An address stays where it is as long as it leads to somebody: a swap's new version starts beside the old one. */
function up(slot: number, self: Ref<SoakMessage>): void {
  if (slots[slot]?.isAlive !== true) slots[slot] = self;
}

runtime.events.subscribe((event) => {
  if (event.type === "child_restarted") tally.restarts++;
});

const overlapping = soakedVersion(2, up);
const migrating = { ...soakedVersion(3, up), migrate: (before: unknown) => before as number };
const supervisors = await startInlineAgents();
const hosts = Array.from({ length: workers }, () => workerHost({ runtime }));
const workerSupervisors = await startHostedAgents(hosts);

await soak(Math.max(2, seconds / 10));
const start = { bytes: await liveBytes(), handles: process.getActiveResourcesInfo().length };
resetTally();
await soak(seconds);
const end = { bytes: await liveBytes(), handles: process.getActiveResourcesInfo().length };

const report: SoakReport = {
  calls: tally.calls,
  outcomes: Object.fromEntries(tally.outcomes),
  restarts: tally.restarts,
  swaps: Object.fromEntries(tally.swaps),
  workerKills: tally.workerKills,
  orphans: runtime.orphans,
  agents: { expected: inlineAgents + workers * agentsPerWorker, alive: await countAlive() },
  heap: { startBytes: start.bytes, endBytes: end.bytes },
  handles: { start: start.handles, end: end.handles },
};
console.log(JSON.stringify(report));
process.exit();

async function startInlineAgents(): Promise<readonly DynamicSupervisor<number>[]> {
  const definition = soakedVersion(1, up);
  const template: ChildSpec<number> = {
    id: "soaked",
    start: async ({ runtime: own, signal }, slot) => {
      const ref = await own.start(definition, slot, { signal });
      return { child: ref?.cell as Child, info: ref };
    },
  };
  const all = Array.from({ length: supervisorCount }, () => new DynamicSupervisor({ ...flags, template }, { runtime }));
  for (let slot = 0; slot < inlineAgents; slot++) await all[slot % supervisorCount]?.startChild(slot);
  return all;
}

/** One supervisor a worker: a kill takes all its agents along, and all come back. */
function startHostedAgents(places: readonly AgentHost[]) {
  const module = agentModule<typeof soakedInWorker>(new URL("./soaked-agent.ts", import.meta.url), "soakedInWorker");
  return Promise.all(
    places.map((host, place) => {
      const children = Array.from({ length: agentsPerWorker }, (_, index) => {
        const slot = inlineAgents + place * agentsPerWorker + index;
        return entering(slot, hostedChild(`hosted ${slot}`, module, slot, { host }));
      });
      return Supervisor.start({ ...flags, children }, { runtime });
    }),
  );
}

/** The child, whose address is entered at every start. */
function entering(slot: number, spec: ChildSpec): ChildSpec {
  return {
    ...spec,
    start: async (context, argument) => {
      const started = await spec.start(context, argument);
      if ("info" in started) up(slot, started.info as Ref<SoakMessage>);
      return started;
    },
  };
}

/** Load and disasters for so many seconds; then waits until every call must have its outcome and all agents are back. */
async function soak(forSeconds: number): Promise<void> {
  const over = AbortSignal.timeout(forSeconds * 1000);
  const until = async (work: () => Promise<void>): Promise<void> => {
    while (!over.aborted) await work();
  };
  const all = [
    ...Array.from({ length: clients }, (_, client) => rng.fork(`client ${client}`)).map((own) =>
      until(() => callOne(own)),
    ),
    until(() => swapOne(rng)),
    until(() => killWorker(rng)),
  ];
  // A call without an outcome must not keep us: it is missing in the count.
  await Promise.race([Promise.all(all), setTimeout(forSeconds * 1000 + 10_000, undefined, { ref: false })]);
  await setTimeout(4 * callTimeoutMs);
}

async function callOne(own: Rng): Promise<void> {
  const ref = slots[integerBelow(own, slots.length)];
  if (ref === undefined) return;
  const id = tally.calls++;
  const message = messageWith(id, own.next());
  const isGivenUp = message.ask === "later" && own.next() < 0.3;
  const given = isGivenUp ? new AbortController() : undefined;
  const call = ref.call<number>(message, { timeoutMs: callTimeoutMs, signal: given?.signal });
  given?.abort();
  const outcome = await call.then((answer) => (answer === id ? "answered" : "wrong"), kindOf);
  count(tally.outcomes, outcome);
  // Nobody home: the restart is under way, in a later turn.
  if (outcome === "noproc") await setImmediate();
}

function messageWith(id: number, chance: number): SoakMessage {
  if (chance < 0.0005) return { id, ask: "crash" };
  if (chance < 0.0006) return { id, ask: "late" };
  if (chance < 0.0007) return { id, ask: "mute" };
  return { id, ask: chance < 0.01 ? "later" : "echo" };
}

function kindOf(error: unknown): string {
  if (error instanceof AgentError) return error.code;
  return error instanceof Error && error.name === "AbortError" ? "aborted" : `unexpected ${String(error)}`;
}

/** Half of the swaps take the state along, some fail their check. */
async function swapOne(own: Rng): Promise<void> {
  const slot = integerBelow(own, inlineAgents);
  const ref = slots[slot];
  if (ref === undefined) return;
  const isUnfit = own.next() < 0.1;
  const check = (): void => {
    if (isUnfit) throw new Error("unfit");
  };
  const next = own.next() < 0.5 ? overlapping : migrating;
  const result = await swap(ref, next, { argument: slot, check });
  count(tally.swaps, result.ok ? "done" : `failed at ${result.step}`);
  await setTimeout(swapEveryMs);
}

async function killWorker(own: Rng): Promise<void> {
  await setTimeout(killEveryMs);
  await hosts[integerBelow(own, hosts.length)]?.terminate();
  tally.workerKills++;
}

async function countAlive(): Promise<number> {
  const present = [...supervisors, ...workerSupervisors].filter((one) => one !== undefined);
  const counts = await Promise.all(present.map((one) => one.countChildren()));
  return counts.reduce((sum, { active }) => sum + active, 0);
}

async function liveBytes(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await setTimeout(20);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

function counter(): Map<string, number> {
  return new Map();
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function resetTally(): void {
  tally.calls = tally.restarts = tally.workerKills = 0;
  tally.outcomes.clear();
  tally.swaps.clear();
}
