import type { Json } from "#foundation";
import type { Field } from "../field-type.ts";
import type { Module } from "../module.ts";
import type { StageDraft, StageOptions } from "../program.ts";
import { withLeadingOutputs } from "../signature.ts";
import type { Signature } from "../signature.ts";
import { ask, askSettings } from "./predict.ts";

/** The stage that lets the model reason before it answers. */
export function chainOfThought(options: StageOptions = {}): StageDraft {
  return { module: "chain_of_thought", ...options };
}

/** `predict` with a `reasoning` output before the signature's own; the reasoning stays in the history. */
export const chainOfThoughtModule: Module = {
  name: "chain_of_thought",
  settings: askSettings,
  run: (context, stage) => ask(context, stage, reasoned(stage.signature), defaults),
};

// The original design's defaults (Kernel, `DSPEx.Predict.ChainOfThought`).
const defaults: Readonly<Record<string, Json>> = { provider: "openai", temperature: 0.5 };

const reasoning: Field = {
  name: "reasoning",
  type: { kind: "string" },
  description: "The considerations that lead to the answer",
};

const known = new WeakMap<Signature, Signature>();

function reasoned(signature: Signature): Signature {
  // A signature that asks for a reasoning of its own has it already.
  if (signature.outputs.some(({ name }) => name === reasoning.name)) return signature;
  let extended = known.get(signature);
  if (extended === undefined) known.set(signature, (extended = withLeadingOutputs(signature, [reasoning])));
  return extended;
}
