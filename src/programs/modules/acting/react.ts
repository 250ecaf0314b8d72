import { describe, isPlainObject, systemClock, UsageError } from "#foundation";
import type { Clock, Json } from "#foundation";
import type { Context, StageCall, StageResult } from "../../module.ts";
import { broughtStage, countSetting } from "../brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "../brought-stage.ts";
import { actingForm } from "./acting-form.ts";
import { remembered } from "../extended-signature.ts";
import { Acting } from "./acting.ts";
import type { ActingLimits } from "./acting.ts";
import { askSettings } from "../stage-request.ts";
import type { Tool } from "./tool.ts";

export interface ReactOptions extends BroughtStageOptions {
  /** What may be called: `tool(…)`, or those of an MCP server (`await mcpTools(client)`). */
  readonly tools: readonly Tool[];
  /** How many steps are made before the answer; 6 unless told. The setting `maxSteps` of the stage. */
  readonly maxSteps?: number;
  /** When to stop and answer. The setting `budget` of the stage. */
  readonly budget?: ReactBudget;
  /** How long one call of a tool may take; 60,000 unless told. The setting `toolTimeoutMs` of the stage. */
  readonly toolTimeoutMs?: number;
  /** How long what a tool gives may be before its middle is left out, in characters; 8,000 unless told. */
  readonly maxObservationChars?: number;
  /** Calls of tools at once; 8 unless told. */
  readonly concurrency?: number;
  /** Times the tools. */
  readonly clock?: Clock;
}

/** Once the steps have used up one of these, no further one begins. The last answer may go beyond tokens and dollars. */
export interface ReactBudget {
  /** Model calls, the last answer's first one included. */
  readonly calls?: number;
  /** Tokens, read and written. */
  readonly tokens?: number;
  readonly usd?: number;
}

/**
 * Lets the model think and call tools, step by step, until it answers (ReAct, Yao et al. 2022, arXiv 2210.03629). A model
 * that is known to have tools is given them; any other states `thought` and `calls` as outputs. What goes wrong with a
 * call is shown to the model; an identical call is not made again. When the steps or the budget are used up, or the answer
 * does not fit the signature, the model is asked for the outputs alone, with all that was done shown. The steps are the
 * further output `trajectory`: `[{ thought, calls: [{ tool, input, observation | error }] }]`.
 *
 * Settings: those of `predict`, `maxSteps`, `budget`, `toolTimeoutMs`, and `tools`: the names of those that may be called
 * (all unless told).
 */
export function react(options: ReactOptions): BroughtStage {
  const { tools, maxSteps, budget, toolTimeoutMs } = options;
  checkTools(tools);
  const formOf = new Map<string, ReturnType<typeof formFor>>();
  const form = (chosen: readonly Tool[]): ReturnType<typeof formFor> => {
    const key = chosen.map(({ name }) => name).join(" ");
    let found = formOf.get(key);
    if (found === undefined) formOf.set(key, (found = formFor(chosen)));
    return found;
  };
  return broughtStage({
    usualName: "react",
    options,
    configuration: { maxSteps, budget: budget as Json | undefined, toolTimeoutMs },
    settings: [...askSettings, "maxSteps", "budget", "tools", "toolTimeoutMs"],
    run: (context: Context, stage: StageCall): Promise<StageResult> => {
      const chosen = chosenTools(stage, tools);
      const limits = limitsOf(stage, options);
      const { maxObservationChars = 8000, concurrency = 8, clock = systemClock } = options;
      const calling = { tools: chosen, clock, maxChars: maxObservationChars, concurrency };
      return new Acting(context, stage, { form: form(chosen)(stage.signature), limits, calling }).run();
    },
  });
}

function formFor(tools: readonly Tool[]): (signature: StageCall["signature"]) => ReturnType<typeof actingForm> {
  return remembered((signature) => actingForm(signature, tools));
}

function checkTools(tools: unknown): void {
  if (!Array.isArray(tools) || tools.length === 0)
    throw new UsageError(`react.tools: expected at least one tool(…), got ${describe(tools)}`);
  const names = new Set<unknown>();
  for (const [index, each] of (tools as readonly unknown[]).entries()) {
    if (!isPlainObject(each) || typeof each["call"] !== "function" || typeof each["name"] !== "string")
      throw new UsageError(`react.tools[${index}]: expected tool(…), got ${describe(each)}`);
    if (names.has(each["name"])) throw new UsageError(`react.tools[${index}]: two tools are called ${each["name"]}`);
    names.add(each["name"]);
  }
}

function chosenTools(stage: StageCall, tools: readonly Tool[]): readonly Tool[] {
  const names = stage.setting("tools");
  if (names === undefined) return tools;
  const known = tools.map(({ name }) => name);
  const list: readonly unknown[] = Array.isArray(names) ? names : [names];
  const unknown = list.find((name) => typeof name !== "string" || !known.includes(name));
  if (unknown !== undefined || !Array.isArray(names))
    throw new UsageError(
      `configuration ${stage.id}.tools: expected a list of some of ${known.join(", ")}, got ${describe(unknown)}`,
    );
  return tools.filter(({ name }) => list.includes(name));
}

function limitsOf(stage: StageCall, { maxSteps = 6, budget, toolTimeoutMs = 60_000 }: ReactOptions): ActingLimits {
  return {
    maxSteps: countSetting(stage, "maxSteps", { usual: maxSteps, max: 100 }),
    timeoutMs: countSetting(stage, "toolTimeoutMs", { usual: toolTimeoutMs, max: 86_400_000 }),
    budget: budgetOf(stage, stage.setting("budget") ?? (budget as Json | undefined) ?? {}),
  };
}

function budgetOf(stage: StageCall, value: Json): Required<ReactBudget> {
  const defect = isPlainObject(value)
    ? Object.entries(value).find(
        ([name, limit]) => !["calls", "tokens", "usd"].includes(name) || typeof limit !== "number" || !(limit >= 0),
      )
    : ["", value];
  if (defect !== undefined)
    throw new UsageError(
      `configuration ${stage.id}.budget: expected { calls, tokens, usd } as numbers, got ${describe(value)}`,
    );
  return { calls: Infinity, tokens: Infinity, usd: Infinity, ...(value as ReactBudget) };
}
