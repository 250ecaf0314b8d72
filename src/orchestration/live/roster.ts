import type { Clock } from "#foundation";
import type { AgentRuntime, Supervisor } from "#foundation/agents";
import { isLegalTransition } from "../agent-config.ts";
import type { AgentConfig, AgentStatus } from "../agent-config.ts";
import { Crew } from "./crew.ts";
import type { Member, Seat, Seats } from "./crew.ts";
import type { DecisionError } from "../decision.ts";
import { Generation } from "./generation.ts";
import { heldResources } from "./held-resources.ts";
import type { Holder } from "./held-resources.ts";
import { activeAgents, mayServe } from "../plan-of.ts";
import { pool } from "../pool/ledger.ts";
import type { Pool } from "../pool/ledger.ts";
import type { Team } from "../team.ts";
import type { Happening } from "./team-event.ts";
import type { InstancePlace, TeamModule } from "./team-module.ts";
import type { Failure, StartPolicy } from "./start-result.ts";
import { statusesFrom, withStatus } from "./team-statuses.ts";

export interface RosterOptions {
  readonly runtime: AgentRuntime;
  readonly clock: Clock;
  readonly modules: readonly TeamModule[];
  /** Every agent is kept ready, selected or not. */
  readonly isStandby: boolean;
  readonly services: InstancePlace["services"];
  readonly report: (happening: Happening) => void;
}

/** What came of a move. */
export interface Moved {
  /** Whether the team is the target now; for `best_effort` also without those that failed. */
  readonly isDone: boolean;
  readonly errors: readonly Failure[];
  /** Nothing was tried. */
  readonly refusal?: DecisionError;
}

/**
 * Who serves now, what they hold of the pool, and the way from one team to the next: start, check, switch, drain, stop.
 * One move at a time; an agent's supervisor that gives it up can come between.
 */
export class Roster {
  readonly #options: RosterOptions;
  readonly #crew: Crew;
  readonly #elders = new Set<Generation>();
  #isClosed = false;
  #team: Team;
  #generation: Generation;
  #pool: Pool;

  constructor(team: Team, options: RosterOptions) {
    const { runtime, modules, services } = options;
    this.#options = options;
    this.#team = withStatus(team, Object.keys(team.agents), "inactive");
    this.#generation = new Generation(this.#team, new Map());
    this.#pool = pool(team.resourcePool);
    this.#crew = new Crew({
      runtime,
      modules,
      services,
      name: team.name,
      startMs: team.policies.startMs,
      onFailed: (agent) => this.#failed(agent),
    });
  }

  /** The team with its agents' present statuses. */
  get team(): Team {
    return this.#team;
  }

  /** What holds for requests that begin now. */
  get generation(): Generation {
    return this.#generation;
  }

  get pool(): Pool {
    return this.#pool;
  }

  get supervisor(): Supervisor | undefined {
    return this.#crew.supervisor;
  }

  /** Requests under way, whenever they have begun. */
  get inFlight(): number {
    return [this.#generation, ...this.#elders].reduce((sum, { users }) => sum + users, 0);
  }

  /** Resolves when the agent's supervisor has done what it had to do, with whether it has not given it up. */
  hasSettled(agent: string): Promise<boolean> {
    return this.#crew.hasSettled(agent);
  }

  /** Ends an agent's instances at once. */
  kill(agent: string): void {
    for (const seat of this.#generation.seats.get(agent) ?? []) this.#crew.kill(seat);
  }

  /** Calls off a move that is under way and ends the agents. To be followed by `clear` when the move has ended. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#crew.close();
  }

  /** Nobody serves any more and nothing is held. */
  clear(): void {
    this.#generation = new Generation(this.#team, new Map());
    for (const agent of Object.keys(this.#team.agents)) this.#become(agent, "stopping", "inactive");
    this.#pool = pool(this.#team.resourcePool);
  }

  /**
   * From what runs to what the target needs: start, check, switch, drain, stop. When something does not start, what was
   * started for it is stopped again and nothing has changed.
   */
  async move(target: Team, active: readonly string[], policy: StartPolicy): Promise<Moved> {
    const wanted = Object.keys(target.agents).filter((agent) => mayServe(target, agent));
    const members = (this.#options.isStandby ? wanted : active).map((agent): Member => [
      agent,
      target.agents[agent] as AgentConfig,
    ]);
    const staying = await this.#crew.staying(members, this.#generation.seats);
    const holders = [...this.#leaving(staying), ...members.flatMap(needsOf)];
    const held = heldResources(target, { holders, active, at: this.#options.clock.now() });
    if (!held.ok) return { isDone: false, refusal: held.error, errors: [{ agent: "", error: held.error }] };
    this.#pool = held.value;
    const before = this.#team;
    for (const [agent] of members)
      if (active.includes(agent) || this.#is("failed", agent)) this.#become(agent, "starting");
    const { seats, errors } = await this.#crew.fill(members, staying);
    const failures = errors.map(({ agent, error }) => this.#startFailed(agent, error));
    if (errors.length > 0 && (policy === "all_or_nothing" || seats.size === 0)) {
      await this.#takeBack(before);
      return { isDone: false, errors: failures };
    }
    for (const { agent } of failures) this.#become(agent, "failed");
    await this.#switch(target, active, seats);
    return { isDone: true, errors: failures };
  }

  /** What was started goes; who was starting is what it was. */
  async #takeBack(before: Team): Promise<void> {
    const starting = Object.keys(this.#team.agents).filter((agent) => this.#is("starting", agent));
    const hadFailed = (agent: string): boolean => before.agents[agent]?.status === "failed";
    for (const agent of starting) this.#become(agent, hadFailed(agent) ? "failed" : "stopping");
    await this.#crew.keepOnly(this.#generation.seats);
    for (const agent of starting) this.#become(agent, "inactive");
    this.#hold();
  }

  /** In one go: a request that begins before it has the old ways to its end, one that begins after it the new ones. */
  async #switch(target: Team, active: readonly string[], seats: Seats): Promise<void> {
    const old = this.#generation;
    this.#team = statusesFrom(target, this.#team);
    for (const agent of active) if (seats.has(agent)) this.#become(agent, "active");
    // Those that are only kept ready, too, when they have come back.
    const leavers = Object.keys(target.agents).filter(
      (agent) => !active.includes(agent) && (this.#is("active", agent) || this.#is("starting", agent)),
    );
    for (const agent of leavers) this.#become(agent, "stopping");
    this.#generation = new Generation(this.#team, seats);
    this.#elders.add(old);
    const gone = [...old.seats.values()].flat().filter((seat) => seats.get(seat.agent)?.includes(seat) !== true);
    void old.idle().then(() => this.#elders.delete(old));
    // Those that gave up while others started.
    for (const agent of seats.keys()) if (!this.#crew.isSupervised(agent)) this.#failed(agent);
    if (gone.length > 0) await this.#drained(gone);
    await this.#crew.keepOnly(this.#generation.seats);
    for (const agent of leavers) this.#become(agent, "inactive");
    this.#hold();
  }

  /** Until no request that began before uses the instances, but no longer than the policy allows. */
  async #drained(gone: readonly Seat[]): Promise<void> {
    const idle = Promise.all([...this.#elders].map((elder) => elder.idle()));
    const over = new AbortController();
    const late = this.#options.clock.sleep(this.#team.policies.drainMs, { signal: over.signal }).then(
      () => this.#options.report({ type: "drain_expired", agents: [...new Set(gone.map(({ agent }) => agent))] }),
      () => {},
    );
    await Promise.race([idle, late]);
    over.abort();
  }

  /** An agent's supervisor has given it up: the team goes on without it. */
  #failed(agent: string): void {
    if (this.#isClosed || !this.#generation.seats.has(agent)) return;
    const isKnown = this.#is("failed", agent);
    this.#generation.lose(agent);
    this.#become(agent, "failed");
    this.#hold();
    if (!isKnown) this.#options.report({ type: "agent_failed", agent });
  }

  #startFailed(agent: string, error: unknown): Failure {
    this.#options.report({ type: "agent_start_failed", agent, error });
    return { agent, error: { code: "agent_unavailable", message: `agent ${agent} did not start: ${reasonOf(error)}` } };
  }

  // ---- state

  /** What instances hold that will be gone: until then they and those that replace them are there side by side. */
  #leaving(staying: Seats): Holder[] {
    const { seats, team } = this.#generation;
    return [...seats].flatMap(([agent, own]) => {
      const { resourceRequirements } = team.agents[agent] as AgentConfig;
      const count = own.length - (staying.get(agent)?.length ?? 0);
      return Array.from({ length: count }, () => ({ agent, needs: resourceRequirements }));
    });
  }

  /** The pool as what runs now holds it. */
  #hold(): void {
    const { team, seats } = this.#generation;
    const members = [...seats.keys()].map((agent): Member => [agent, team.agents[agent] as AgentConfig]);
    const active = activeAgents(team, { configuration: team.configuration, keepsPresent: true });
    const held = heldResources(team, {
      holders: members.flatMap(needsOf),
      active: active.ok ? active.value : [],
      at: this.#options.clock.now(),
    });
    if (held.ok) this.#pool = held.value;
  }

  #is(status: AgentStatus, agent: string): boolean {
    return this.#team.agents[agent]?.status === status;
  }

  /** Through these statuses, as far as they are legal from where it is. */
  #become(agent: string, ...statuses: readonly AgentStatus[]): void {
    for (const to of statuses) {
      const from = this.#team.agents[agent]?.status;
      if (from === undefined || !isLegalTransition(from, to)) continue;
      this.#team = withStatus(this.#team, [agent], to);
      this.#options.report({ type: "agent_status", agent, from, to });
    }
  }
}

function needsOf([agent, { replicas, resourceRequirements }]: Member): Holder[] {
  return Array.from({ length: replicas }, () => ({ agent, needs: resourceRequirements }));
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
