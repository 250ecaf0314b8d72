import { describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Field } from "../signatures/field-type.ts";
import { normalizedName } from "../module.ts";
import { withLeadingOutputs } from "../signatures/signature.ts";
import type { Signature } from "../signatures/signature.ts";

/** How a stage gets from its inputs to its outputs: what it asks for, and its settings below any configuration. */
export interface ReasoningStrategy {
  /** What the model is asked for, so that the stage's own signature is answered. */
  readonly asked: (signature: Signature) => Signature;
  readonly defaults: Readonly<Record<string, Json>>;
}

const reasoning: Field = {
  name: "reasoning",
  type: { kind: "string" },
  description: "The considerations that lead to the answer",
};

/** A strategy is called as the module that follows it unless its configuration says otherwise. */
export type ReasoningStrategyName = "predict" | "chain_of_thought";

const strategies: Readonly<Record<ReasoningStrategyName, ReasoningStrategy>> = {
  predict: { asked: (signature) => signature, defaults: {} },
  // The original design's defaults (Kernel, `DSPEx.Predict.ChainOfThought`).
  chain_of_thought: { asked: reasoned, defaults: { provider: "openai", temperature: 0.5 } },
};

export const reasoningStrategyNames: readonly ReasoningStrategyName[] = Object.keys(
  strategies,
) as ReasoningStrategyName[];

/** The name of the strategy that is meant; names are compared as those of modules are. */
export function reasoningStrategyName(name: Json): ReasoningStrategyName | undefined {
  if (typeof name !== "string") return undefined;
  // The name as it stands first: every call asks.
  if (Object.hasOwn(strategies, name)) return name as ReasoningStrategyName;
  return reasoningStrategyNames.find((known) => normalizedName(known) === normalizedName(name));
}

/** The strategy that a stage is told to follow. Throws `UsageError` where there is none of that name. */
export function reasoningStrategyNamed(stage: string, name: Json): ReasoningStrategy {
  const found = reasoningStrategyName(name);
  if (found !== undefined) return strategies[found];
  const expected = `one of ${reasoningStrategyNames.join(", ")}`;
  throw new UsageError(`configuration ${stage}.reasoningStrategy: expected ${expected}, got ${describe(name)}`);
}

const known = new WeakMap<Signature, Signature>();

/** The signature with a reasoning before its outputs; one that asks for a reasoning of its own stays as it is. */
function reasoned(signature: Signature): Signature {
  if (signature.outputs.some(({ name }) => name === reasoning.name)) return signature;
  let extended = known.get(signature);
  if (extended === undefined) known.set(signature, (extended = withLeadingOutputs(signature, [reasoning])));
  return extended;
}
