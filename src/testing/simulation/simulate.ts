import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Machine } from "#orchestration";
import type { Lie } from "./byzantine.ts";
import { healedAtMs } from "./fault.ts";
import type { LinkTime } from "./network.ts";
import type { Schedule } from "./schedule.ts";
import { SimulatedRoom } from "./simulated-room.ts";
import type {
  Invariant,
  MemberOutcome,
  MessageCounts,
  SimulationView,
  TraceStep,
  Violation,
} from "./simulation-view.ts";

export interface SimulateOptions<State, Message extends Json, Outcome> {
  readonly machine: Machine<State, Message, Outcome>;
  readonly members: readonly string[];
  /** Checked after every step. Made anew for each run: they may remember what they have seen. */
  readonly invariants?: () => Readonly<Record<string, Invariant<State, Message, Outcome>>>;
  /** What must come about once all faults have healed and all requests are made; then the run ends. */
  readonly liveness?: Liveness<State, Message, Outcome>;
  /** Where nothing is wrong; 1 to 10 ms unless told. */
  readonly linkTime?: LinkTime;
  /** A liar's own way to change a message. */
  readonly lie?: Lie<Message>;
  /** The run ends here: after the last fault and 60 virtual seconds unless told. */
  readonly untilMs?: number;
  /** And here: 20,000 unless told. */
  readonly maxSteps?: number;
}

export interface Liveness<State, Message extends Json, Outcome> {
  readonly isDone: (view: SimulationView<State, Message, Outcome>) => boolean;
  /** Steps of all members together, counted from when the last fault has healed. */
  readonly withinSteps: number;
}

export interface SimulationResult<State, Message extends Json, Outcome> {
  /** The first one: the run ends with it. */
  readonly violation: Violation | undefined;
  readonly steps: number;
  readonly atMs: number;
  /** Whether what liveness asks for has come about; `true` without liveness. */
  readonly isDone: boolean;
  /** Of the correct members that are up. */
  readonly states: ReadonlyMap<string, State>;
  readonly outcomes: readonly MemberOutcome<Outcome>[];
  readonly messages: MessageCounts;
  readonly trace: readonly TraceStep<Message, Outcome>[];
}

/**
 * Runs a machine for each member under a schedule of faults, over virtual time, and checks the invariants after every
 * step. The same schedule gives the same trace. What is thrown inside a machine is thrown: it is no fault of the network.
 */
export function simulate<State, Message extends Json, Outcome>(
  schedule: Schedule,
  options: SimulateOptions<State, Message, Outcome>,
): SimulationResult<State, Message, Outcome> {
  checkNames(schedule, options.members);
  const room = new SimulatedRoom(schedule, options);
  const healedMs = Math.max(healedAtMs(schedule.faults), ...schedule.requests.map(({ atMs }) => atMs));
  const { liveness, maxSteps = 20_000, untilMs = healedMs + 60_000 } = options;
  const invariants = Object.entries(options.invariants?.() ?? {});
  let violation: Violation | undefined;
  let isDone = liveness === undefined;
  let stepsHealed = 0;
  while (violation === undefined && room.steps < maxSteps) {
    const view = room.step(untilMs);
    if (view === undefined) break;
    violation = broken(invariants, view);
    if (liveness === undefined || room.nowMs < healedMs) continue;
    isDone = liveness.isDone(view);
    if (isDone && room.nowMs >= healedMs) break;
    if (++stepsHealed > liveness.withinSteps) break;
  }
  if (violation === undefined && !isDone) {
    const message = `not done ${stepsHealed} steps after the last fault has healed`;
    violation = { invariant: "liveness", message, step: room.steps, atMs: room.nowMs };
  }
  return { violation, isDone, steps: room.steps, atMs: room.nowMs, ...room.result() };
}

function broken<State, Message extends Json, Outcome>(
  invariants: readonly (readonly [string, Invariant<State, Message, Outcome>])[],
  view: SimulationView<State, Message, Outcome>,
): Violation | undefined {
  const { step, atMs } = view.last;
  for (const [invariant, check] of invariants) {
    const message = check(view);
    if (message !== undefined) return { invariant, message, step, atMs };
  }
  return undefined;
}

function checkNames({ requests, faults }: Schedule, members: readonly string[]): void {
  if (members.length === 0 || new Set(members).size < members.length) {
    throw new UsageError(`simulate: expected at least one member, each once, got ${members.join(", ") || "none"}`);
  }
  const named = [
    ...requests.map(({ member }) => member),
    ...faults.flatMap((fault) => ("member" in fault ? [fault.member] : [])),
    ...faults.flatMap((fault) => (fault.type === "partition" ? fault.members : [])),
  ];
  const unknown = named.find((member) => !members.includes(member));
  if (unknown !== undefined) throw new UsageError(`simulate: expected members in the schedule, got "${unknown}"`);
}
