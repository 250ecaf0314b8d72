import { describe, isPlainObject, UsageError } from "#foundation";
import { addUsage, noUsage } from "#programs";
import type { Usage } from "#programs";

/** What a run may spend at the most, in all: search and the final comparison together. An absent limit is none. */
export interface Budget {
  /** Evaluations of a configuration, the baseline and the final comparison included. */
  readonly evaluations?: number;
  /** Calls of a model. */
  readonly calls?: number;
  /** Input and output tokens together. */
  readonly tokens?: number;
  readonly usd?: number;
  /** Time while the run is running; pauses and the time between two processes do not count. */
  readonly ms?: number;
}

export type Resource = keyof Budget;

const resources: readonly Resource[] = ["evaluations", "calls", "tokens", "usd", "ms"];

/** A budget from the outside, checked: every limit a number above 0. */
export function checkBudget(budget: unknown): Budget {
  if (!isPlainObject(budget)) throw new UsageError(`budget: expected an object of limits, got ${describe(budget)}`);
  for (const [name, limit] of Object.entries(budget)) {
    if (!resources.includes(name as Resource))
      throw new UsageError(`budget.${name}: not a limit; limits are ${resources.join(", ")}`);
    const whole = name !== "usd";
    if (limit === undefined) continue;
    if (typeof limit !== "number" || !(limit > 0) || !Number.isFinite(limit) || (whole && !Number.isInteger(limit)))
      throw new UsageError(`budget.${name}: expected a ${whole ? "whole " : ""}number above 0, got ${describe(limit)}`);
  }
  return budget;
}

/** What was spent, in the budget's units. */
export interface Spend {
  readonly evaluations: number;
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
  readonly ms: number;
}

export const nothingSpent: Spend = { evaluations: 0, calls: 0, tokens: 0, usd: 0, ms: 0 };

function addSpend(a: Spend, b: Partial<Spend>): Spend {
  const sum = (name: Resource): number => a[name] + (b[name] ?? 0);
  return {
    evaluations: sum("evaluations"),
    calls: sum("calls"),
    tokens: sum("tokens"),
    usd: sum("usd"),
    ms: sum("ms"),
  };
}

/** A usage in the budget's units. */
export function spendOf({ calls, inputTokens, outputTokens, usd }: Usage): Pick<Spend, "calls" | "tokens" | "usd"> {
  return { calls, tokens: inputTokens + outputTokens, usd };
}

/** The first limit that spending this much more would pass, or `undefined`. */
export function exceeded(budget: Budget, spent: Spend, more: Partial<Spend> = {}): Resource | undefined {
  const total = addSpend(spent, more);
  return resources.find((name) => {
    const limit = budget[name];
    // A cent of a cent of binary dust is no overspending.
    return limit !== undefined && total[name] > limit * (1 + 1e-9);
  });
}

/** Whether a limit is used up, so that nothing more can be done. */
export function exhausted(budget: Budget, spent: Spend): Resource | undefined {
  return resources.find((name) => {
    const limit = budget[name];
    return limit !== undefined && spent[name] >= limit;
  });
}

/**
 * The account of a run's model calls. A call reserves the most it can cost before it is made and settles what it did
 * cost: the sum of settled and reserved amounts never passes the limits, whatever runs at once.
 */
export class Account {
  readonly #budget: Budget;
  #settled: Usage;
  #reserved: Usage = noUsage;
  #open = 0;
  #nextSettled = Promise.withResolvers<void>();

  constructor(budget: Budget, spent: Usage = noUsage) {
    this.#budget = budget;
    this.#settled = spent;
  }

  get settled(): Usage {
    return this.#settled;
  }

  /**
   * Reserves the amount and resolves with the function that settles it; or with the limit that it would pass. What is
   * only reserved by others is waited for: most calls cost far less than they can, and leave enough when they settle.
   */
  async reserve(most: Usage): Promise<((used: Usage) => void) | Resource> {
    for (;;) {
      const answer = this.#reserveNow(most);
      if (typeof answer !== "string" || this.#open === 0) return answer;
      await this.#nextSettled.promise;
    }
  }

  #reserveNow(most: Usage): ((used: Usage) => void) | Resource {
    const held = addUsage(this.#settled, this.#reserved);
    const limit = exceeded(
      { ...this.#budget, evaluations: Infinity, ms: Infinity },
      addSpend(nothingSpent, spendOf(held)),
      spendOf(most),
    );
    if (limit !== undefined) return limit;
    this.#reserved = addUsage(this.#reserved, most);
    this.#open++;
    return (used) => {
      this.#open--;
      // Sums and differences of fractions leave dust; with nothing open there is none.
      this.#reserved = this.#open === 0 ? noUsage : addUsage(this.#reserved, negated(most));
      this.#settled = addUsage(this.#settled, used);
      this.#nextSettled.resolve();
      this.#nextSettled = Promise.withResolvers();
    };
  }
}

function negated({ calls, inputTokens, outputTokens, usd }: Usage): Usage {
  return { calls: -calls, inputTokens: -inputTokens, outputTokens: -outputTokens, usd: -usd };
}
