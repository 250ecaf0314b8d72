import type { Usage } from "#programs";
import type { Refusal } from "./openai-error.ts";

/** What a run may spend in all; it is asked before each call. */
export interface RunBudget {
  readonly calls?: number;
  /** Prompt and completion together. Calls under way when it is reached are finished. */
  readonly tokens?: number;
  /** The models' own price units, where they have such. */
  readonly units?: number;
}

/** What a run has spent. */
interface RunUsage {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly units: number;
}

/** Who spent what. A call that fails gives its place back. */
export interface RunLedger {
  /** Takes a place for a call, or says why there is none. */
  reserve(run: string): Refusal | undefined;
  settle(run: string, cost: { readonly usage: Usage; readonly units: number } | undefined): void;
  usageOf(run: string): RunUsage;
}

const nothing: RunUsage = { calls: 0, inputTokens: 0, outputTokens: 0, units: 0 };

export function runLedger(budget: RunBudget): RunLedger {
  const spent = new Map<string, RunUsage>();
  const underWay = new Map<string, number>();
  const usageOf = (run: string): RunUsage => spent.get(run) ?? nothing;
  return {
    usageOf,
    reserve(run) {
      const { calls, inputTokens, outputTokens, units } = usageOf(run);
      const open = underWay.get(run) ?? 0;
      if (calls + open >= (budget.calls ?? Infinity)) return exhausted(run, `${budget.calls} calls`);
      if (inputTokens + outputTokens >= (budget.tokens ?? Infinity)) return exhausted(run, `${budget.tokens} tokens`);
      if (units >= (budget.units ?? Infinity)) return exhausted(run, `${budget.units} units`);
      underWay.set(run, open + 1);
      return undefined;
    },
    settle(run, cost) {
      underWay.set(run, (underWay.get(run) ?? 1) - 1);
      if (cost === undefined) return;
      const before = usageOf(run);
      spent.set(run, {
        calls: before.calls + 1,
        inputTokens: before.inputTokens + cost.usage.inputTokens,
        outputTokens: before.outputTokens + cost.usage.outputTokens,
        units: before.units + cost.units,
      });
    },
  };
}

function exhausted(run: string, what: string): Refusal {
  const message = `the budget of run ${run} is spent: ${what}`;
  return { status: 402, message, type: "insufficient_budget", code: "insufficient_budget" };
}
