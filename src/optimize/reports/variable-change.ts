import { canonicalJson, isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { Program } from "#programs";
import { diffConfigurations } from "#variables";
import type { Configuration, ConfigurationChange, Space } from "#variables";
import { textRead, textTargets, textValue } from "../proposing/text-target.ts";
import type { TextTarget } from "../proposing/text-target.ts";
import { textDiff } from "./text-diff.ts";
import type { DiffPart } from "./text-diff.ts";

/** What a candidate has otherwise than the baseline, for one variable. */
export type VariableChange = TextChange | DemosChange | ValueChange;

/** A text, as the model reads it: where the baseline leaves an instruction empty, it is the signature's. */
export interface TextChange {
  readonly kind: "text";
  readonly path: string;
  readonly diff: readonly DiffPart[];
}

/** Demonstrations: how many there were and are, and how many of them are the same. */
export interface DemosChange {
  readonly kind: "demos";
  readonly path: string;
  readonly before: number;
  readonly after: number;
  readonly kept: number;
}

/** An absent side is set nowhere: the program's default, or a variable that is inactive there. */
export interface ValueChange {
  readonly kind: "value";
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
}

/** Compares configurations with the baseline; what concerns all of them is looked up once. */
export function changesFrom(
  baseline: Configuration,
  { program, space }: { readonly program: Program; readonly space: Space },
): (configuration: Configuration) => readonly VariableChange[] {
  const targets = textTargets({ program, space, baseline, train: [], validation: [] });
  const texts = new Map(targets.map((target) => [target.name, target]));
  const demos = new Set(space.variables.filter(({ kind }) => kind === "demos").map(({ name }) => name));
  return (configuration) =>
    diffConfigurations(baseline, configuration).flatMap((change): readonly VariableChange[] => {
      const target = texts.get(change.path);
      if (target !== undefined) return textChange(target, baseline, configuration);
      if (demos.has(change.path) || isDemos(change.to)) return [demosChange(change)];
      return typeof change.to === "string" && /\s/.test(change.to) ? [proseChange(change)] : [valueChange(change)];
    });
}

function textChange(target: TextTarget, before: Configuration, after: Configuration): readonly TextChange[] {
  const read = (configuration: Configuration): string => textRead(target, textValue(target, configuration));
  const [from, to] = [read(before), read(after)];
  return from === to ? [] : [{ kind: "text", path: target.name, diff: textDiff(from, to) }];
}

/** A text that the space does not know as one, or that is inactive in the baseline. */
function proseChange({ path, from, to }: ConfigurationChange): TextChange {
  const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
  return { kind: "text", path, diff: textDiff(text(from), text(to)) };
}

function demosChange({ path, from, to }: ConfigurationChange): DemosChange {
  const listed = (value: Json | undefined): string[] => (Array.isArray(value) ? value : []).map(canonicalJson);
  const [before, after] = [listed(from), listed(to)];
  const kept = after.filter((demo) => before.includes(demo)).length;
  return { kind: "demos", path, before: before.length, after: after.length, kept };
}

function valueChange({ path, from, to }: ConfigurationChange): ValueChange {
  return { kind: "value", path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function isDemos(value: Json | undefined): boolean {
  const isDemo = (item: Json): boolean => isPlainObject(item) && "inputs" in item && "outputs" in item;
  return Array.isArray(value) && value.length > 0 && value.every(isDemo);
}
