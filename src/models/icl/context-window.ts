import { ModelError } from "#programs";
import type { Message } from "#programs";
import type { Demo, Task } from "./dialects/task.ts";
import { countTokens, tokensPerMessage } from "./words/tokenizer.ts";

/** A task that fits the window. */
export interface FittedTask {
  readonly task: Task;
  /** The tokens of the messages that were kept. */
  readonly inputTokens: number;
  readonly droppedDemos: number;
}

/** The tokens of messages: their contents and four for each. */
function countMessageTokens(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + tokensPerMessage + countTokens(content), 0);
}

interface Window {
  readonly contextTokens: number;
  readonly truncate: "oldest_demos" | "refuse";
}

/**
 * Drops the oldest demonstrations until the messages fit; rejects a prompt that does not fit without any, or whose
 * window is told to refuse it.
 */
export function fitContext(task: Task, messages: readonly Message[], { contextTokens, truncate }: Window): FittedTask {
  const costOf = ({ at, text }: Demo): number =>
    text === undefined ? countMessageTokens(messages.slice(at, at + 2)) : countTokens(`${text}\n`);
  let inputTokens = countMessageTokens(messages);
  let droppedDemos = 0;
  for (const demo of truncate === "refuse" ? [] : task.demos) {
    if (inputTokens <= contextTokens) break;
    inputTokens -= costOf(demo);
    droppedDemos++;
  }
  if (inputTokens > contextTokens)
    throw new ModelError(
      "context_length",
      `the prompt has ${inputTokens} tokens${truncate === "refuse" ? "" : " without its demonstrations"}; the context has ${contextTokens}`,
    );
  return { task: { ...task, demos: task.demos.slice(droppedDemos) }, inputTokens, droppedDemos };
}
