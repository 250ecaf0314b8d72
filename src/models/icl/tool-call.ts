import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import type { Message, ModelRequest, ToolCall, ToolSpecification } from "#programs";
import { answerTask } from "./answer-task.ts";
import { parseObject } from "./dialects/json-text.ts";
import { schemaBounds, schemaFields } from "./dialects/schema-fields.ts";
import type { Demo, Task } from "./dialects/task.ts";
import { turns } from "./dialects/turns.ts";
import { labelWords } from "./labels/label-words.ts";
import type { Mind } from "./question.ts";
import { cosine } from "./words/cosine.ts";
import { hash32 } from "./words/hash.ts";

type ToolMind = Omit<Mind, "showsWork">;

/** A tool must share this much with the question to be called unasked. */
const minSimilarity = 0.1;

const text = "text";

/**
 * The call that a request is answered with: of the tool whose name and description are most like the question, with
 * arguments taken from it. `undefined` when no tool is wanted, none fits, or one has answered already.
 */
export function chooseToolCall(request: ModelRequest, mind: ToolMind): ToolCall | undefined {
  const { tools = [], toolChoice = "auto", messages } = request;
  if (tools.length === 0 || toolChoice === "none") return undefined;
  const { question, toolResults } = turns(messages);
  if (toolChoice === "auto" && toolResults.length > 0) return undefined;
  const tool = pickTool(tools, toolChoice, question, mind);
  if (tool === undefined) return undefined;
  const input = JSON.stringify(argumentsFor(tool, messages, question, mind));
  const id = `call_${hash32(`${question} ${toolResults.length} ${tool.name} ${input}`).toString(36)}`;
  return { id, name: tool.name, input };
}

function pickTool(
  tools: readonly ToolSpecification[],
  choice: NonNullable<ModelRequest["toolChoice"]>,
  question: string,
  { features }: ToolMind,
): ToolSpecification | undefined {
  if (typeof choice === "object") return tools.find(({ name }) => name === choice.name);
  const asked = features(question);
  const likeness = tools.map(({ name, description = "", inputSchema }) => {
    const names = schemaFields(inputSchema).map((field) => field.name);
    return cosine(asked, features([...labelWords(name), description, ...names].join(" ")));
  });
  const best = Math.max(...likeness);
  return choice === "required" || best >= minSimilarity ? tools[likeness.indexOf(best)] : undefined;
}

/** Earlier calls of the tool in the conversation are demonstrations. */
function argumentsFor(
  { name, description = "", inputSchema }: ToolSpecification,
  messages: readonly Message[],
  question: string,
  mind: ToolMind,
): JsonObject {
  const demos = messages.flatMap(({ role, content }, at): Demo[] => {
    const called = messages[at + 1]?.toolCalls?.find((call) => call.name === name);
    const outputs = role !== "user" || called === undefined ? undefined : parseObject(called.input);
    return outputs === undefined || content === question
      ? []
      : [{ inputs: new Map([[text, content]]), outputs, broken: false, at }];
  });
  const task: Task = {
    instruction: description,
    inputs: [{ name: text, type: { kind: "string" } }],
    outputs: schemaFields(inputSchema),
    demos,
    input: new Map([[text, question]]),
    bounds: schemaBounds(inputSchema),
  };
  const entries = answerTask(task, mind).flatMap(({ field, value }): [string, Json][] =>
    value === undefined ? [] : [[field.name, value]],
  );
  const object = Object.fromEntries(entries);
  return isPlainObject(object) ? object : {};
}
