import { describe, UsageError } from "#foundation";

/**
 * One budget for a whole batch, so that easy items pay for hard ones: an item may spend whatever the batch has left
 * except what is kept for the others. In whole units (tokens, calls, millionths of a dollar). An immutable value; JSON.
 */
export interface BatchBudget {
  readonly total: number;
  /** Kept for each item that has not ended, as far as it has not spent it. */
  readonly least: number;
  readonly spent: number;
  /** What each open item has spent; an item that has ended is not in it. */
  readonly open: Readonly<Record<string, number>>;
}

export interface BatchBudgetOptions {
  readonly total: number;
  /** 0 by default. */
  readonly least?: number;
}

export type SpendResult =
  | { readonly ok: true; readonly budget: BatchBudget }
  | {
      readonly ok: false;
      readonly error: { readonly code: "budget_exhausted" | "unknown_item"; readonly message: string };
    };

/**
 * A budget for these items, each under its own name. Throws a `UsageError` when an item is named twice, for what is no
 * whole number of at least 0, and when the total does not cover the least of every item.
 */
export function batchBudget(items: readonly string[], { total, least = 0 }: BatchBudgetOptions): BatchBudget {
  whole(total, "batchBudget: total");
  whole(least, "batchBudget: least");
  if (new Set(items).size < items.length) throw new UsageError("batchBudget: an item is named twice");
  if (least * items.length > total) {
    throw new UsageError(`batchBudget: expected a total of at least ${least * items.length}, got ${total}`);
  }
  return { total, least, spent: 0, open: Object.fromEntries(items.map((item) => [item, 0])) };
}

/** How much an item may spend now: what is left without what is kept for the others; 0 for one that is not open. */
export function allowance(budget: BatchBudget, item: string): number {
  const { total, spent, least, open } = budget;
  if (!Object.hasOwn(open, item)) return 0;
  const kept = Object.entries(open).reduce(
    (sum, [other, used]) => sum + (other === item ? 0 : Math.max(0, least - used)),
    0,
  );
  return total - spent - kept;
}

/** Spends for an open item, or nothing when that is more than it may. What is spent never exceeds the total. */
export function spend(budget: BatchBudget, item: string, amount: number): SpendResult {
  whole(amount, `spend for ${item}`);
  if (!Object.hasOwn(budget.open, item)) {
    return { ok: false, error: { code: "unknown_item", message: `${item} is no open item of the batch` } };
  }
  const most = allowance(budget, item);
  if (amount > most) {
    return { ok: false, error: { code: "budget_exhausted", message: `${item} may spend ${most}, not ${amount}` } };
  }
  const open = { ...budget.open, [item]: (budget.open[item] ?? 0) + amount };
  return { ok: true, budget: { ...budget, spent: budget.spent + amount, open } };
}

/** The item needs no more: what was kept for it is the others'. One that is not open changes nothing. */
export function finishItem(budget: BatchBudget, item: string): BatchBudget {
  if (!Object.hasOwn(budget.open, item)) return budget;
  return { ...budget, open: Object.fromEntries(Object.entries(budget.open).filter(([other]) => other !== item)) };
}

function whole(value: number, where: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new UsageError(`${where}: expected a whole number of at least 0, got ${describe(value)}`);
}
