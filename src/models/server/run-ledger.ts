import type { Usage } from "#programs";
import type { CallBounds } from "./call-bounds.ts";
import { boundedMap } from "./bounded-map.ts";
import type { Refusal } from "./openai-error.ts";

/**
 * What a run may spend in all. A call reserves the most that it can cost before it is made: the sum never passes the
 * limits, whatever comes at once.
 */
export interface RunBudget {
  readonly calls?: number;
  /** Prompt and completion together. An answer that is left open in length may have 4,096, or what is left of them. */
  readonly tokens?: number;
  /**
   * The models' own price units, where they have such. Of a model whose card tells no price, one call is made at a time,
   * and the last may pass the limit.
   */
  readonly units?: number;
}

/** What a run has spent. */
interface RunUsage {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly units: number;
}

/** A call that is let through. */
interface Place {
  /** The most tokens that an answer may have; `undefined` as the caller wants it. */
  readonly maxTokens: number | undefined;
  /** Called once, when it is known what the call cost. A call that fails (without a cost) gives its place back. */
  settle(cost: { readonly usage: Usage; readonly units: number } | undefined): void;
}

/** Who spent what. Of more than 10,000 runs the one longest unheard of is forgotten, with what it spent. */
export interface RunLedger {
  /**
   * A place for a call, or why there is none. Tokens and units that others only reserve are waited for: most calls cost
   * far less than they can. Rejects when the signal aborts.
   */
  reserve(run: string, boundsOf: () => CallBounds, signal: AbortSignal): Promise<Place | Refusal>;
  usageOf(run: string): RunUsage;
}

const nothing: RunUsage = { calls: 0, inputTokens: 0, outputTokens: 0, units: 0 };

/** What is reserved for a call, or for all of a run. */
interface Held {
  readonly calls: number;
  readonly tokens: number;
  readonly units: number;
}

interface Account {
  spent: RunUsage;
  held: Held;
  settled: PromiseWithResolvers<void>;
}

const maxRuns = 10_000;
const openMaxTokens = 4096;

export function runLedger(budget: RunBudget): RunLedger {
  const accounts = boundedMap<Account>(maxRuns, ({ held }) => held.calls === 0);
  const isCounted = budget.tokens !== undefined || budget.units !== undefined;

  function place(account: Account, amount: Held, maxTokens: number | undefined): Place {
    account.held = sum(account.held, amount);
    return {
      maxTokens,
      settle(cost) {
        const { calls, tokens, units } = amount;
        const rest = sum(account.held, { calls: -calls, tokens: -tokens, units: -units });
        // Sums and differences of fractions leave dust; with nothing held there is none.
        account.held = rest.calls === 0 ? noneHeld : rest;
        if (cost !== undefined) account.spent = withCost(account.spent, cost);
        account.settled.resolve();
        account.settled = Promise.withResolvers();
      },
    };
  }

  /** A place, if what is left covers the most that the call can cost. */
  function take(account: Account, bounds: CallBounds): Place | undefined {
    const left = leftOf(budget, account);
    const isAlone = account.held.calls === 0;
    if (budget.units !== undefined && bounds.unitPrice === undefined && !(isAlone && left.units > 0)) return undefined;
    const most = mostTokens(left, bounds);
    const isOpen = bounds.maxTokens === undefined;
    const wanted = bounds.maxTokens ?? openMaxTokens;
    const maxTokens = most >= wanted ? wanted : isOpen && isAlone && most >= 1 ? most : undefined;
    if (maxTokens === undefined) return undefined;
    const tokens = bounds.inputTokens + bounds.answers * maxTokens;
    return place(account, { calls: 1, tokens, units: unitsOf(bounds, maxTokens) ?? left.units }, maxTokens);
  }

  return {
    usageOf: (run) => accounts.peek(run)?.spent ?? nothing,
    async reserve(run, boundsOf, signal) {
      const bounds = isCounted ? boundsOf() : undefined;
      for (;;) {
        signal.throwIfAborted();
        const account = accounts.get(run, newAccount);
        if (account.spent.calls + account.held.calls >= (budget.calls ?? Infinity))
          return exhausted(`the budget of run ${run} is spent: ${budget.calls} calls`);
        const found =
          bounds === undefined ? place(account, { ...noneHeld, calls: 1 }, undefined) : take(account, bounds);
        if (found !== undefined) return found;
        if (account.held.calls === 0) return exhausted(notCovered(run, budget, account));
        await untilAborted(account.settled.promise, signal);
      }
    },
  };
}

const noneHeld: Held = { calls: 0, tokens: 0, units: 0 };

function newAccount(): Account {
  return { spent: nothing, held: noneHeld, settled: Promise.withResolvers() };
}

function sum(a: Held, b: Held): Held {
  return { calls: a.calls + b.calls, tokens: a.tokens + b.tokens, units: a.units + b.units };
}

function withCost(before: RunUsage, { usage, units }: { readonly usage: Usage; readonly units: number }): RunUsage {
  return {
    calls: before.calls + 1,
    inputTokens: before.inputTokens + usage.inputTokens,
    outputTokens: before.outputTokens + usage.outputTokens,
    units: before.units + units,
  };
}

function leftOf({ tokens = Infinity, units = Infinity }: RunBudget, { spent, held }: Account): Omit<Held, "calls"> {
  return {
    tokens: tokens - spent.inputTokens - spent.outputTokens - held.tokens,
    units: units - spent.units - held.units,
  };
}

/** The longest that each answer may be within what is left; below 1 where not even its prompt is covered. */
function mostTokens(left: Omit<Held, "calls">, { inputTokens, answers, unitPrice }: CallBounds): number {
  const byTokens = left.tokens - inputTokens;
  const byUnits = unitPrice === undefined ? Infinity : left.units * 1000 - inputTokens * unitPrice.input;
  if (Math.min(byTokens, byUnits) < 0) return 0;
  if (answers === 0) return Infinity;
  return Math.floor(
    Math.min(byTokens / answers, unitPrice === undefined ? Infinity : byUnits / answers / unitPrice.output),
  );
}

function unitsOf({ inputTokens, answers, unitPrice }: CallBounds, maxTokens: number): number | undefined {
  if (unitPrice === undefined) return undefined;
  return (inputTokens * unitPrice.input + answers * maxTokens * unitPrice.output) / 1000;
}

function notCovered(run: string, { tokens, units }: RunBudget, { spent }: Account): string {
  const told = [
    ...(tokens === undefined ? [] : [`${spent.inputTokens + spent.outputTokens} of ${tokens} tokens`]),
    ...(units === undefined ? [] : [`${spent.units} of ${units} units`]),
  ].join(" and ");
  return `the budget of run ${run} does not cover the call: ${told} are spent. A smaller max_tokens may fit`;
}

function exhausted(message: string): Refusal {
  return { status: 402, message, type: "insufficient_budget", code: "insufficient_budget" };
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
