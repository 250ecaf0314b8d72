import type { AutoShutdown, Restart, Shutdown, Strategy } from "#foundation/agents";

/** What both are built from: the supervisors under test and the model of them. */
export interface WorkerPlan {
  readonly kind: "worker";
  readonly id: string;
  readonly restart: Restart;
  readonly shutdownMs: Shutdown;
  readonly significant: boolean;
  /** How long its clean-up takes. */
  readonly slowMs: number;
}

export interface SupervisorPlan extends Omit<WorkerPlan, "kind" | "slowMs"> {
  readonly kind: "supervisor";
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly periodMs: number;
  readonly autoShutdown: AutoShutdown;
  readonly children: readonly Plan[];
}

export type Plan = WorkerPlan | SupervisorPlan;

export interface Slot {
  readonly plan: Plan;
  up: Model | WorkerPlan | undefined;
}

/** What all models of one tree share. */
export interface World {
  now: number;
  readonly log: string[];
  /** How many of the next starts fail, by worker. */
  readonly faults: Map<string, number>;
}

type End = "normal" | "shutdown" | "killed" | "crash";

/**
 * What a supervisor should do, written from the rules alone and without any concurrency: one thing happens, and all
 * that follows from it, while the time it takes is added up.
 */
export class Model {
  readonly plan: SupervisorPlan;
  readonly world: World;
  readonly parent: Model | undefined;
  slots: Slot[];
  isAlive = false;
  #restarts: number[] = [];

  constructor(plan: SupervisorPlan, world: World, parent?: Model) {
    this.plan = plan;
    this.world = world;
    this.parent = parent;
    this.slots = plan.children.map((child) => ({ plan: child, up: undefined }));
  }

  /** R18: in order, and back again if one fails. */
  start(): boolean {
    for (const slot of this.slots) {
      if (this.startSlot(slot)) continue;
      this.#stopAll(Infinity);
      return false;
    }
    this.isAlive = true;
    return true;
  }

  startSlot(slot: Slot): boolean {
    const { plan } = slot;
    if (plan.kind === "supervisor") {
      const model = new Model(plan, this.world, this);
      slot.up = model.start() ? model : undefined;
      return slot.up !== undefined;
    }
    const { faults, log } = this.world;
    const fails = faults.get(plan.id) ?? 0;
    if (fails > 0) {
      faults.set(plan.id, fails - 1);
      log.push(`fail ${plan.id}`);
      return false;
    }
    log.push(`start ${plan.id}`);
    slot.up = plan;
    return true;
  }

  /** R19: in the time it has, which the supervisor's own `limit` cuts short. */
  stopSlot(slot: Slot, limit = Infinity): void {
    const { plan, up } = slot;
    if (up === undefined) return;
    const { world } = this;
    const own = plan.shutdownMs === "brutal" ? world.now : Infinity;
    const until = Math.min(limit, typeof plan.shutdownMs === "number" ? world.now + plan.shutdownMs : own);
    if (world.now >= until) this.killSlot(slot);
    else if (up instanceof Model) {
      up.#stopAll(until);
      up.isAlive = false;
    } else if (world.now + up.slowMs < until) {
      world.now += up.slowMs;
      world.log.push(`end ${up.id} shutdown`);
    } else {
      world.now = until;
      world.log.push(`end ${up.id} killed`);
    }
    slot.up = undefined;
  }

  killSlot(slot: Slot): void {
    const { up } = slot;
    slot.up = undefined;
    if (up instanceof Model) {
      up.isAlive = false;
      for (const below of up.slots.toReversed()) up.killSlot(below);
    } else if (up !== undefined) this.world.log.push(`end ${up.id} killed`);
  }

  /** A child ends by itself, or by somebody's hand who is not its supervisor. */
  childEnds(slot: Slot, end: End): void {
    const { up } = slot;
    if (end === "killed") this.killSlot(slot);
    else if (up instanceof Model) return up.endsItself();
    else if (up !== undefined) {
      this.world.now += up.slowMs;
      this.world.log.push(`end ${up.id} ${end}`);
    }
    this.#childDown(slot, end);
  }

  endsItself(): void {
    this.#stopAll(Infinity);
    this.isAlive = false;
    const own = this.parent?.slots.find(({ up }) => up === this);
    if (this.parent !== undefined && own !== undefined) this.parent.#childDown(own, "shutdown");
  }

  /** R23, R32. */
  #childDown(slot: Slot, end: End): void {
    const { restart, significant } = slot.plan;
    slot.up = undefined;
    if (restart === "permanent" || (restart === "transient" && (end === "crash" || end === "killed")))
      return this.#restart(slot);
    if (restart === "temporary") this.remove(slot);
    if (!significant || this.plan.autoShutdown === "never") return;
    const others = this.slots.some((other) => other.plan.significant && other.up !== undefined);
    if (this.plan.autoShutdown === "any_significant" || !others) this.endsItself();
  }

  /** R24 to R29: every attempt counts once. */
  #restart(slot: Slot): void {
    const { now } = this.world;
    this.#restarts = [...this.#restarts.filter((time) => time >= now - this.plan.periodMs), now];
    if (this.#restarts.length > this.plan.intensity) {
      this.remove(slot);
      return this.endsItself();
    }
    const place = this.slots.indexOf(slot);
    const first = { one_for_one: place, rest_for_one: place, one_for_all: 0 }[this.plan.strategy];
    const last = this.plan.strategy === "one_for_one" ? place + 1 : this.slots.length;
    const group = this.slots.slice(first, last);
    for (const other of group.toReversed()) this.stopSlot(other);
    const restarted = group.filter((other) => other === slot || other.plan.restart !== "temporary");
    for (const other of group) if (!restarted.includes(other)) this.remove(other);
    for (const other of restarted) if (!this.startSlot(other)) return this.#restart(other);
  }

  #stopAll(limit: number): void {
    for (const slot of this.slots.toReversed()) this.stopSlot(slot, limit);
  }

  remove(slot: Slot): void {
    this.slots = this.slots.filter((other) => other !== slot);
  }

  /** Everybody below with the status of each, the one started last first. */
  shape(): string {
    const one = ({ plan, up }: Slot): string =>
      `${plan.id}:${up === undefined ? "down" : up instanceof Model ? up.shape() : "running"}`;
    return `(${this.slots.toReversed().map(one).join(" ")})`;
  }
}
