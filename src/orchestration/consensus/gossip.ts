import { canonicalJson, isPlainObject, sampleItems, UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Machine, MachineInput, MachineStep, Outgoing } from "../protocols/machine.ts";
import type { Seal } from "./seal.ts";
import { anything, list, literal, record, text } from "./shape.ts";

/** One thing that somebody told. Its id names who and when: nobody else gives it. */
export type GossipItem = {
  readonly id: string;
  readonly origin: string;
  readonly payload: Json;
  /** Of the origin, over the other three; empty without a seal. */
  readonly sig: string;
};

export type GossipItems = Readonly<Record<string, GossipItem>>;

export type GossipMessage =
  /** What is new, and the ids of all that is known. */
  | { readonly kind: "push"; readonly items: readonly GossipItem[]; readonly ids: readonly string[] }
  /** What the sender of a push lacks. */
  | { readonly kind: "pull"; readonly items: readonly GossipItem[] };

export interface GossipOptions {
  /** How many others one tells in a round. 3 by default. */
  readonly fanout?: number;
  /** 100 milliseconds by default. */
  readonly roundMs?: number;
  /** Rounds after which it is `settled` and tells no more of itself. Without end by default: then all get everything. */
  readonly rounds?: number;
  /** Signs items, so that nobody can speak for another. Without it members are trusted not to invent. */
  readonly seal?: Seal;
}

export type GossipState = {
  readonly self: string;
  readonly members: readonly string[];
  /** When this life began: ids of two lives differ. */
  readonly since: number;
  readonly told: number;
  readonly round: number;
  readonly items: GossipItems;
  /** In which round each item came; it is sent along while it is young. */
  readonly came: Readonly<Record<string, number>>;
};

export type GossipOutcome =
  | { readonly type: "delivered"; readonly item: GossipItem }
  | { readonly type: "settled"; readonly round: number; readonly items: GossipItems };

/**
 * Epidemic gossip, push and pull (Demers and others 1987): every round each member tells some others what is new and which
 * ids it knows; they answer with what it lacks. Nobody decides: it brings everything to everyone, at most once each, as
 * long as the network heals. After ⌈log₂ n⌉ + 4 rounds with a fanout of 3 all are the same with high probability.
 */
export function gossip(options: GossipOptions = {}): Machine<GossipState, GossipMessage, GossipOutcome> {
  const rules = { fanout: 3, roundMs: 100, ...options };
  if (!Number.isSafeInteger(rules.fanout) || rules.fanout < 1) {
    throw new UsageError(`expected fanout to be a whole number from 1, got ${rules.fanout}`);
  }
  if (!(rules.roundMs > 0 && Number.isFinite(rules.roundMs))) {
    throw new UsageError(`expected roundMs to be positive, got ${rules.roundMs}`);
  }
  if (rules.rounds !== undefined && !(Number.isSafeInteger(rules.rounds) && rules.rounds > 0)) {
    throw new UsageError(`expected rounds to be a whole number from 1, got ${rules.rounds}`);
  }
  const start = (self: string, members: readonly string[]): GossipState => {
    if (!members.includes(self)) throw new UsageError(`expected ${self} among the members ${members.join(", ")}`);
    return { self, members, since: -1, told: 0, round: 0, items: {}, came: {} };
  };
  return {
    name: "gossip",
    start,
    step: (state, input, rng) => stepGossip(rules, { state, input, rng }),
    persistent: (state) => state,
    restart: (self, members, kept) =>
      isPlainObject(kept["items"]) ? (kept as unknown as GossipState) : start(self, members),
  };
}

/** Both together: a join, so that order and repetition make no difference. Of two with one id the one first in text. */
export function mergeGossip(a: GossipItems, b: GossipItems): GossipItems {
  const merged: Record<string, GossipItem> = { ...a };
  for (const item of Object.values(b)) {
    const known = merged[item.id];
    if (known === undefined || canonicalJson(item) < canonicalJson(known)) merged[item.id] = item;
  }
  return merged;
}

/** ⌈log₂ n⌉ + 4: rounds after which members are the same with high probability. */
export function gossipRounds(members: number): number {
  return Math.ceil(Math.log2(Math.max(1, members))) + 4;
}

type Rules = GossipOptions & { readonly fanout: number; readonly roundMs: number };

interface GossipStep {
  readonly state: GossipState;
  readonly input: MachineInput<GossipMessage>;
  readonly rng: Rng;
}

type Stepped = MachineStep<GossipState, GossipMessage, GossipOutcome>;

function stepGossip(rules: Rules, { state, input, rng }: GossipStep): Stepped {
  switch (input.type) {
    case "begin": {
      const since = state.since < 0 ? input.at : state.since;
      return { state: { ...state, since }, timers: isOver(rules, state) ? {} : { round: rules.roundMs } };
    }
    case "request":
      return tell(rules, state, input.request);
    case "timer":
      return input.timer === "round" && !isOver(rules, state) ? nextRound(rules, state, rng) : { state };
    case "message":
      return onMessage(rules, state, input);
  }
}

function isOver({ rounds }: Rules, { round }: GossipState): boolean {
  return rounds !== undefined && round >= rounds;
}

function tell(rules: Rules, state: GossipState, payload: Json): Stepped {
  const { self, since, told } = state;
  const body = { id: `${self}/${since}/${told + 1}`, origin: self, payload };
  const sig = rules.seal?.sign(self, canonicalJson(body)) ?? "";
  return learn(rules, { ...state, told: told + 1 }, [{ ...body, sig }]);
}

function nextRound(rules: Rules, before: GossipState, rng: Rng): Stepped {
  const state = { ...before, round: before.round + 1 };
  const { self, members, items, came, round } = state;
  const young = gossipRounds(members.length);
  const fresh = Object.values(items).filter(({ id }) => round - (came[id] ?? 0) <= young);
  const message: GossipMessage = { kind: "push", items: fresh, ids: Object.keys(items).toSorted() };
  const others = members.filter((member) => member !== self);
  const out = sampleItems(rng, others, rules.fanout).map((to) => ({ to, message }));
  if (!isOver(rules, state)) return { state, out, timers: { round: rules.roundMs } };
  return { state, out, outcomes: [{ type: "settled", round, items }] };
}

function learn(rules: Rules, state: GossipState, given: readonly GossipItem[]): Stepped {
  const isNew = (item: GossipItem): boolean => state.items[item.id] === undefined && isTrue(rules, state, item);
  const fresh = [...new Map(given.filter(isNew).map((item) => [item.id, item])).values()];
  if (fresh.length === 0) return { state };
  const byId = Object.fromEntries(fresh.map((item) => [item.id, item]));
  const came = Object.fromEntries(fresh.map(({ id }) => [id, state.round]));
  return {
    state: { ...state, items: mergeGossip(state.items, byId), came: { ...state.came, ...came } },
    outcomes: fresh.map((item) => ({ type: "delivered", item })),
  };
}

function isTrue({ seal }: Rules, { members }: GossipState, { sig, ...body }: GossipItem): boolean {
  if (!members.includes(body.origin) || !body.id.startsWith(`${body.origin}/`)) return false;
  return seal === undefined || seal.verify(body.origin, canonicalJson(body), sig);
}

function onMessage(
  rules: Rules,
  state: GossipState,
  { from, message: sent }: { readonly from: string; readonly message: Json },
): Stepped {
  if (!isMessage(sent) || from === state.self || !state.members.includes(from)) return { state };
  const step = learn(rules, state, sent.items);
  const answer = answerTo(sent, step.state);
  const out: Outgoing<GossipMessage>[] = answer === undefined ? [] : [{ to: from, message: answer }];
  return { ...step, out };
}

function answerTo(message: GossipMessage, { items }: GossipState): GossipMessage | undefined {
  if (message.kind === "pull") return undefined;
  const theirs = new Set(message.ids);
  const lacking = Object.values(items).filter(({ id }) => !theirs.has(id));
  return lacking.length === 0 ? undefined : { kind: "pull", items: lacking };
}

const items = list(record({ id: text, origin: text, payload: anything, sig: text }));
const shapes = {
  push: record({ kind: literal("push"), items, ids: list(text) }),
  pull: record({ kind: literal("pull"), items }),
};

function isMessage(value: Json): value is GossipMessage {
  return Object.values(shapes).some((shape) => shape(value));
}
