import { canonicalJson } from "#foundation";
import type { Configuration } from "#variables";
import type { Seat, Seats } from "./crew.ts";
import { decided } from "../decision.ts";
import type { Decision } from "../decision.ts";
import { activeAgents, effectiveConfiguration, planOf } from "../plan-of.ts";
import type { Planned } from "../plan-of.ts";
import type { Team } from "../team.ts";
import { withStatus } from "./team-statuses.ts";

/** Plans are kept for so many configurations. */
const maxPlans = 256;

/** How a request is answered. */
export interface StandingPlan extends Planned {
  /** Whether somebody who is selected takes no part, since it has failed. */
  readonly isShort: boolean;
}

/** What holds between two changes of a live team: a request that has begun ends with what held when it began. */
export class Generation {
  readonly #seats: Map<string, readonly Seat[]>;
  #team: Team;
  #users = 0;
  readonly #plans = new Map<string, Decision<StandingPlan>>();
  readonly #waiting: (() => void)[] = [];

  constructor(team: Team, seats: Seats) {
    this.#team = team;
    this.#seats = new Map(seats);
  }

  get team(): Team {
    return this.#team;
  }

  get seats(): Seats {
    return this.#seats;
  }

  /** An agent has failed: requests that begin from here on do without it. */
  lose(agent: string): void {
    this.#team = withStatus(this.#team, [agent], "failed");
    this.#seats.delete(agent);
    this.#plans.clear();
  }

  /** How a request is answered whose own values win over the team's. */
  plan(overrides?: Configuration): Decision<StandingPlan> {
    const key = overrides === undefined ? "" : canonicalJson(overrides);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const planned = this.#planned(overrides);
    if (this.#plans.size >= maxPlans) this.#plans.clear();
    this.#plans.set(key, planned);
    return planned;
  }

  #planned(overrides: Configuration | undefined): Decision<StandingPlan> {
    const team = this.#team;
    const configuration = effectiveConfiguration(team, overrides);
    if (!configuration.ok) return configuration;
    const planned = planOf(team, configuration.value);
    if (!planned.ok) return planned;
    const failed = Object.keys(team.agents).filter((agent) => team.agents[agent]?.status === "failed");
    const whole = activeAgents(withStatus(team, failed, "active"), { configuration: configuration.value });
    const isShort = whole.ok && failed.some((agent) => whole.value.includes(agent));
    return decided({ ...planned.value, isShort });
  }

  /** Requests under way. */
  get users(): number {
    return this.#users;
  }

  begin(): void {
    this.#users++;
  }

  end(): void {
    this.#users--;
    if (this.#users === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.#users === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
