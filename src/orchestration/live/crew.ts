import { canonicalJson } from "#foundation";
import { killed, namedChild, Registry, Supervisor, SupervisorError, supervisorChild } from "#foundation/agents";
import type { AgentRuntime, ChildSpec, NameRef, Ref } from "#foundation/agents";
import type { AgentConfig } from "../agent-config.ts";
import { Line } from "./line.ts";
import { TeamError } from "./team-error.ts";
import { moduleNamed } from "./team-module.ts";
import type { Instance, TeamModule } from "./team-module.ts";
import type { TeamCall } from "../trace.ts";

/** One instance of an agent: an address that survives its restarts. */
export interface Seat {
  /** Its name among its supervisor's children. */
  readonly id: string;
  readonly agent: string;
  /** What it runs, as a text to compare. */
  readonly code: string;
  readonly address: NameRef<TeamCall>;
  readonly module: TeamModule;
  /** For a module that takes one call at a time. */
  readonly line: Line;
  /** Calls under way and in the line. */
  load: number;
}

/** The instances of each agent. */
export type Seats = ReadonlyMap<string, readonly Seat[]>;

export interface CrewOptions {
  readonly runtime: AgentRuntime;
  readonly name: string;
  readonly modules: readonly TeamModule[];
  readonly startMs: number;
  /** What a request brought along. */
  readonly services: (request: number) => unknown;
  /** An agent has failed more often than its supervision allows. */
  readonly onFailed: (agent: string) => void;
}

/** What came of filling the seats: who did not start, and why. */
export interface Seated {
  readonly seats: Seats;
  readonly errors: readonly { readonly agent: string; readonly error: unknown }[];
}

/** An agent with its configuration. */
export type Member = readonly [id: string, config: AgentConfig];

/** An instance that is ended has had its time before. */
const shutdownMs = 1000;

/**
 * The agents of a team as they run: one supervisor for the team, below it one for each agent, below that its instances.
 * An agent that fails too often ends its own supervisor and nobody else's.
 */
export class Crew {
  readonly #options: CrewOptions;
  readonly #registry: Registry;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #seats = new Set<Seat>();
  readonly #closing = new AbortController();
  #root: Promise<Supervisor> | undefined;
  #supervisor: Supervisor | undefined;
  #numbers = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#registry = new Registry(options.runtime);
  }

  /** The team's supervisor, once it runs: its children are the agents. */
  get supervisor(): Supervisor | undefined {
    return this.#supervisor;
  }

  /** Those of the present instances that can go on with these configurations: same code, not given up. */
  async staying(members: readonly Member[], present: Seats): Promise<Seats> {
    const kept = members.map(async ([id, config]) => {
      const children =
        (await this.#supervisors
          .get(id)
          ?.whichChildren()
          .catch(() => [])) ?? [];
      const living = new Set(children.filter(({ status }) => status !== "down").map((child) => child.id));
      const seats = (present.get(id) ?? []).filter((seat) => seat.code === codeOf(config) && living.has(seat.id));
      return [id, seats.slice(0, config.replicas)] as const;
    });
    return new Map(await Promise.all(kept));
  }

  /**
   * Instances for these agents: those that stay, new ones where they are missing. Every new one is checked. An agent that
   * cannot have all of its instances is an error. Never rejects for an agent's sake.
   */
  async fill(members: readonly Member[], staying: Seats): Promise<Seated> {
    const errors: Seated["errors"][number][] = [];
    const filled = members.map(async (member): Promise<[string, readonly Seat[]][]> => {
      const [id] = member;
      try {
        return [[id, await this.#fillAgent(member, staying.get(id) ?? [])]];
      } catch (error) {
        errors.push({ agent: id, error: error instanceof SupervisorError ? (error.cause ?? error) : error });
        return [];
      }
    });
    return { seats: new Map((await Promise.all(filled)).flat()), errors };
  }

  async #fillAgent([id, config]: Member, staying: readonly Seat[]): Promise<readonly Seat[]> {
    const seats = [...staying];
    const module = moduleNamed(this.#options.modules, config.module, id);
    const supervisor = await this.#supervisorOf(id, config);
    while (seats.length < config.replicas) {
      const seat = this.#seat(id, module, codeOf(config));
      this.#seats.add(seat);
      await supervisor.startChild(this.#spec(seat, config, seats.length));
      await this.#check(seat);
      seats.push(seat);
    }
    return seats;
  }

  #seat(agent: string, module: TeamModule, code: string): Seat {
    const id = `${agent}#${++this.#numbers}`;
    return { id, agent, code, module, address: this.#registry.ref<TeamCall>(id), line: new Line(), load: 0 };
  }

  #spec({ id, module }: Seat, { settings, supervision: { restart } }: AgentConfig, replica: number): ChildSpec {
    const { services, startMs } = this.#options;
    const spec = module.child(id, settings, { replica, services });
    // One that is not started again takes its supervisor along when it was the last one: the agent has failed.
    const significant = restart !== "permanent";
    return namedChild(this.#registry, id, { ...spec, restart, significant, shutdownMs, startTimeoutMs: startMs });
  }

  async #check({ module, agent, address }: Seat): Promise<void> {
    const { check } = module;
    if (check === undefined) return;
    const { runtime, startMs } = this.#options;
    const over = new AbortController();
    const { signal } = over;
    const instance: Instance = { call: (call) => address.call(call, { timeoutMs: Infinity, signal }) };
    this.#closing.signal.addEventListener("abort", () => over.abort(closed()), { signal });
    const late = runtime.clock.sleep(startMs, { signal }).then(() => {
      throw new TeamError("start_failed", `the check of agent ${agent} took longer than ${startMs} ms`);
    });
    late.catch(() => {});
    try {
      await Promise.race([(async () => check(instance))(), late]);
    } finally {
      over.abort();
    }
  }

  #open(): Promise<Supervisor> {
    const { runtime, name } = this.#options;
    this.#root ??= Supervisor.start({ name, children: [] }, { runtime }).then((supervisor) => {
      this.#supervisor = supervisor as Supervisor;
      return this.#supervisor;
    });
    return this.#root;
  }

  async #supervisorOf(agent: string, { supervision }: AgentConfig): Promise<Supervisor> {
    const present = this.#supervisors.get(agent);
    if (present !== undefined) return present;
    if (this.#closing.signal.aborted) throw closed();
    const root = await this.#open();
    const { maxFailures, failureWindowMs, restart } = supervision;
    const autoShutdown = restart === "permanent" ? "never" : "all_significant";
    const flags = {
      name: agent,
      intensity: maxFailures,
      periodMs: failureWindowMs,
      autoShutdown,
      children: [],
    } as const;
    const { info } = await root.startChild(supervisorChild(agent, flags, { restart: "temporary" }));
    const supervisor = info as Supervisor;
    this.#supervisors.set(agent, supervisor);
    supervisor.watch(() => {
      if (this.#supervisors.get(agent) !== supervisor) return;
      this.#supervisors.delete(agent);
      this.#options.onFailed(agent);
    });
    return supervisor;
  }

  /** Whether the agent has a supervisor that has not given it up. */
  isSupervised(agent: string): boolean {
    return this.#supervisors.has(agent);
  }

  /** Resolves when the agent's supervisor has done what it had to do, with whether it has not given it up. */
  async hasSettled(agent: string): Promise<boolean> {
    await this.#supervisors
      .get(agent)
      ?.countChildren()
      .catch(() => {});
    return this.isSupervised(agent);
  }

  /** Ends all instances but these; an agent that has none left loses its supervisor. */
  async keepOnly(seats: Seats): Promise<void> {
    const gone = [...this.#seats].filter((seat) => seats.get(seat.agent)?.includes(seat) !== true);
    for (const seat of gone) this.#seats.delete(seat);
    const retired = [...this.#supervisors.keys()].filter((agent) => (seats.get(agent) ?? []).length === 0);
    await Promise.all([
      ...gone.filter(({ agent }) => !retired.includes(agent)).map((seat) => this.#end(seat)),
      ...retired.map((agent) => this.#retire(agent)),
    ]);
  }

  async #end({ agent, id }: Seat): Promise<void> {
    const supervisor = this.#supervisors.get(agent);
    // Those that a temporary child leaves no place for, or whose supervisor has ended, are gone already.
    await supervisor?.terminateChild(id).catch(() => {});
    await supervisor?.deleteChild(id).catch(() => {});
  }

  async #retire(agent: string): Promise<void> {
    this.#supervisors.delete(agent);
    await this.#supervisor?.terminateChild(agent).catch(() => {});
  }

  /** Ends the present incarnation of an instance at once; its supervisor starts the next. */
  kill({ id }: Seat): void {
    this.#registry.whereis<Ref<never>>(id)?.cell.exit(killed);
  }

  /** Ends everything, starts that are under way too. */
  async close(): Promise<void> {
    this.#closing.abort();
    const supervisors = [...this.#supervisors.values()];
    this.#supervisors.clear();
    await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
    await (await this.#root)?.stop();
  }
}

function codeOf({ module, settings }: AgentConfig): string {
  return canonicalJson([module, settings]);
}

function closed(): TeamError {
  return new TeamError("not_running", "the team has been closed");
}
