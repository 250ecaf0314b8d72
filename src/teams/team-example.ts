import { describe, isPlainObject, jsonDefect, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Example } from "#programs";

/** One task with what is known of its right answer. Plain JSON. */
export interface TeamExample {
  readonly input: Json;
  readonly expectedOutput?: Json;
  /** What kind of task it is, for reports and for selection by task. */
  readonly taskType?: string;
  readonly complexity?: number;
  readonly resourceRequirements?: Readonly<Record<string, number>>;
}

/** Throws `UsageError` for an empty list, and lists the examples (the first ten) that are none. */
export function checkTeamExamples(examples: readonly TeamExample[], name: string): void {
  if (!Array.isArray(examples) || examples.length === 0)
    throw new UsageError(`${name}: expected at least one example, got ${describe(examples)}`);
  const defects = examples.flatMap((example: unknown, index) => {
    if (!isPlainObject(example) || example["input"] === undefined)
      return [`${name}[${index}]: expected { input, expectedOutput }, got ${describe(example)}`];
    const defect = jsonDefect(example);
    return defect === undefined ? [] : [`${name}[${index}]: expected plain JSON, but ${defect}`];
  });
  if (defects.length > 0)
    throw new UsageError(`${name}: ${defects.length} of ${examples.length} do not fit`, defects.slice(0, 10));
}

/** An example of the program that a team is. */
type TeamProgramExample = Example<{ task: unknown }, { run: unknown }>;

/** A team's example as one of the program that the team is. */
export function programExample({ input, ...known }: TeamExample): TeamProgramExample {
  return { inputs: { task: input }, expected: { run: known } };
}

/** The other way round. */
export function teamExample({ inputs, expected }: TeamProgramExample): TeamExample {
  return { input: inputs.task as Json, ...(expected.run as Omit<TeamExample, "input">) };
}
