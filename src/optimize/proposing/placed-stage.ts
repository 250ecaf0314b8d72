import { placedStages } from "#programs";
import type { PlacedStage, Program } from "#programs";

/** The stage that a setting belongs to: `vote.predict.demos` to `vote.predict`, what names no stage to the first. */
export function stageOwning(program: Program, name: string): PlacedStage {
  const stages = placedStages(program);
  const owners = stages.filter(({ path }) => name.startsWith(`${path}.`));
  const [longest] = owners.toSorted((a, b) => b.path.length - a.path.length);
  return (longest ?? stages[0]) as PlacedStage;
}
