import type { Module } from "../module.ts";
import type { StageDraft, StageOptions } from "../stage.ts";
import { ask } from "./predict.ts";
import { askSettings } from "./stage-request.ts";

/** The stage that lets the model reason before it answers. */
export function chainOfThought(options: StageOptions = {}): StageDraft {
  return { module: "chain_of_thought", ...options };
}

/** `predict` with a `reasoning` output before the signature's own; the reasoning stays in the history. */
export const chainOfThoughtModule: Module = {
  name: "chain_of_thought",
  settings: askSettings,
  run: (context, stage) => ask(context, stage, "chain_of_thought"),
};
