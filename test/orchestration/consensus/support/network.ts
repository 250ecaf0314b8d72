import fc from "fast-check";
import { seededRng } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Machine, MachineInput } from "#orchestration";

/** A machine of any protocol: whoever asks knows what its states and outcomes are. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyMachine = Machine<any, any, any>;

/** Everything that goes wrong in a run, as data: fast-check makes it smaller when a run fails. */
export interface Plan {
  readonly seed: number;
  /** Per message, until `healAt`. */
  readonly drop: number;
  readonly duplicate: number;
  readonly maxDelayMs: number;
  readonly healAt: number;
  readonly cuts: readonly { readonly from: number; readonly to: number; readonly at: number; readonly forMs: number }[];
  readonly crashes: readonly { readonly member: number; readonly at: number; readonly forMs: number }[];
  readonly requests: readonly { readonly member: number; readonly at: number }[];
}

export interface RunOptions {
  readonly members: readonly string[];
  readonly machine: AnyMachine;
  readonly plan: Plan;
  /** Members with another machine. */
  readonly others?: Readonly<Record<string, AnyMachine>>;
  /** A crash leaves nothing. */
  readonly forgetful?: boolean;
  readonly until: number;
  /** After every step. */
  readonly check?: (run: Run) => void;
  readonly isDone?: (run: Run) => boolean;
}

export interface Run {
  at: number;
  sent: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly states: Map<string, any>;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly outcomes: { readonly member: string; readonly at: number; readonly outcome: any }[];
  /** What was really asked: a request to one that is down is none. */
  readonly asked: { readonly member: string; readonly request: Json }[];
}

export const quiet: Plan = {
  seed: 1,
  drop: 0,
  duplicate: 0,
  maxDelayMs: 5,
  healAt: 0,
  cuts: [],
  crashes: [],
  requests: [],
};

/** How many random schedules: more of them by TUTTI_SCHEDULES, for a night. */
export function runs(usual: number): number {
  return Number(process.env["TUTTI_SCHEDULES"] ?? usual);
}

/** How long such a test may take, in milliseconds. */
export const patience: number = Math.max(120_000, runs(0) * 250);

/** Random plans. Crashes are one after the other, so that one member at most is down at a time. */
export function plans(members: number, { healAt = 600, requests = 4 } = {}): fc.Arbitrary<Plan> {
  const member = fc.nat({ max: members - 1 });
  const at = fc.nat({ max: healAt });
  return fc.record({
    seed: fc.nat(),
    drop: fc.constantFrom(0, 0.1, 0.3),
    duplicate: fc.constantFrom(0, 0.2),
    maxDelayMs: fc.constantFrom(5, 30, 120),
    healAt: fc.constant(healAt),
    cuts: fc.array(fc.record({ from: member, to: member, at, forMs: at }), { maxLength: 6 }),
    crashes: fc
      .array(fc.record({ member, at: fc.nat({ max: healAt / 4 }), forMs: fc.nat({ max: healAt / 8 }) }), {
        maxLength: 2,
      })
      .map((all) => all.map((crash, index) => ({ ...crash, at: crash.at + (index * healAt) / 2 }))),
    requests: fc.array(fc.record({ member, at }), { minLength: 1, maxLength: requests }),
  });
}

/** Runs the members over a network in virtual time; the same options give the same run. */
export function play(options: RunOptions): Run {
  const { members, plan, machine, others = {} } = options;
  const link = seededRng(plan.seed).fork("link");
  const rngs = new Map(members.map((member) => [member, seededRng(plan.seed).fork(member)]));
  const run: Run = { at: 0, sent: 0, states: new Map(), outcomes: [], asked: [] };
  const [disks, lives, timers] = [new Map<string, unknown>(), new Map<string, number>(), new Map<string, number>()];
  const due: { at: number; act: () => void }[] = [];
  const add = (at: number, act: () => void): void => {
    const place = due.findLastIndex((other) => other.at <= at) + 1;
    due.splice(place, 0, { at, act });
  };
  const of = (member: string): AnyMachine => others[member] ?? machine;
  let count = 0;

  const deliver = (from: string, to: string, message: Json): void => {
    run.sent += 1;
    const isFaulty = run.at < plan.healAt;
    const isCut = plan.cuts.some(
      (cut) => members[cut.from] === from && members[cut.to] === to && cut.at <= run.at && run.at < cut.at + cut.forMs,
    );
    if (isFaulty && (isCut || link.next() < plan.drop)) return;
    const copies = isFaulty && link.next() < plan.duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = 1 + link.next() * (isFaulty ? plan.maxDelayMs : 5);
      add(run.at + delay, () => feed(to, { type: "message", at: run.at, from, message }));
    }
  };
  const feed = (member: string, input: MachineInput<Json>): void => {
    const life = lives.get(member);
    if (life === undefined || life < 0) return;
    if (input.type === "request") run.asked.push({ member, request: input.request });
    const step = of(member).step(run.states.get(member), input, rngs.get(member) as Rng);
    run.states.set(member, step.state);
    disks.set(member, of(member).persistent?.(step.state) ?? {});
    for (const [timer, ms] of Object.entries(step.timers ?? {})) {
      const [key, mine] = [`${member} ${timer}`, ++count];
      timers.set(key, mine);
      if (ms === null) continue;
      add(run.at + ms, () => {
        if (timers.get(key) === mine && lives.get(member) === life) feed(member, { type: "timer", at: run.at, timer });
      });
    }
    for (const { to, message } of step.out ?? []) deliver(member, to, message as Json);
    for (const outcome of step.outcomes ?? []) run.outcomes.push({ member, at: run.at, outcome });
    options.check?.(run);
  };
  const restart = (member: string): void => {
    const disk = options.forgetful === true ? {} : JSON.parse(JSON.stringify(disks.get(member) ?? {}));
    lives.set(member, ++count);
    const own = of(member);
    run.states.set(member, own.restart?.(member, members, disk) ?? own.start(member, members));
    feed(member, { type: "begin", at: run.at });
  };

  for (const member of members) {
    run.states.set(member, of(member).start(member, members));
    lives.set(member, 0);
    add(0, () => feed(member, { type: "begin", at: run.at }));
  }
  for (const [index, { member, at }] of plan.requests.entries()) {
    add(at, () => feed(members[member] as string, { type: "request", at: run.at, request: { wish: index } }));
  }
  for (const { member: index, at, forMs } of plan.crashes) {
    const member = members[index] as string;
    add(at, () => lives.set(member, -1));
    add(at + forMs, () => restart(member));
  }
  for (let next = due.shift(); next !== undefined && next.at <= options.until; next = due.shift()) {
    run.at = next.at;
    next.act();
    if (options.isDone?.(run) === true) break;
  }
  return run;
}
