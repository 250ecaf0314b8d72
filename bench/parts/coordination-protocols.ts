import { seededRng } from "#foundation";
import type { Json, Rng } from "#foundation";
import { blockchain, drawnKeys, gossip, hmacSeal, leaderElection, pbft, pushSum, raft } from "#orchestration";
import type { ChainOutcome, ElectionOutcome, GossipOutcome, Machine, PbftOutcome } from "#orchestration";
import { describeFailure, raftInvariants, searchSchedules, simulate } from "#testing";
import type { Invariant, ScheduledRequest, ScheduleOptions, SimulationView } from "#testing";

/** What a protocol costs with so many members, where nothing goes wrong. */
export interface ProtocolCost {
  readonly decisions: number;
  readonly seconds: number;
  readonly messages: number;
}

export interface SchedulesHeld {
  readonly schedules: number;
  readonly steps: number;
  /** What broke, its seed and its least schedule. */
  readonly failure: string | undefined;
}

export interface MeasuredProtocol {
  readonly name: string;
  /** In words: what counts as one decision. */
  readonly decision: string;
  readonly cost: (members: number, decisions: number) => ProtocolCost;
  /** Its safety on random schedules of faults. */
  readonly holds: (schedules: number, seed: string) => SchedulesHeld;
}

interface ProtocolCase<State, Message extends Json, Outcome> {
  readonly decision: string;
  machine(members: readonly string[]): Machine<State, Message, Outcome>;
  /** What the client of a decision asks; nothing when members come to it by themselves. */
  readonly request?: (place: number) => Json;
  readonly isPart: (outcome: Outcome) => boolean;
  /** Whether a decision is made when all members have come to it, not one. */
  readonly isOfAll: boolean;
  readonly invariants: () => Readonly<Record<string, Invariant<State, Message, Outcome>>>;
  readonly draw?: ScheduleOptions;
}

const spacingMs = 50;
/** Behind the first election. */
const settledMs = 2_000;
const maxSteps = 5_000_000;

function measured<State, Message extends Json, Outcome>(
  told: ProtocolCase<State, Message, Outcome>,
): Omit<MeasuredProtocol, "name"> {
  return { decision: told.decision, cost: (count, decisions) => costOf(told, count, decisions), holds };

  function holds(schedules: number, seed: string): SchedulesHeld {
    const members = membersOf(5);
    const requests = (rng: Rng): readonly ScheduledRequest[] =>
      Array.from({ length: told.request === undefined ? 0 : 6 }, (_, place) => ({
        atMs: Math.floor(rng.next() * 2_000),
        member: members[Math.floor(rng.next() * members.length)] ?? "m0",
        request: told.request?.(place) ?? null,
      }));
    const options = { machine: told.machine(members), members, invariants: told.invariants };
    const draw = { requests, ...told.draw };
    const found = searchSchedules({ ...options, draw, seed, schedules, untilMs: 6_000, maxSteps: 4_000 });
    return { ...found, failure: found.failure && describeFailure(found.failure) };
  }
}

/**
 * Runs on, by a new seed each, until so many decisions have come about. What members do before the first request (elections,
 * say) is not counted.
 */
function costOf<State, Message extends Json, Outcome>(
  told: ProtocolCase<State, Message, Outcome>,
  count: number,
  decisions: number,
): ProtocolCost {
  const members = membersOf(count);
  const machine = told.machine(members);
  const perRun = told.request === undefined ? 1 : decisions;
  const fromMs = told.request === undefined ? 0 : settledMs;
  let [seconds, messages, reached] = [0, 0, 0];
  for (let run = 0; reached < decisions; run++) {
    const requests = Array.from({ length: told.request === undefined ? 0 : perRun }, (_, place) => ({
      atMs: fromMs + place * spacingMs,
      member: members[place % count] ?? "m0",
      request: told.request?.(place) ?? null,
    }));
    const isDone = counted(told, perRun * (told.isOfAll ? count : 1));
    let begun: number | undefined;
    const result = simulate(
      { seed: `cost/${run}`, requests, faults: [] },
      {
        machine,
        members,
        linkTime: { minMs: 1, maxMs: 2 },
        maxSteps,
        liveness: { isDone, withinSteps: maxSteps },
        invariants: () => ({
          clock: ({ last }) => {
            if (last.atMs >= fromMs) begun ??= performance.now();
            return undefined;
          },
        }),
      },
    );
    if (!result.isDone) throw new Error(`${machine.name} with ${count} members did not come to ${perRun} decisions`);
    seconds += (performance.now() - (begun ?? Number.NaN)) / 1000;
    messages += result.trace.reduce((sum, { atMs, sent }) => (atMs < fromMs ? sum : sum + sent.length), 0);
    reached += perRun;
  }
  return { decisions: reached, seconds, messages };
}

/** Looks at every outcome once. */
function counted<State, Message extends Json, Outcome>(
  { isPart }: ProtocolCase<State, Message, Outcome>,
  wanted: number,
): (view: SimulationView<State, Message, Outcome>) => boolean {
  let [seen, parts] = [0, 0];
  return ({ outcomes }) => {
    for (; seen < outcomes.length; seen++) {
      const next = outcomes[seen];
      if (next !== undefined && isPart(next.outcome)) parts++;
    }
    return parts >= wanted;
  };
}

/** The same key never comes with two values, whoever says it. */
function oneValue<State, Message extends Json, Outcome>(
  entryOf: (outcome: Outcome) => readonly [key: string, value: string] | undefined,
): Invariant<State, Message, Outcome> {
  const values = new Map<string, string>();
  return ({ last }) => {
    for (const outcome of last.outcomes) {
      const [key, value] = entryOf(outcome) ?? [];
      if (key === undefined || value === undefined) continue;
      const before = values.get(key) ?? value;
      if (before !== value) return `${key} is ${before} and ${value}`;
      values.set(key, value);
    }
    return undefined;
  };
}

function membersOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => `m${place}`);
}

function sealOf(members: readonly string[]): ReturnType<typeof hmacSeal> {
  return hmacSeal(drawnKeys(members, seededRng("keys")));
}

const raftProtocol = measured({
  decision: "a write, answered",
  machine: () => raft({ initial: 0, apply: (value, command) => ({ value: command, result: value }) }),
  request: (place) => ({ type: "write", session: `client ${place}`, seq: 1, command: place }),
  isPart: ({ type }) => type === "answered",
  isOfAll: false,
  invariants: raftInvariants,
});

const electionProtocol = measured({
  decision: "a leader",
  machine: () => leaderElection(),
  isPart: ({ type }) => type === "elected",
  isOfAll: false,
  invariants: () => ({
    "one leader in an epoch": oneValue((outcome: ElectionOutcome) => [
      `the leader of epoch ${outcome.epoch}`,
      outcome.leader,
    ]),
  }),
});

const pbftProtocol = measured({
  decision: "a request, answered",
  machine: (members) => pbft({ seal: sealOf(members) }),
  request: (place) => place,
  isPart: ({ type }) => type === "replied",
  isOfAll: false,
  invariants: () => ({
    "one request at one number": oneValue((outcome: PbftOutcome) =>
      outcome.type === "executed" ? [`number ${outcome.sequence}`, outcome.digest] : undefined,
    ),
  }),
  draw: { liars: { count: 1, behaviours: ["mute", "equivocate", "replay", "forge", "corrupt", "selective"] } },
});

const chainProtocol = measured({
  decision: "a wish, in the chain",
  machine: (members) => blockchain({ seal: sealOf(members) }),
  request: (place) => place,
  isPart: ({ type }) => type === "included",
  isOfAll: false,
  invariants: () => ({
    "one block at one height": oneValue((outcome: ChainOutcome) =>
      outcome.type === "final" ? [`height ${outcome.height}`, outcome.hash] : undefined,
    ),
  }),
  draw: { liars: { count: 1, behaviours: ["mute", "equivocate", "replay", "forge", "corrupt", "selective"] } },
});

const gossipProtocol = measured({
  decision: "a rumour, at all members",
  machine: (members) => gossip({ seal: sealOf(members) }),
  request: (place) => place,
  isPart: ({ type }) => type === "delivered",
  isOfAll: true,
  invariants: () => ({
    "one payload of one id": oneValue((outcome: GossipOutcome) =>
      outcome.type === "delivered" ? [outcome.item.id, JSON.stringify(outcome.item.payload)] : undefined,
    ),
  }),
});

const pushSumProtocol = measured({
  decision: "a mean, at all members",
  machine: (members) => pushSum({ values: Object.fromEntries(members.map((member, place) => [member, place])) }),
  isPart: ({ type }) => type === "estimated",
  isOfAll: true,
  invariants: () => ({
    "estimates are among the values": ({ last }) => {
      const odd = last.outcomes.find(
        ({ estimate }) => estimate !== null && !(estimate >= -1e-9 && estimate <= 4 + 1e-9),
      );
      return odd && `an estimate of ${odd.estimate}`;
    },
  }),
});

export const coordinationProtocols: readonly MeasuredProtocol[] = [
  { name: "raft", ...raftProtocol },
  { name: "leader_election", ...electionProtocol },
  { name: "pbft", ...pbftProtocol },
  { name: "blockchain", ...chainProtocol },
  { name: "gossip", ...gossipProtocol },
  { name: "push_sum", ...pushSumProtocol },
];
