import { execute, program, signature } from "#programs";
import type { Example, LanguageModel, Program } from "#programs";
import type { Configuration } from "#variables";
import type { PeerRow, PeerTask } from "./peer-tasks.ts";

/** Inputs or outputs of one text. */
export type Plain = Record<string, string>;

/** One question to the model, as the peers' programs are. */
export function programOf({ input, output, labels, instructions }: PeerTask): Program<Plain, Plain> {
  const kinds = labels.map((label) => JSON.stringify(label)).join(" | ");
  const shape = signature(`${input} -> ${output}: ${kinds}`, { instructions });
  return program({ name: "classify", signature: shape }) as unknown as Program<Plain, Plain>;
}

export function exampleOf({ input, output }: PeerTask, { x, y }: PeerRow): Example<Plain, Plain> {
  return { inputs: { [input]: x }, expected: { [output]: y } };
}

/** What the program with these values says of the held-out rows. */
export async function predictions(
  task: PeerTask,
  overrides: Configuration,
  model: LanguageModel,
): Promise<readonly (string | null)[]> {
  const classify = programOf(task);
  const predicted = async ({ x }: PeerRow): Promise<string | null> => {
    const { outputs } = await execute(classify, { [task.input]: x }, { model, overrides });
    return outputs[task.output] ?? null;
  };
  return Promise.all(task.test.map(predicted));
}
