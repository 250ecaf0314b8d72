import { expect, test } from "vitest";
import { seededRng, UsageError } from "#foundation";
import { Bus } from "#orchestration";
import type { BusEvent, BusOptions, Machine } from "#orchestration";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";
import { flood } from "./toys.ts";
import type { Flood, Told } from "./toys.ts";

const members = ["a", "b", "c"];

interface Opened {
  readonly bus: Bus<Flood, Told, number>;
  readonly clock: FakeClock;
  readonly events: BusEvent<number>[];
}

function open(options: Partial<BusOptions> & { readonly machine?: Machine<Flood, Told, number> } = {}): Opened {
  const { machine = flood, ...rest } = options;
  const clock = fakeClock();
  const bus = new Bus(machine, { members, clock, rng: seededRng(1), ...rest });
  const events: BusEvent<number>[] = [];
  bus.subscribe((event) => events.push(event));
  return { bus, clock, events };
}

const decided = (events: readonly BusEvent<number>[]): unknown[] =>
  events
    .toSorted((a, b) => a.member.localeCompare(b.member))
    .map((event) => [event.member, event.type === "outcome" ? event.outcome : event.type]);

test("members hear each other, their timers run by the clock, outcomes are told", async () => {
  const { bus, clock, events } = open();
  await using _ = bus;
  bus.start();
  for (const [place, member] of members.entries()) expect(bus.request(member, place + 5)).toBe(true);
  await clock.advance(50);
  expect(decided(events)).toEqual([
    ["a", 5],
    ["b", 5],
    ["c", 5],
  ]);
  expect(bus.stateOf("b")?.decided).toBe(5);
});

test("a member that is stopped hears nothing and goes on from its disk", async () => {
  const { bus, clock, events } = open();
  await using _ = bus;
  bus.start();
  bus.request("a", 1);
  await clock.advance(0);
  bus.stop("a");
  expect(bus.request("a", 2)).toBe(false);
  expect(bus.stateOf("a")).toBeUndefined();
  bus.request("b", 2);
  bus.request("c", 3);
  await clock.advance(200);
  expect(events.filter(({ member }) => member === "a")).toEqual([]);
  bus.start();
  expect(bus.stateOf("a")?.values).toEqual({ a: 1 });
  await clock.advance(200);
  expect(decided(events)).toEqual([
    ["a", 1],
    ["b", 1],
    ["c", 1],
  ]);
});

test("a link may lose, delay and repeat what is sent", async () => {
  const { bus, clock, events } = open({ link: ({ to }) => (to === "c" ? [] : [30, 40]) });
  await using _ = bus;
  bus.start();
  for (const member of members) bus.request(member, 1);
  await clock.advance(29);
  expect(events).toEqual([]);
  await clock.advance(1);
  expect(decided(events)).toEqual([
    ["a", 1],
    ["b", 1],
  ]);
});

test("code that throws ends its member, not the others, and is told", async () => {
  const broken: Machine<Flood, Told, number> = {
    ...flood,
    step(state, input, rng) {
      if (state.self === "c" && input.type === "request") throw new Error("rubbish");
      return flood.step(state, input, rng);
    },
  };
  const { bus, clock, events } = open({ machine: broken });
  await using _ = bus;
  bus.start();
  for (const member of members) bus.request(member, 1);
  await clock.advance(60);
  expect(events).toMatchObject([{ type: "failed", member: "c", error: { message: "rubbish" } }]);
  expect(Object.keys(bus.stateOf("a")?.values ?? {}).toSorted()).toEqual(["a", "b"]);
});

test("a timer that is set anew runs once, one that is taken back not at all", async () => {
  const patient: Machine<Flood, Told, number> = {
    ...flood,
    step: (state, input) =>
      input.type === "request"
        ? { state, timers: { wake: input.request as number | null } }
        : { state, outcomes: input.type === "timer" ? [input.at] : [] },
  };
  const { bus, clock, events } = open({ machine: patient });
  await using _ = bus;
  bus.start();
  for (const ms of [10, 30]) bus.request("a", ms);
  for (const ms of [10, null]) bus.request("b", ms);
  await clock.advance(0);
  expect(clock.pending()).toBe(1);
  await clock.advance(100);
  expect(decided(events)).toEqual([["a", 30]]);
});

test("its end leaves no timer", async () => {
  const { bus, clock, events } = open();
  bus.start();
  bus.request("a", 1);
  await clock.advance(10);
  expect(clock.pending()).toBe(3);
  await bus[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
  expect(clock.pending()).toBe(0);
  bus.start();
  expect(bus.request("a", 1)).toBe(false);
  await clock.advance(1_000);
  expect(events).toEqual([]);
});

test("who is no member is the caller's mistake", () => {
  expect(() => open({ members: [] })).toThrow(UsageError);
  expect(() => open({ members: ["a", "a"] })).toThrow(UsageError);
  expect(() => open().bus.request("zoe", 1)).toThrow(UsageError);
});
