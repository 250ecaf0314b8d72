import { integerBelow, pick, seededRng } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import type { RaftMachine } from "#orchestration";

/** The shape of `raft` and `leaderElection`, whatever they tell each other. */
export interface AnyMachine<State, Outcome> {
  start(self: string, members: readonly string[]): State;
  step(state: State, input: never, rng: Rng): ReturnType<RaftMachine["step"]> | StepLike<State, Outcome>;
  persistent?(state: State): JsonObject;
  restart?(self: string, members: readonly string[], persisted: JsonObject): State;
}

interface StepLike<State, Outcome> {
  readonly state: State;
  readonly out?: readonly { readonly to: string; readonly message: Json }[];
  readonly timers?: Readonly<Record<string, number | null>>;
  readonly outcomes?: readonly Outcome[];
}

/** Everything that goes wrong in a run, and what is asked of whom: data, all of it drawn from one seed. */
export interface Schedule {
  readonly seed: number;
  readonly members: readonly string[];
  readonly dropped: number;
  readonly repeated: number;
  readonly maxDelayMs: number;
  /** By member: how fast its clock runs. */
  readonly clocks: readonly number[];
  readonly crashes: readonly { readonly at: number; readonly member: string; readonly forMs: number }[];
  readonly pauses: readonly { readonly at: number; readonly member: string; readonly forMs: number }[];
  /** From then on these links carry nothing, in this direction: "a>b". */
  readonly cuts: readonly { readonly at: number; readonly links: readonly string[] }[];
  readonly requests: readonly { readonly at: number; readonly member: string; readonly request: Json }[];
  /** When all faults end. */
  readonly healAt: number;
  readonly until: number;
}

export interface ScheduleOptions {
  readonly requests?: (rng: Rng, members: readonly string[]) => Schedule["requests"];
  readonly healAt?: number;
  readonly until?: number;
  readonly members?: readonly number[];
}

export function drawSchedule(seed: number, options: ScheduleOptions = {}): Schedule {
  const rng = seededRng(seed).fork("schedule");
  const { healAt = 1_500, until = 3_500, members: sizes = [3, 5] } = options;
  const members = Array.from({ length: pick(rng, sizes) }, (_, place) => `n${place}`);
  const links = members.flatMap((a) => members.filter((b) => b !== a).map((b) => `${a}>${b}`));
  const some = <T>(most: number, draw: () => T): T[] => Array.from({ length: integerBelow(rng, most + 1) }, draw);
  const outage = (): Schedule["crashes"][number] => ({
    at: rng.next() * healAt,
    member: pick(rng, members),
    forMs: rng.next() ** 2 * 500,
  });
  return {
    seed,
    members,
    dropped: rng.next() ** 2 * 0.4,
    repeated: rng.next() ** 2 * 0.4,
    maxDelayMs: 2 + rng.next() ** 2 * 60,
    clocks: members.map(() => 0.9 + rng.next() * 0.2),
    crashes: some(5, outage),
    pauses: some(2, outage),
    cuts: some(4, () => {
      const part = rng.next() * 0.6;
      return { at: rng.next() * healAt, links: links.filter(() => rng.next() < part) };
    }),
    requests: options.requests?.(rng, members) ?? [],
    healAt,
    until,
  };
}

export interface PlayOptions<State> {
  /** After every step: what is wrong, or nothing. */
  readonly check?: (states: readonly State[], at: number) => string | undefined;
  /** A crash of a member right after a step, and back at once. */
  readonly crashAfter?: (before: State, after: State, rng: Rng) => boolean;
}

export interface Played<State, Outcome> {
  readonly states: readonly State[];
  readonly outcomes: readonly { readonly at: number; readonly member: string; readonly outcome: Outcome }[];
  /** The requests that reached a member that was up. */
  readonly asked: readonly { readonly at: number; readonly member: string; readonly request: Json }[];
  readonly messages: number;
  /** The first thing that a check found wrong. */
  readonly violation?: string;
}

interface Node<State> {
  readonly rng: Rng;
  readonly clock: number;
  state: State;
  disk: JsonObject;
  isUp: boolean;
  /** How often it has crashed. */
  life: number;
}

interface Due {
  readonly at: number;
  readonly act: () => void;
}

/** Plays a machine against a schedule, in no time. The same schedule gives the same run. */
export function play<State, Outcome>(
  machine: AnyMachine<State, Outcome>,
  schedule: Schedule,
  options: PlayOptions<State> = {},
): Played<State, Outcome> {
  const { members, seed, healAt } = schedule;
  const net = seededRng(seed).fork("network");
  const nodes = new Map<string, Node<State>>();
  for (const [place, member] of members.entries()) {
    const [rng, clock, state] = [net.fork(member), schedule.clocks[place] ?? 1, machine.start(member, members)];
    nodes.set(member, { rng, clock, state, disk: {}, isUp: true, life: 0 });
  }
  const timers = new Map<string, number>();
  const due: Due[] = [];
  const outcomes: Played<State, Outcome>["outcomes"][number][] = [];
  const asked: Played<State, Outcome>["asked"][number][] = [];
  let [now, messages, violation, cut] = [0, 0, undefined as string | undefined, new Set<string>()];

  const plan = (at: number, act: () => void): void => {
    due.splice(due.findLastIndex((other) => other.at <= at) + 1, 0, { at, act });
  };
  const pausedUntil = (member: string): number =>
    Math.max(0, ...schedule.pauses.filter((p) => p.member === member && p.at <= now).map((p) => p.at + p.forMs));
  const carry = (from: string, to: string, message: Json): void => {
    messages++;
    const copies = net.next() < schedule.repeated ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const ms = 1 + net.next() * schedule.maxDelayMs;
      if (now < healAt && (net.next() < schedule.dropped || cut.has(`${from}>${to}`))) continue;
      const text = JSON.stringify(message);
      plan(now + ms, () => give(to, { type: "message", from, message: JSON.parse(text) as Json }));
    }
  };
  const give = (member: string, input: JsonObject): void => {
    const node = nodes.get(member);
    if (node === undefined || !node.isUp) return;
    const awake = Math.min(pausedUntil(member), healAt);
    const { life } = node;
    if (awake > now) return plan(awake, () => node.life === life && give(member, input));
    if (input["type"] === "request") asked.push({ at: now, member, request: input["request"] ?? null });
    const before = node.state;
    const step = machine.step(before, { ...input, at: now * node.clock } as never, node.rng) as StepLike<
      State,
      Outcome
    >;
    node.state = step.state;
    node.disk = JSON.parse(JSON.stringify(machine.persistent?.(step.state) ?? {})) as JsonObject;
    for (const [name, ms] of Object.entries(step.timers ?? {})) {
      const key = `${member} ${name}`;
      const mine = (timers.get(key) ?? 0) + 1;
      timers.set(key, mine);
      const ring = (): void => {
        if (node.life === life && timers.get(key) === mine) give(member, { type: "timer", timer: name });
      };
      if (ms !== null) plan(now + ms / node.clock, ring);
    }
    for (const { to, message } of step.out ?? []) carry(member, to, message);
    for (const outcome of step.outcomes ?? []) outcomes.push({ at: now, member, outcome });
    violation ??= options.check?.(
      [...nodes.values()].map(({ state }) => state),
      now,
    );
    if (now < healAt && options.crashAfter?.(before, step.state, net) === true) outage(member, 1);
  };
  const outage = (member: string, forMs: number): void => {
    const node = nodes.get(member);
    if (node === undefined || !node.isUp) return;
    node.isUp = false;
    node.life++;
    plan(Math.min(healAt, now + forMs), () => {
      node.isUp = true;
      node.state = machine.restart?.(member, members, node.disk) ?? machine.start(member, members);
      give(member, { type: "begin" });
    });
  };
  for (const member of members) plan(0, () => give(member, { type: "begin" }));
  for (const { at, member, request } of schedule.requests) plan(at, () => give(member, { type: "request", request }));
  for (const { at, member, forMs } of schedule.crashes) plan(at, () => outage(member, forMs));
  for (const { at, links } of schedule.cuts) plan(at, () => (cut = new Set(links)));
  for (let next = due.shift(); next !== undefined && next.at <= schedule.until; next = due.shift()) {
    now = next.at;
    next.act();
    if (violation !== undefined) break;
  }
  const states = [...nodes.values()].map(({ state }) => state);
  return { states, outcomes, asked, messages, ...(violation !== undefined && { violation }) };
}

/** Leaves out of a schedule what it fails without, one thing after the other. */
export function minimised(schedule: Schedule, fails: (schedule: Schedule) => boolean): Schedule {
  let least = schedule;
  for (const part of ["cuts", "crashes", "pauses", "requests"] as const) {
    for (let place = least[part].length - 1; place >= 0; place--) {
      const smaller = { ...least, [part]: least[part].filter((_, index) => index !== place) };
      if (fails(smaller)) least = smaller;
    }
  }
  return least;
}
