import { describe, EventStream, isPlainObject, jsonDefect, systemClock, UsageError } from "#foundation";
import type { Clock, Json } from "#foundation";
import { AgentRuntime } from "#foundation/agents";
import type { Supervisor } from "#foundation/agents";
import type { Configuration } from "#variables";
import type { Action } from "../action.ts";
import type { ApplyResult } from "./apply-result.ts";
import { failedResult } from "./apply-result.ts";
import type { TaskRequirements } from "../variables/coordination-context.ts";
import { decided, undecided } from "../decision.ts";
import type { Decision, DecisionError } from "../decision.ts";
import type { Directive } from "../variables/directive.ts";
import type { Generation, StandingPlan } from "./generation.ts";
import { afterActions } from "../next-team.ts";
import { coordinate } from "../variables/orchestration-variable.ts";
import { activeAgents, planOf } from "../plan-of.ts";
import { Roster } from "./roster.ts";
import type { StartAgentsOptions, StartResult } from "./start-result.ts";
import type { Team } from "../team.ts";
import { TeamError } from "./team-error.ts";
import type { Happening, TeamEvent } from "./team-event.ts";
import { checkModules } from "./team-module.ts";
import type { TeamModule } from "./team-module.ts";
import { TeamRun } from "./team-run.ts";
import type { TeamAnswer, TeamRunParts } from "./team-run.ts";
import { statusOf } from "./team-status.ts";
import type { TeamStatus } from "./team-status.ts";
import type { Edge, Received } from "../trace.ts";

export interface LiveTeamOptions {
  /** The code of the agents. */
  readonly modules: readonly TeamModule[];
  /** Where the agents live; one of its own unless told. */
  readonly runtime?: AgentRuntime;
  readonly clock?: Clock;
  /** Every agent is kept ready, selected or not: for trying configurations with `ask`. */
  readonly isStandby?: boolean;
}

export interface AskOptions {
  /** Values that win over the team's configuration, for this request. */
  readonly overrides?: Configuration;
  /** Gives the request up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Anything that agents of this thread may use for this request: their calls' context has it. */
  readonly services?: unknown;
}

/**
 * A team at work: its agents under supervision, requests answered over the present topology, and changes carried out
 * without losing a request. Does one change at a time. Disposing of it ends its agents.
 */
export class LiveTeam implements AsyncDisposable {
  readonly events: EventStream<TeamEvent> = new EventStream();
  /** Where its agents live; its events tell their lives. */
  readonly runtime: AgentRuntime;

  readonly #options: LiveTeamOptions;
  readonly #clock: Clock;
  readonly #roster: Roster;
  readonly #mail = new Map<string, Received[]>();
  readonly #services = new Map<number, unknown>();
  readonly #counts = { answered: 0, failed: 0 };
  #state: "new" | "running" | "closed" = "new";
  #closed: Promise<void> | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  #requests = 0;

  /**
   * Starts nothing. Throws `UsageError` when an agent asks for a module that is not among those given, when two modules
   * have one name, or when the clock is not the runtime's.
   */
  constructor(team: Team, options: LiveTeamOptions) {
    if (!isPlainObject(team) || !isPlainObject(team.agents))
      throw new UsageError(`LiveTeam: expected a team, as team() makes one, got ${describe(team)}`);
    if (!isPlainObject(options) || !Array.isArray(options.modules))
      throw new UsageError(`LiveTeam ${team.name}: expected { modules: […] }, got ${describe(options)}`);
    const { runtime, modules, clock = runtime?.clock ?? systemClock } = options;
    checkModules(modules, team.agents);
    if (runtime !== undefined && runtime.clock !== clock)
      throw new UsageError("LiveTeam.clock: expected the clock of the runtime, or none, got another one");
    this.#options = options;
    this.#clock = clock;
    this.runtime = runtime ?? new AgentRuntime({ clock });
    this.#roster = new Roster(team, {
      runtime: this.runtime,
      clock,
      modules,
      isStandby: options.isStandby === true,
      services: (request) => this.#services.get(request),
      report: (happening) => this.#report(happening),
    });
  }

  /** The team as a value, as it is now. */
  get team(): Team {
    return this.#roster.team;
  }

  /** The supervisor of the agents, once they have been started. */
  get supervisor(): Supervisor | undefined {
    return this.#roster.supervisor;
  }

  /**
   * Starts the agents that are selected: all of them or, when one does not start, none (`"best_effort"`: those that
   * can; the others have failed). A team that runs is left as it is. Resolves with what failed and does not reject for
   * it; can be called again then.
   */
  async startAgents({ policy = "all_or_nothing" }: StartAgentsOptions = {}): Promise<StartResult> {
    return this.#inTurn(async () => {
      if (this.#state === "running") return { ok: true, team: this.team };
      const active = activeAgents(this.team, { configuration: this.team.configuration, reselect: true });
      if (!active.ok) return { ok: false, errors: [{ agent: "", error: active.error }] };
      const defect = this.#planDefect();
      if (defect !== undefined) return { ok: false, errors: [{ agent: "", error: defect }] };
      const moved = await this.#roster.move(this.team, active.value, policy);
      if (!moved.isDone) return { ok: false, errors: moved.errors };
      if (this.#state === "new") this.#state = "running";
      return { ok: true, team: this.team };
    });
  }

  /**
   * Puts every orchestration variable's present value in force; agents that a task selects are selected for this task. A
   * variable that cannot be coordinated is reported, and a selection leaves those that are active then; the others are
   * coordinated. Resolves with the directives that were carried out. Agents that have failed are not started again.
   */
  async coordinateAgents(options: { readonly task?: TaskRequirements } = {}): Promise<CoordinationResult> {
    this.#expectRunning();
    return this.#inTurn(async () => {
      const { configuration, agents, resourcePool: totals, orchestrationVariables } = this.team;
      const chosen = activeAgents(this.team, { configuration, reselect: true, keepsPresent: true, ...options });
      const active = chosen.ok ? chosen.value : [];
      const context = { agents, configuration, totals, active, ...options };
      const errors: DecisionError[] = [];
      const directives: Directive[] = [];
      for (const variable of Object.values(orchestrationVariables)) {
        const decision = coordinate(variable, context);
        if (decision.ok) directives.push(...decision.value);
        else {
          errors.push(decision.error);
          this.#report({ type: "coordination_failed", variable: variable.id, error: decision.error });
        }
      }
      const moved = await this.#roster.move(this.team, active, "all_or_nothing");
      errors.push(...moved.errors.map(({ error }) => error));
      // Whom somebody has stopped by hand is selected, but not started.
      const isDone = ({ agent, action }: Directive): boolean => action !== "start" || active.includes(agent);
      return { team: this.team, directives: moved.isDone ? directives.filter(isDone) : [], errors };
    });
  }

  /**
   * Answers one task over the present topology. The answer says whether there is an output, and its trace what every
   * agent did for it. Rejects with `TeamError` (`not_running`; `no_plan`, also for values that the team's space does not
   * have) and with the signal's reason; a task that is no JSON rejects with `UsageError`.
   */
  async ask(task: Json, options: AskOptions = {}): Promise<TeamAnswer> {
    const { overrides, signal, services } = options;
    this.#expectRunning();
    const defect = jsonDefect(task);
    if (defect !== undefined) throw new UsageError(`ask: expected a task that is JSON, but ${defect}`);
    signal?.throwIfAborted();
    const generation = this.#roster.generation;
    const planned = generation.plan(overrides);
    if (!planned.ok) throw new TeamError("no_plan", `team ${this.team.name}: ${planned.error.message}`);
    const request = ++this.#requests;
    let [ok, isDegraded] = [false, true];
    generation.begin();
    if (services !== undefined) this.#services.set(request, services);
    this.#report({ type: "request_started", request });
    try {
      const answer = await new TeamRun(this.#parts(planned.value, generation, { request, signal }), task).answer();
      ok = answer.ok;
      isDegraded = answer.isDegraded || planned.value.isShort;
      return { ...answer, isDegraded };
    } finally {
      this.#services.delete(request);
      this.#counts[ok ? "answered" : "failed"]++;
      generation.end();
      this.#report({ type: "request_ended", request, ok, isDegraded });
    }
  }

  /**
   * Carries out actions together: starts what they need, checks it, switches, lets what is under way end, stops what is
   * no longer needed. A refusal or a failure leaves the team as it was; what would leave nobody to answer, or needs more
   * of the pool than it has while old and new run side by side, is refused. An action that wants an agent which has
   * failed starts it again. Does not reject for any of these, but with `TeamError` (`not_running`).
   */
  async apply(actions: readonly Action[]): Promise<ApplyResult> {
    this.#expectRunning();
    if (!Array.isArray(actions)) throw new UsageError("apply: expected a list of actions");
    return this.#inTurn(async () => {
      if (actions.length === 0) return { ok: true, team: this.team, results: [] };
      const target = this.#target(actions);
      if (!target.ok) return this.#refused(actions, target.error);
      const moved = await this.#roster.move(target.value.team, target.value.active, "all_or_nothing");
      if (moved.isDone) {
        this.#report({ type: "actions_applied", actions });
        return { ok: true, team: this.team, results: actions.map((action) => ({ action, outcome: "applied" })) };
      }
      if (moved.refusal !== undefined) return this.#refused(actions, moved.refusal);
      this.#report({ type: "actions_rolled_back", actions });
      return { ok: false, team: this.team, results: actions.map((action) => failedResult(action, moved.errors)) };
    });
  }

  /**
   * Sends a message from one agent to another; it is read with that one's next call. Refused where the present
   * topology has no such edge.
   */
  send(from: string, to: string, output: Json): Decision<Edge> {
    this.#expectRunning();
    const defect = jsonDefect(output);
    if (defect !== undefined) throw new UsageError(`send: expected an output that is JSON, but ${defect}`);
    const planned = this.#roster.generation.plan();
    if (!planned.ok) return planned;
    const { edges, pattern } = planned.value.plan;
    const edge = edges.find((each) => each.from === from && each.to === to);
    if (edge === undefined) {
      this.#report({ type: "message_refused", from, to });
      return undecided("invalid_configuration", `a ${pattern} has no edge from ${from} to ${to}`);
    }
    this.#mail.set(to, [...(this.#mail.get(to) ?? []), { from, output }]);
    return decided(edge);
  }

  /** Ends an agent's instances at once, as a crash would: for drills. Its supervisor starts the next ones. */
  kill(agent: string): void {
    this.#roster.kill(agent);
  }

  /** What runs, who talks to whom, and what is held of the pool. */
  status(): TeamStatus {
    const { generation, pool, inFlight } = this.#roster;
    const planned = generation.plan();
    return statusOf(this.team, {
      plan: planned.ok ? planned.value.plan : undefined,
      seats: generation.seats,
      pool,
      requests: { inFlight, ...this.#counts },
    });
  }

  /** Ends the agents; requests under way fail as their agents end, and a change under way is called off. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#state = "closed";
    await this.#roster.close();
    await this.#changing;
    this.#roster.clear();
    this.#mail.clear();
    if (this.#options.runtime === undefined) this.runtime[Symbol.dispose]();
  }

  // ---- changes

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(() => {
      if (this.#state === "closed") throw this.#notRunning();
      return change();
    });
    this.#changing = result.catch(() => {});
    return result;
  }

  /** Why no task could be answered by the configuration as it is; whoever tries others may start from none. */
  #planDefect(): DecisionError | undefined {
    const { configuration, orchestrationVariables } = this.team;
    const isByTask = Object.values(orchestrationVariables).some(
      (variable) => variable.type === "agent_selection" && variable.select === "by_task",
    );
    if (this.#options.isStandby === true || isByTask) return undefined;
    const planned = planOf(this.team, configuration);
    return planned.ok ? undefined : planned.error;
  }

  /** What the actions come to, or why they are refused. */
  #target(actions: readonly Action[]): Decision<{ readonly team: Team; readonly active: readonly string[] }> {
    const next = afterActions(this.team, actions);
    if (!next.ok) return next;
    const { configuration, agents } = next.value;
    const { modules } = this.#options;
    const homeless = Object.values(agents).find(({ module }) => !modules.some(({ name }) => name === module));
    if (homeless !== undefined)
      return undecided("invalid_configuration", `there is no module ${JSON.stringify(homeless.module)}`);
    const active = activeAgents(next.value, { configuration });
    if (!active.ok) return active;
    const planned = planOf(next.value, configuration);
    return planned.ok ? decided({ team: next.value, active: active.value }) : planned;
  }

  #refused(actions: readonly Action[], error: DecisionError): ApplyResult {
    this.#report({ type: "actions_refused", actions, error });
    return { ok: false, team: this.team, results: actions.map((action) => ({ action, outcome: "refused", error })) };
  }

  // ---- requests

  #parts(
    { plan, topology }: StandingPlan,
    { seats, team }: Generation,
    { request, signal }: { readonly request: number; readonly signal: AbortSignal | undefined },
  ): TeamRunParts {
    return {
      request,
      plan,
      topology,
      seats,
      signal,
      policies: team.policies,
      clock: this.#clock,
      takeMail: (agent) => {
        const mail = this.#mail.get(agent) ?? [];
        this.#mail.delete(agent);
        return mail;
      },
      successors: (agent) => this.#roster.generation.seats.get(agent) ?? [],
      hasSettled: (agent) => this.#roster.hasSettled(agent),
    };
  }

  // ---- state

  #expectRunning(): void {
    if (this.#state !== "running") throw this.#notRunning();
  }

  #notRunning(): TeamError {
    const how = this.#state === "closed" ? "it has been closed" : "call startAgents() first";
    return new TeamError("not_running", `team ${this.team.name} is not running: ${how}`);
  }

  #report(happening: Happening): void {
    if (this.events.isObserved) this.events.publish({ ...happening, at: this.#clock.now() });
  }
}

export interface CoordinationResult {
  readonly team: Team;
  /** What was carried out. */
  readonly directives: readonly Directive[];
  readonly errors: readonly DecisionError[];
}
