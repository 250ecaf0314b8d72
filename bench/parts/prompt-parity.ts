import type { Json } from "#foundation";
import { iclModel } from "#models/icl";
import { demoOf } from "#programs";
import { axPrompt } from "../peers/ax-optimizers.ts";
import { dspyPrompt } from "./dspy-row.ts";
import { maxDemos } from "./dspy-settings.ts";
import { heldOutScore } from "./held-out-score.ts";
import { exampleOf, predictions } from "./our-program.ts";
import { peerTask } from "./peer-tasks.ts";
import type { PeerTask, PeerTaskName } from "./peer-tasks.ts";
import { printTable } from "./table.ts";

/** A prompt as it is before any optimiser: in which form, and with how many of the labelled rows. */
interface Prompt {
  readonly adapter: "chat" | "json";
  readonly count: number;
}

const prompts: readonly Prompt[] = [
  { adapter: "chat", count: 0 },
  { adapter: "chat", count: maxDemos },
  { adapter: "json", count: 0 },
  { adapter: "json", count: maxDemos },
];

/**
 * Held-out scores of everybody's prompts as they are: where they differ, the model reads some of them worse, and what
 * optimisers come to tells nothing of the optimisers.
 */
export async function printPromptParity(
  tasks: readonly PeerTaskName[],
  { seeds, isDspyThere }: { readonly seeds: number; readonly isDspyThere: boolean },
): Promise<void> {
  const rows: string[][] = [];
  for (const name of tasks)
    for (let seed = 0; seed < seeds; seed++) {
      const task = peerTask(name, seed);
      rows.push([`${name}, seed ${seed}, ax`, shown(await axPrompt(task)), "-", "-", "-"]);
      if (isDspyThere)
        rows.push([`${name}, seed ${seed}, DSPy`, ...(await scores((prompt) => theirs(task, prompt, seed)))]);
      rows.push([`${name}, seed ${seed}, ours`, ...(await scores((prompt) => ours(task, prompt)))]);
    }
  console.log("the same prompt in everybody's form, held-out score");
  printTable(["", ...prompts.map(({ adapter, count }) => `${adapter}, ${count} demos`)], rows);
}

async function scores(scoreOf: (prompt: Prompt) => Promise<number>): Promise<readonly string[]> {
  const cells: string[] = [];
  for (const prompt of prompts) cells.push(shown(await scoreOf(prompt)));
  return cells;
}

function shown(score: number): string {
  return score.toFixed(3);
}

function theirs({ name }: PeerTask, { adapter, count }: Prompt, seed: number): Promise<number> {
  const [algorithm, settings] = count === 0 ? (["none", {}] as const) : (["labeled", { k: count }] as const);
  return dspyPrompt({ algorithm, settings, adapter }, name, seed);
}

async function ours(task: PeerTask, { adapter, count }: Prompt): Promise<number> {
  const labelled = task.train.slice(0, count).map((row) => demoOf(exampleOf(task, row)));
  const overrides = { "predict.demos": labelled as unknown as Json, "predict.adapter": adapter };
  return heldOutScore(task, await predictions(task, overrides, iclModel()));
}
