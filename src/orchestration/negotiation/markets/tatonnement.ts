import { describe, isPlainObject, UsageError } from "#foundation";
import { askAgents } from "../ask-agents.ts";
import type { Absence } from "../../conflicts/hearing.ts";
import type { AskAgentsOptions } from "../ask-agents.ts";

/** A price for each good, relative to the others: no money, since nobody pays before prices hold. */
export type Prices = Readonly<Record<string, number>>;

/** How much of each good an agent wants at these prices, less what it has; below 0 what it would sell. */
export type ExcessDemand = (prices: Prices, signal: AbortSignal) => unknown;

export interface TatonnementOptions extends AskAgentsOptions {
  /** How far prices follow demand: p ← max(0, p + step · z); 0.05 unless told. */
  readonly step?: number;
  /** What may be left of a good's excess demand; 1e-6 unless told. */
  readonly tolerance?: number;
  /** 10,000 unless told. */
  readonly maxRounds?: number;
  /** How often in a row an agent may be absent before it ends; 3 unless told. */
  readonly maxStalls?: number;
}

export interface TatonnementResult {
  /** Whether every market clears: |z| ≤ tolerance, or z below that at a price of 0. Trade at these prices only then. */
  readonly converged: boolean;
  readonly prices: Prices;
  /** The excess demand at the prices; empty when it was never known. */
  readonly excess: Prices;
  /** The largest excess demand that is left. */
  readonly residual: number;
  readonly rounds: number;
  /** The largest |p · z| of any round: 0 when everyone spends all they have (Walras' law). */
  readonly walrasGap: number;
  /** Who did not say their demand. Prices stand still in such a round: nobody's silence is a demand of 0. */
  readonly absent: readonly Absence[];
}

/** The next prices: up where there is too much demand, down where too little, never below 0. */
export function nextPrices(prices: Prices, excess: Prices, step: number): Prices {
  return Object.fromEntries(
    Object.entries(prices).map(([good, price]) => [good, Math.max(0, price + step * (excess[good] ?? 0))]),
  );
}

/**
 * Looks for prices at which every market clears, by asking all agents again and again; no trade takes place. It finds
 * them where goods are gross substitutes, if steps are small enough; there are economies in which prices turn in circles for
 * ever (Scarf, 1960), and that is told by `converged: false`.
 */
export async function tatonnement(
  start: Prices,
  agents: Readonly<Record<string, ExcessDemand>>,
  options: TatonnementOptions = {},
): Promise<TatonnementResult> {
  const { step = 0.05, tolerance = 1e-6, maxRounds = 10_000, maxStalls = 3 } = options;
  checkOptions(start, { step, tolerance, maxRounds, maxStalls });
  const goods = Object.keys(start);
  const absent: Absence[] = [];
  let [prices, excess, rounds, stalls, walrasGap] = [start, {} as Prices, 0, 0, 0];
  let [converged, residual] = [false, Infinity];
  for (; rounds < maxRounds && stalls < maxStalls && !converged; rounds++) {
    if (rounds > 0 && stalls === 0) prices = nextPrices(prices, excess, step);
    const asked = prices;
    const heard = await askAgents(Object.keys(agents), (agent, signal) => agents[agent]?.({ ...asked }, signal), {
      ...options,
      asked: "excess demand",
      read: (answer) => readDemand(answer, goods),
    });
    absent.push(...heard.absent);
    stalls = heard.absent.length > 0 ? stalls + 1 : 0;
    if (stalls > 0) continue;
    excess = total(
      heard.answers.map(({ answer }) => answer),
      goods,
    );
    walrasGap = Math.max(
      walrasGap,
      Math.abs(goods.reduce((sum, good) => sum + at(prices, good) * at(excess, good), 0)),
    );
    residual = Math.max(...goods.map((good) => residualOf(at(prices, good), at(excess, good))));
    converged = residual <= tolerance;
  }
  return { converged, prices, excess, residual, rounds, walrasGap, absent };
}

function residualOf(price: number, excess: number): number {
  return price === 0 ? Math.max(0, excess) : Math.abs(excess);
}

function at(values: Prices, good: string): number {
  return values[good] ?? 0;
}

function total(demands: readonly Prices[], goods: readonly string[]): Prices {
  return Object.fromEntries(
    goods.map((good) => [good, demands.reduce((sum, demand) => sum + at(demand, good), 0)] as const),
  );
}

function readDemand(answer: unknown, goods: readonly string[]): { readonly value: Prices } | string {
  const isDemand =
    isPlainObject(answer) && goods.every((good) => Object.hasOwn(answer, good) && Number.isFinite(answer[good]));
  return isDemand ? { value: answer as Prices } : `expected a finite number for each good, got ${describe(answer)}`;
}

function checkOptions(start: Prices, numbers: Readonly<Record<string, number>>): void {
  const prices = Object.entries(start);
  if (prices.length === 0 || !prices.every(([, price]) => Number.isFinite(price) && price >= 0))
    throw new UsageError(`tatonnement.start: expected prices of at least 0, one at least, got ${describe(start)}`);
  for (const [key, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value) || value <= 0)
      throw new UsageError(`tatonnement.${key}: expected a finite number above 0, got ${describe(value)}`);
  }
}
