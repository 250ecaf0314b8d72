import { describe, isPlainObject, jsonDefect, present, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import { normalizedName } from "./module.ts";
import type { ConfigurationDraft, Stage, StageDraft } from "./stage.ts";
import type { Signature } from "./signatures/signature.ts";

type Drafts = readonly (string | StageDraft)[];

/** The drafts as plain stages with ids, those inside included. Of a draft that is more than data, the data is kept. */
export function nameStages(drafts: Drafts, where: string): Stage[] {
  const stages = nameLevel(drafts, where);
  const paths = pathsOf(stages);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new UsageError(`${where}: two stages have the path ${twice}`);
  return stages;
}

function pathsOf(stages: readonly Stage[], prefix = ""): string[] {
  return stages.flatMap(({ id, stages: inner = [] }) => [prefix + id, ...pathsOf(inner, `${prefix}${id}.`)]);
}

/** How deep stages may be inside one another. */
const maxDepth = 16;

function nameLevel(drafts: Drafts, where: string, depth = 0): Stage[] {
  if (depth > maxDepth) throw new UsageError(`${where}: expected at most ${maxDepth} stages inside one another`);
  const ids = new Set<string>();
  return drafts.map((entry, index) => {
    const at = `${where}[${index}]`;
    const draft = typeof entry === "string" ? { module: entry } : entry;
    if (!isPlainObject(draft) || typeof draft.module !== "string")
      throw new UsageError(`${at}: expected a module, got ${describe(entry)}`);
    const id = draft.id ?? freeId(draft.module, ids);
    if (ids.has(id)) throw new UsageError(`${at}: two stages have the id ${id}`);
    if (depth > 0 && (typeof id !== "string" || !/^[^./]+$/.test(id)))
      throw new UsageError(`${at}: expected an id without "." and "/" for a stage inside another, got ${describe(id)}`);
    ids.add(id);
    const { module, signature, stages } = draft;
    if (stages !== undefined && !Array.isArray(stages))
      throw new UsageError(`${at}.stages: expected a list of stages, got ${describe(stages)}`);
    const inner = stages === undefined ? undefined : nameLevel(stages, `${at}.stages`, depth + 1);
    return { id, module, ...present({ signature, stages: inner }) };
  });
}

function freeId(module: string, taken: ReadonlySet<string>): string {
  let [id, number] = [module, 2];
  while (taken.has(id)) id = `${module}_${number++}`;
  return id;
}

/**
 * A draft as a flat configuration: the settings object of a stage becomes one path per setting, everything else stays
 * as it is. Throws `UsageError` when a value is not JSON.
 */
export function flatConfiguration(stages: readonly Stage[], draft: ConfigurationDraft): Configuration {
  const defect = isPlainObject(draft) ? jsonDefect(draft) : `${describe(draft)} came`;
  if (defect !== undefined) throw new UsageError(`configuration: expected an object of JSON values, but ${defect}`);
  return Object.fromEntries(flatEntries(stages, draft, "").filter(([, value]) => value !== undefined));
}

function flatEntries(
  stages: readonly Stage[],
  draft: ConfigurationDraft,
  prefix: string,
): [path: string, value: Json][] {
  return Object.entries(draft).flatMap(([name, value]): [path: string, value: Json][] => {
    const stage = isPlainObject(value) ? stages.find(({ id }) => id === name) : undefined;
    if (stage === undefined) return [[prefix + name, value]];
    return flatEntries(stage.stages ?? [], value as ConfigurationDraft, `${prefix}${name}.`);
  });
}

/** What the drafts' own settings come to, by path. `stages` are the same stages with their ids. */
export function draftedConfiguration(drafts: Drafts, stages: readonly Stage[]): Configuration {
  return Object.assign(
    {},
    ...drafts.map((draft, index) => {
      const stage = stages[index];
      if (typeof draft === "string" || stage === undefined) return {};
      const own: ConfigurationDraft = draft.configuration ?? {};
      const inner = draftedConfiguration(draft.stages ?? [], stage.stages ?? []);
      const told = flatConfiguration(stage.stages ?? [], own);
      const entries = Object.entries({ ...inner, ...told });
      return Object.fromEntries(entries.map(([name, value]) => [`${stage.id}.${name}`, value]));
    }),
  ) as Configuration;
}

/** A stage of a program, wherever it stands. */
export interface PlacedStage {
  /** The prefix of its paths in a configuration, and its name in a history: `vote.predict`. */
  readonly path: string;
  readonly stage: Stage;
  /** What it answers: its own signature, else that of what it stands in. */
  readonly signature: Signature;
}

/** All stages of a program in their order, each before those inside it. */
export function placedStages(
  { pipeline, signature }: { readonly pipeline: readonly Stage[]; readonly signature: Signature },
  prefix = "",
): PlacedStage[] {
  return pipeline.flatMap((stage) => {
    const path = prefix + stage.id;
    const own = stage.signature ?? signature;
    return [
      { path, stage, signature: own },
      ...placedStages({ pipeline: stage.stages ?? [], signature: own }, `${path}.`),
    ];
  });
}

/** Throws `UsageError` where two stages that run in parallel promise one output, for neither would be the later one. */
export function checkParallels(stages: readonly Stage[], signature: Signature, where: string): void {
  for (const stage of stages) {
    const own = stage.signature ?? signature;
    const inner = stage.stages ?? [];
    checkParallels(inner, own, `${where}.${stage.id}`);
    if (normalizedName(stage.module) !== "parallel") continue;
    const promised = new Map<string, string>();
    for (const each of inner)
      for (const name of promisedOutputs(each, own)) {
        const other = promised.get(name);
        if (other !== undefined)
          throw new UsageError(
            `${where}.${stage.id}: ${other} and ${each.id} would both give ${name}. Give each a signature with outputs of its own`,
          );
        promised.set(name, each.id);
      }
  }
}

function promisedOutputs(stage: Stage, around: Signature): readonly string[] {
  const own = stage.signature ?? around;
  if (!["parallel", "branch"].includes(normalizedName(stage.module))) return own.outputs.map(({ name }) => name);
  return [...new Set((stage.stages ?? []).flatMap((inner) => promisedOutputs(inner, own)))];
}
