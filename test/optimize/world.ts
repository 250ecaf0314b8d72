import type { Json } from "#foundation";
import type { CompleteWork, EvaluateWork, ExampleResult, TraceStep } from "#optimize";
import { noUsage } from "#programs";
import type { Configuration } from "#variables";
import type { Script } from "./scripted-search.ts";

/** What a call states. */
export type Outputs = { readonly [name: string]: Json };

/** A made-up world: what examples score in it, what their stages do, and what calls for texts are answered. */
export interface World {
  readonly score: (configuration: Configuration, at: Place) => number;
  readonly trace?: (configuration: Configuration, index: number) => readonly TraceStep[];
  /** `undefined`: the call fails. */
  readonly complete?: ((work: CompleteWork) => Outputs | undefined) | undefined;
}

/** An example, and how often the same configuration was run on it before. */
interface Place {
  readonly split: string;
  readonly index: number;
  readonly turn: number;
}

/** The world as `playSearch` takes it. */
export function scriptOf(
  { score, trace, complete }: World,
  options: Pick<Script, "capacity" | "scrambled"> = {},
): Script {
  const turns = new Map<string, number>();
  const result = (configuration: Configuration, index: number, work: EvaluateWork): ExampleResult => {
    const key = JSON.stringify([configuration, work.split, index]);
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    const steps = work.trace === true ? { trace: trace?.(configuration, index) ?? [] } : {};
    return {
      ok: true,
      score: score(configuration, { split: work.split, index, turn }),
      ...steps,
      index,
      usage: noUsage,
    };
  };
  return { score: result, ...(complete === undefined ? {} : { reply: complete }), ...options };
}
