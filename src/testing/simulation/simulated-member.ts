import type { Json, JsonObject, Rng } from "#foundation";
import type { Machine, MachineInput } from "#orchestration";
import { byzantine } from "./byzantine.ts";
import type { ByzantineStep, Lie } from "./byzantine.ts";
import { isDuring } from "./fault.ts";
import type { Fault, PauseFault, SkewFault } from "./fault.ts";

/** An input before its member's clock has told its time. */
export type UntimedInput<Message extends Json> =
  MachineInput<Message> extends infer Each ? (Each extends { readonly at: number } ? Omit<Each, "at"> : never) : never;

export interface SimulatedMemberOptions<Message extends Json> {
  readonly members: readonly string[];
  readonly faults: readonly Fault[];
  readonly rng: Rng;
  readonly lie: Lie<Message> | undefined;
}

/** One member of a run: its machine, honest or not, its state, its disk and its clock. */
export class SimulatedMember<State, Message extends Json, Outcome> {
  readonly name: string;
  readonly isCorrect: boolean;
  /** Counts its lives: what was set in an earlier one is void. */
  life = 0;
  readonly timers: Map<string, number> = new Map();
  readonly #machine: Machine<State, Message, Outcome>;
  readonly #liar: Liar<Message, Outcome> | undefined;
  readonly #members: readonly string[];
  readonly #pauses: readonly PauseFault[];
  readonly #skews: readonly SkewFault[];
  readonly #rng: Rng;
  #state: State | undefined;
  #disk: JsonObject | undefined;

  constructor(
    name: string,
    machine: Machine<State, Message, Outcome>,
    { members, faults, rng, lie }: SimulatedMemberOptions<Message>,
  ) {
    const own = faults.filter((fault) => "member" in fault && fault.member === name);
    const behaviours = own.flatMap((fault) => (fault.type === "byzantine" ? [fault.behaviour] : []));
    this.name = name;
    this.isCorrect = behaviours.length === 0;
    this.#machine = machine;
    this.#members = members;
    this.#pauses = own.filter((fault) => fault.type === "pause");
    this.#skews = own.filter((fault) => fault.type === "skew");
    this.#rng = rng.fork(`member ${name}`);
    if (this.isCorrect) this.#state = machine.start(name, members);
    else this.#liar = liar(byzantine(machine, { behaviours, lie }), name, members);
  }

  get isUp(): boolean {
    return this.#liar !== undefined || this.#state !== undefined;
  }

  get state(): State | undefined {
    return this.#state;
  }

  step(input: UntimedInput<Message>, nowMs: number): ByzantineStep<unknown, Message, Outcome> {
    const timed = { ...input, at: this.clockMs(nowMs) } as MachineInput<Message>;
    if (this.#liar !== undefined) return this.#liar(timed, this.#rng);
    const step = this.#machine.step(this.#state as State, timed, this.#rng);
    this.#state = step.state;
    return step;
  }

  crash(keeps: "disk" | "nothing"): void {
    if (this.#state === undefined) return;
    const kept = keeps === "disk" ? this.#machine.persistent?.(this.#state) : undefined;
    // A disk holds text: what does not survive it is found out here.
    this.#disk = kept === undefined ? undefined : (JSON.parse(JSON.stringify(kept)) as JsonObject);
    this.#state = undefined;
    this.life++;
    this.timers.clear();
  }

  restart(): void {
    const { name } = this;
    if (this.#disk === undefined) this.#state = this.#machine.start(name, this.#members);
    else
      this.#state =
        this.#machine.restart?.(name, this.#members, this.#disk) ?? this.#machine.start(name, this.#members);
  }

  /** When it goes on, if it stands still now. */
  pausedUntilMs(nowMs: number): number | undefined {
    const ends = this.#pauses.filter((pause) => isDuring(pause, nowMs)).map(({ untilMs }) => untilMs);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  clockMs(nowMs: number): number {
    return this.#skews.reduce((at, skew) => at + (isDuring(skew, nowMs) ? skew.offsetMs : 0), nowMs);
  }

  /** How long a timer that it sets now really runs. */
  timerMs(ms: number, nowMs: number): number {
    const rate = this.#skews.reduce((product, skew) => product * (isDuring(skew, nowMs) ? skew.rate : 1), 1);
    return Math.max(0, ms) / rate;
  }
}

type Liar<Message extends Json, Outcome> = (
  input: MachineInput<Message>,
  rng: Rng,
) => ByzantineStep<unknown, Message, Outcome>;

/** A liar's state is nobody's business: no invariant holds of it. */
function liar<State, Message extends Json, Outcome>(
  machine: ReturnType<typeof byzantine<State, Message, Outcome>>,
  name: string,
  members: readonly string[],
): Liar<Message, Outcome> {
  let state = machine.start(name, members);
  return (input, rng) => {
    const step = machine.step(state, input, rng);
    state = step.state;
    return step;
  };
}
