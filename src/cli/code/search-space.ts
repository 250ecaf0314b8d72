import { demoOf, placedStages } from "#programs";
import type { Example, PlacedStage, Program } from "#programs";
import { demos, float, space, text } from "#variables";
import type { Demo, DemosVariable, Space, Variable } from "#variables";

/** The most demonstrations that are searched when the file says nothing of it. */
const maxDemos = 16;
const askingModules: ReadonlySet<string> = new Set(["predict", "chainofthought"]);

/** For files without a space: what every stage that asks a model is told and shown, and the temperature. */
export function defaultSpace(program: Program, train: readonly Example[]): Space {
  const told = askingStages(program).flatMap(({ path }) => [
    text(`${path}.instructions`),
    demos(`${path}.demos`, { max: maxDemos }),
  ]);
  return withPools(space([...told, float("temperature", { min: 0, max: 1, default: 0 })]), program, train);
}

/** The stages that ask a model, as far as one can tell: a module of one's own may ask too. */
export function askingStages(program: Program): readonly PlacedStage[] {
  return placedStages(program).filter(({ stage: { module } }) =>
    askingModules.has(module.replaceAll("_", "").toLowerCase()),
  );
}

/** Demos variables that name no demonstrations draw from the training examples, as far as those fit their stage. */
export function withPools(given: Space, program: Program, train: readonly Example[]): Space {
  const pool: readonly Demo[] = train.map(demoOf);
  const variables = given.variables.map((variable) =>
    needsPool(variable, program) ? { ...variable, pool } : variable,
  );
  return { ...given, variables };
}

function needsPool(variable: Variable, program: Program): variable is DemosVariable {
  if (variable.kind !== "demos" || variable.pool !== undefined || variable.default !== undefined) return false;
  const stages = placedStages(program);
  const stage = stages.find(({ path }) => variable.name === `${path}.demos`) ?? stages[0];
  return stage?.signature === program.signature;
}
