import { describe, present, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Module } from "../module.ts";
import type { StageDraft, StageOptions } from "../stage.ts";

/**
 * A stage whose module is brought along. In a pipeline it is data: its name, its settings and the stages inside it; a
 * program that is stored keeps those. The code comes with every call, `execute(program, inputs, { modules: [it] })`.
 */
export interface BroughtStage extends Module, StageDraft {
  readonly stages?: readonly StageDraft[];
}

export interface BroughtStageOptions extends StageOptions {
  /** What the module is called, where a program has two of a kind that differ in their code. */
  readonly name?: string;
}

interface Draft extends Module {
  readonly usualName: string;
  readonly options: BroughtStageOptions;
  readonly configuration: Readonly<Record<string, Json | undefined>>;
}

/** The module and the draft of its stage as one value. */
export function broughtStage(draft: Omit<Draft, "name">): BroughtStage {
  const { usualName, options, configuration, settings, stages, run } = draft;
  const { name = usualName, id, signature } = options;
  if (typeof name !== "string" || name === "")
    throw new UsageError(`${usualName}.name: expected a name, got ${describe(name)}`);
  const told = present(configuration) as Readonly<Record<string, Json>>;
  return { name, module: name, configuration: told, run, ...present({ id, signature, settings, stages }) };
}

/** A number that a stage is told, within its range. Throws `UsageError` for another value. */
export function countSetting(
  stage: { readonly id: string; setting(name: string): Json | undefined },
  name: string,
  { usual, min = 1, max }: { readonly usual: number; readonly min?: number; readonly max: number },
): number {
  const value = stage.setting(name) ?? usual;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(
    `configuration ${stage.id}.${name}: expected a whole number from ${min} to ${max}, got ${describe(value)}`,
  );
}
