import { integerBelow, pick } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Machine, MachineStep } from "#orchestration";
import type { ByzantineBehaviour } from "./fault.ts";

/** What a liar makes of a message to one member. */
export type Lie<Message extends Json> = (message: Message, context: LieContext) => Message;

export interface LieContext {
  readonly self: string;
  readonly to: string;
  readonly members: readonly string[];
  readonly rng: Rng;
}

export interface ByzantineOptions<Message extends Json> {
  readonly behaviours: readonly ByzantineBehaviour[];
  /** By default one leaf of the message's JSON is another one: a protocol's own lie is the stronger test. */
  readonly lie?: Lie<Message> | undefined;
}

export interface ByzantineState<State, Message> {
  readonly inner: State;
  readonly self: string;
  readonly members: readonly string[];
  /** The last messages that it sent or was sent, for replay. */
  readonly seen: readonly Message[];
}

/** A message that says it comes from somebody else: simulations carry it as that only for liars. */
export interface ForgedOutgoing<Message> {
  readonly to: string;
  readonly message: Message;
  readonly from?: string;
}

export interface ByzantineStep<State, Message extends Json, Outcome> extends MachineStep<State, Message, Outcome> {
  readonly out?: readonly ForgedOutgoing<Message>[];
}

export interface ByzantineMachine<State, Message extends Json, Outcome> extends Machine<State, Message, Outcome> {
  step(...parameters: Parameters<Machine<State, Message, Outcome>["step"]>): ByzantineStep<State, Message, Outcome>;
}

const keptMessages = 32;

/**
 * A member that runs the protocol and lies about it: `mute` sends nothing, `selective` nothing to half of the members,
 * `equivocate` tells half of them something else, `corrupt` tells lies half of the time, `replay` sends old messages
 * besides, `forge` sends in another member's name.
 */
export function byzantine<State, Message extends Json, Outcome>(
  machine: Machine<State, Message, Outcome>,
  { behaviours, lie = changeLeaf }: ByzantineOptions<Message>,
): ByzantineMachine<ByzantineState<State, Message>, Message, Outcome> {
  return {
    name: `byzantine_${machine.name}`,
    start: (self, members) => ({ inner: machine.start(self, members), self, members, seen: [] }),
    step(state, input, rng) {
      const { self, members } = state;
      const step = machine.step(state.inner, input, rng);
      let out: readonly ForgedOutgoing<Message>[] = step.out ?? [];
      const heard = input.type === "message" ? [input.message] : [];
      const seen = [...state.seen, ...heard, ...out.map(({ message }) => message)].slice(-keptMessages);
      const tell = lieOf(lie, self, members, rng);
      for (const behaviour of behaviours) out = misbehave(behaviour, out, { self, members, seen, rng, tell });
      return { ...step, state: { inner: step.state, self, members, seen }, out };
    },
  };
}

type Told<Message extends Json> = (outgoing: ForgedOutgoing<Message>) => ForgedOutgoing<Message>;

interface Liar<Message extends Json> {
  readonly self: string;
  readonly members: readonly string[];
  readonly seen: readonly Message[];
  readonly rng: Rng;
  readonly tell: Told<Message>;
}

function lieOf<Message extends Json>(
  lie: Lie<Message>,
  self: string,
  members: readonly string[],
  rng: Rng,
): Told<Message> {
  return (outgoing) => ({ ...outgoing, message: lie(outgoing.message, { self, to: outgoing.to, members, rng }) });
}

function misbehave<Message extends Json>(
  behaviour: ByzantineBehaviour,
  out: readonly ForgedOutgoing<Message>[],
  { self, members, seen, rng, tell }: Liar<Message>,
): readonly ForgedOutgoing<Message>[] {
  const others = members.filter((member) => member !== self);
  const isOfFirstHalf = (to: string): boolean => members.indexOf(to) < members.length / 2;
  switch (behaviour) {
    case "mute":
      return [];
    case "selective":
      return out.filter(({ to }) => isOfFirstHalf(to));
    case "equivocate":
      return out.map((outgoing) => (isOfFirstHalf(outgoing.to) ? outgoing : tell(outgoing)));
    case "corrupt":
      return out.map((outgoing) => (rng.next() < 0.5 ? outgoing : tell(outgoing)));
    case "replay":
      if (seen.length === 0 || others.length === 0 || rng.next() < 0.5) return out;
      return [...out, { to: pick(rng, others), message: pick(rng, seen) }];
    case "forge":
      if (others.length === 0) return out;
      return out.map((outgoing) => (rng.next() < 0.5 ? outgoing : { ...tell(outgoing), from: pick(rng, others) }));
  }
}

function changeLeaf<Message extends Json>(message: Message, { rng }: LieContext): Message {
  return changed(message, rng) as Message;
}

function changed(value: Json | undefined, rng: Rng): Json {
  if (typeof value === "number") return value + (rng.next() < 0.5 ? 1 : -1);
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return value.startsWith("not ") ? value.slice(4) : `not ${value}`;
  if (typeof value !== "object" || value === null) return 1;
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  const place = integerBelow(rng, entries.length);
  const other = entries.map(([key, item], at) => [key, at === place ? changed(item, rng) : item] as const);
  return Array.isArray(value) ? other.map(([, item]) => item ?? null) : Object.fromEntries(other);
}
