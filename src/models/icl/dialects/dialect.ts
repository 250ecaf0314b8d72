import type { Message, ModelRequest } from "#programs";
import type { StructuredText } from "./structured-text.ts";
import type { AnsweredField, Task } from "./task.ts";

/** A way of writing prompts: how it is recognised, read and answered. */
export interface Dialect {
  readonly name: string;
  recognise(messages: readonly Message[]): boolean;
  parse(request: ModelRequest): Task;
  render(answers: readonly AnsweredField[], messages: readonly Message[]): StructuredText;
}
