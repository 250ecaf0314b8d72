import { describe, isPlainObject, UsageError } from "#foundation";
import { issueLines, orderByNeeds } from "./needs-order.ts";
import { checkStage } from "./pipeline-stage.ts";
import type { PipelineStage } from "./pipeline-stage.ts";

/** Stages with an order given by their needs. A bare list of stages is a pipeline too. */
export interface Pipeline {
  readonly id: string;
  readonly stages: readonly PipelineStage[];
}

/** A stage with its id, its needs and everyone who is done before it because of them. */
export interface PlacedStage {
  readonly id: string;
  readonly stage: PipelineStage;
  readonly needs: readonly string[];
  /** In the order of the work. */
  readonly before: readonly string[];
}

/**
 * The stages of a pipeline or of a list, every one after its needs. Throws `UsageError` for what is no stage, an id used
 * twice, an unknown need or a cycle.
 */
export function placeStages(pipeline: Pipeline | readonly PipelineStage[]): readonly PlacedStage[] {
  const stages: unknown = isPipeline(pipeline) ? pipeline.stages : pipeline;
  if (!Array.isArray(stages) || stages.length === 0)
    throw new UsageError(`pipeline: expected a list of stages or { id, stages }, got ${describe(pipeline)}`);
  const given = withNeeds(withIds(stages));
  const order = orderByNeeds(given, "stages");
  if (!order.ok) throw new UsageError("pipeline: the stages cannot be put in an order", issueLines(order.issues));
  const place = new Map(order.levels.flat().map((id, index) => [id, index]));
  const placed = new Map<string, PlacedStage>();
  const rank = (id: string): number => place.get(id) ?? 0;
  for (const stage of given.toSorted((a, b) => rank(a.id) - rank(b.id))) {
    const before = new Set(stage.needs.flatMap((need) => [...(placed.get(need)?.before ?? []), need]));
    placed.set(stage.id, { ...stage, before: [...before].sort((a, b) => rank(a) - rank(b)) });
  }
  return [...placed.values()];
}

type Identified = Pick<PlacedStage, "id" | "stage">;

function isPipeline(pipeline: Pipeline | readonly PipelineStage[]): pipeline is Pipeline {
  return isPlainObject(pipeline);
}

function withIds(stages: readonly unknown[]): Identified[] {
  const taken = new Set<string>();
  return stages.map((stage, index) => {
    checkStage(stage, `pipeline.stages[${index}]`);
    const id = stage.id ?? freeId(stage.type === "program" ? stage.program.name : stage.type, taken);
    if (typeof id !== "string" || id === "" || id in Object.prototype)
      throw new UsageError(`pipeline.stages[${index}].id: expected a name, got ${describe(id)}`);
    taken.add(id);
    return { id, stage };
  });
}

function withNeeds(stages: readonly Identified[]): Omit<PlacedStage, "before">[] {
  return stages.map(({ id, stage }, index) => {
    const previous = stages[index - 1];
    const needs = stage.needs ?? (previous === undefined ? [] : [previous.id]);
    if (!Array.isArray(needs))
      throw new UsageError(`pipeline.stages[${index}].needs: expected a list of ids, got ${describe(needs)}`);
    return { id, stage, needs };
  });
}

function freeId(name: string, taken: ReadonlySet<string>): string {
  let [id, number] = [name, 2];
  while (taken.has(id)) id = `${name}_${number++}`;
  return id;
}
