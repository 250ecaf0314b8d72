import type { Field, Message } from "#programs";
import type { Dialect } from "./dialect.ts";
import { turns } from "./turns.ts";

const opening = "I provided an assistant with the following instructions";
const examplesLine = /The following are examples of different task inputs[^\n]*:\s*\n/;

const instruction: Field = { name: "current_instruction", type: { kind: "string" } };
const examples: Field = { name: "examples_with_feedback", type: { kind: "string" } };
const improved: Field = { name: "new_instruction", type: { kind: "string" } };

/** GEPA's reflection prompt, which ax shares: an instruction and examples in fences; the answer is a fence too. */
export const reflection: Dialect = {
  name: "reflection",
  recognise: (messages) => questionOf(messages).includes(opening),
  parse: ({ messages }) => {
    const question = questionOf(messages);
    const split = examplesLine.exec(question);
    const head = question.slice(question.indexOf(opening), split?.index ?? question.length);
    const rest = split === null ? "" : question.slice(split.index + split[0].length);
    return {
      instruction: rest.slice(rest.lastIndexOf("```") + 3).trim(),
      inputs: [instruction, examples],
      outputs: [improved],
      input: new Map([
        [instruction.name, fenced(head)],
        [examples.name, fenced(rest)],
      ]),
      bounds: new Map(),
      demos: [],
    };
  },
  render: (answers) => [
    { text: "```\n", slipped: "" },
    { text: String(answers[0]?.value ?? "") },
    { text: "\n```", slipped: "" },
  ],
};

function questionOf(messages: readonly Message[]): string {
  return turns(messages).question;
}

/** From the first fence to the last one before the closing words; what is inside may have fences of its own. */
function fenced(text: string): string {
  const body = text.replace(/\n\nYour task is to write a new instruction[\s\S]*$/, "");
  const [start, end] = [body.indexOf("```"), body.lastIndexOf("```")];
  return end > start ? body.slice(start + 3, end).trim() : body.trim();
}
