import { integerBelow, isPlainObject, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Machine, MachineInput, MachineStep, Outgoing } from "../protocols/machine.ts";
import { flag, literal, record, whole } from "./shape.ts";

/** Half of somebody's mass on its way. It stays with the sender's debts until it is acknowledged. */
type Transfer = { readonly sequence: number; readonly sum: number; readonly weight: number };

export type PushSumMessage =
  | {
      readonly kind: "half";
      /** When the sender's life began; a later one has forgotten what the earlier owed. */
      readonly life: number;
      readonly transfer: Transfer;
      /** Everything before this number has been acknowledged. */
      readonly oldest: number;
      readonly massLost: boolean;
    }
  | { readonly kind: "ack"; readonly life: number; readonly sequence: number };

export interface PushSumOptions {
  /** What each member brings. Finite. */
  readonly values: Readonly<Record<string, number>>;
  /** 100 milliseconds by default. */
  readonly roundMs?: number;
  /** Rounds until `estimated`. By default 2 · (⌈log₂ n⌉ + 20): an error of about 10⁻⁶ of the range without losses. */
  readonly rounds?: number;
}

/** What has come from one sender: everything up to `upTo`, and some numbers beyond. */
type Received = { readonly life: number; readonly upTo: number; readonly beyond: readonly number[] };

export type PushSumState = {
  readonly self: string;
  readonly members: readonly string[];
  readonly life: number;
  readonly round: number;
  readonly sum: number;
  readonly weight: number;
  readonly sent: Readonly<Record<string, number>>;
  readonly owed: Readonly<Record<string, readonly Transfer[]>>;
  readonly received: Readonly<Record<string, Received>>;
  /** Somebody has lost its memory: the estimates are of something else than the mean. */
  readonly massLost: boolean;
};

export type PushSumOutcome = {
  readonly type: "estimated";
  readonly round: number;
  /** `null` without any weight. */
  readonly estimate: number | null;
  readonly massLost: boolean;
};

const maxOwed = 4;

/**
 * The mean of all values by halves that go round (Kempe, Dobra and Gehrke 2003). Sum and weight are conserved over loss,
 * repetition and crashes from disk: each half is sent until it is acknowledged and counted once. A member that comes back
 * without memory is noticed, and the result is marked `massLost`. One liar can move the mean anywhere: this is for members
 * that may crash, not for such as lie (for those: a median of what `gossip` brings).
 */
export function pushSum(options: PushSumOptions): Machine<PushSumState, PushSumMessage, PushSumOutcome> {
  const { values, roundMs = 100, rounds } = options;
  for (const [member, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) throw new UsageError(`expected a finite value of ${member}, got ${value}`);
  }
  if (!(roundMs > 0 && Number.isFinite(roundMs)))
    throw new UsageError(`expected roundMs to be positive, got ${roundMs}`);
  if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0)) {
    throw new UsageError(`expected rounds to be a whole number from 1, got ${rounds}`);
  }
  const start = (self: string, members: readonly string[]): PushSumState => {
    const sum = Object.hasOwn(values, self) ? values[self] : undefined;
    if (sum === undefined || !members.includes(self))
      throw new UsageError(`expected ${self} to be a member with a value`);
    const none = { life: -1, round: 0, sent: {}, owed: {}, received: {}, massLost: false };
    return { self, members, sum, weight: 1, ...none };
  };
  return {
    name: "push_sum",
    start,
    step: (state, input, rng) =>
      stepPushSum({ roundMs, rounds: rounds ?? defaultRounds(state.members.length) }, { state, input, rng }),
    persistent: (state) => state,
    restart: (self, members, kept) =>
      isPlainObject(kept["owed"])
        ? (kept as unknown as PushSumState)
        : { ...start(self, members), sum: 0, weight: 0, massLost: true },
  };
}

/** What the member takes the mean for. */
export function estimateOf({ sum, weight }: Pick<PushSumState, "sum" | "weight">): number | null {
  return weight > 0 ? sum / weight : null;
}

/** All there is: what members have and what is on its way between them. Stays the same while `massLost` is false. */
export function massOf(states: readonly PushSumState[]): { readonly sum: number; readonly weight: number } {
  const byName = new Map(states.map((state) => [state.self, state]));
  const open = states.flatMap((state) =>
    Object.entries(state.owed).flatMap(([to, transfers]) =>
      transfers.filter(({ sequence }) => !hasReceived(byName.get(to)?.received[state.self], state.life, sequence)),
    ),
  );
  const add = (key: "sum" | "weight"): number => [...states, ...open].reduce((total, part) => total + part[key], 0);
  return { sum: add("sum"), weight: add("weight") };
}

interface Rules {
  readonly roundMs: number;
  readonly rounds: number;
}

interface PushSumStep {
  readonly state: PushSumState;
  readonly input: MachineInput<PushSumMessage>;
  readonly rng: Rng;
}

type Stepped = MachineStep<PushSumState, PushSumMessage, PushSumOutcome>;

function defaultRounds(members: number): number {
  return 2 * (Math.ceil(Math.log2(Math.max(1, members))) + 20);
}

function stepPushSum(rules: Rules, { state, input, rng }: PushSumStep): Stepped {
  switch (input.type) {
    case "begin": {
      const life = state.life < 0 ? input.at : state.life;
      return { state: { ...state, life }, timers: { round: rules.roundMs } };
    }
    case "timer":
      return input.timer === "round" ? nextRound(rules, state, rng) : { state };
    case "message":
      return onMessage(state, input);
    case "request":
      return { state };
  }
}

function nextRound(rules: Rules, before: PushSumState, rng: Rng): Stepped {
  const isOpen = before.round < rules.rounds;
  const state = isOpen ? giveHalf({ ...before, round: before.round + 1 }, rng) : before;
  const { round, massLost } = state;
  const out = Object.entries(state.owed).flatMap(([to, transfers]) => halves(state, to, transfers));
  const isLast = isOpen && round === rules.rounds;
  // Goes on after the last round while somebody has not acknowledged: the mass is theirs.
  const timers = round < rules.rounds || out.length > 0 ? { round: rules.roundMs } : {};
  if (!isLast) return { state, out, timers };
  return { state, out, timers, outcomes: [{ type: "estimated", round, estimate: estimateOf(state), massLost }] };
}

function halves(state: PushSumState, to: string, transfers: readonly Transfer[]): Outgoing<PushSumMessage>[] {
  const { life, massLost } = state;
  const oldest = transfers[0]?.sequence ?? 0;
  return transfers.map((transfer) => ({ to, message: { kind: "half", life, transfer, oldest, massLost } }));
}

/** Not to those who owe many acknowledgements: they may be away, and mass that is on its way estimates nothing. */
function giveHalf(state: PushSumState, rng: Rng): PushSumState {
  const { self, members, sum, weight, sent, owed } = state;
  const peers = members.filter((member) => member !== self && (owed[member]?.length ?? 0) < maxOwed);
  const to = peers[integerBelow(rng, Math.max(1, peers.length))];
  if (to === undefined || weight < 1e-200) return state;
  const sequence = (sent[to] ?? 0) + 1;
  const transfer = { sequence, sum: sum / 2, weight: weight / 2 };
  return {
    ...state,
    sum: sum / 2,
    weight: weight / 2,
    sent: { ...sent, [to]: sequence },
    owed: { ...owed, [to]: [...(owed[to] ?? []), transfer] },
  };
}

function onMessage(state: PushSumState, { from, message }: { readonly from: string; readonly message: Json }): Stepped {
  if (!isMessage(message) || from === state.self || !state.members.includes(from)) return { state };
  if (message.kind === "half") return receive(state, from, message);
  if (message.life !== state.life) return { state };
  const owed = (state.owed[from] ?? []).filter(({ sequence }) => sequence !== message.sequence);
  return { state: { ...state, owed: { ...state.owed, [from]: owed } } };
}

function receive(state: PushSumState, from: string, message: PushSumMessage & { readonly kind: "half" }): Stepped {
  const { life, transfer, oldest } = message;
  const { sequence } = transfer;
  const known = state.received[from];
  if (known !== undefined && life < known.life) return { state: { ...state, massLost: true } };
  const isReborn = known !== undefined && life > known.life;
  const before = known === undefined || isReborn ? { life, upTo: 0, beyond: [] } : known;
  const massLost = state.massLost || message.massLost || isReborn;
  const out: Outgoing<PushSumMessage>[] = [{ to: from, message: { kind: "ack", life, sequence } }];
  if (hasReceived(before, life, sequence)) return { state: { ...state, massLost }, out };
  const received = { ...state.received, [from]: withNumber(before, sequence, oldest) };
  const { sum, weight } = { sum: state.sum + transfer.sum, weight: state.weight + transfer.weight };
  return { state: { ...state, sum, weight, received, massLost }, out };
}

function withNumber({ life, upTo, beyond }: Received, sequence: number, oldest: number): Received {
  const rest = new Set([...beyond, sequence]);
  let last = Math.max(upTo, oldest - 1);
  while (rest.has(last + 1)) last += 1;
  return { life, upTo: last, beyond: [...rest].filter((number) => number > last) };
}

function hasReceived(received: Received | undefined, life: number, sequence: number): boolean {
  if (received === undefined || received.life !== life) return false;
  return sequence <= received.upTo || received.beyond.includes(sequence);
}

const finite = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const mass = (value: unknown): boolean => finite(value) && (value as number) >= 0;
const half = record({
  kind: literal("half"),
  life: finite,
  transfer: record({ sequence: whole, sum: finite, weight: mass }),
  oldest: whole,
  massLost: flag,
});
const ack = record({ kind: literal("ack"), life: finite, sequence: whole });

function isMessage(value: Json): value is PushSumMessage {
  return half(value) || ack(value);
}
