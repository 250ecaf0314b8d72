import type { Field, Message, ModelRequest } from "#programs";
import type { Dialect } from "./dialect.ts";
import { parseObject } from "./json-text.ts";
import { schemaBounds, schemaFields } from "./schema-fields.ts";
import type { Demo, Task } from "./task.ts";
import { turns } from "./turns.ts";

/** The names that stand before inputs and before the answer in a prompt made of shots. */
interface Cues {
  readonly inputs: readonly string[];
  readonly output: string;
}

const cueSource = "^(?:#{1,4} ?|\\*\\*)?(?<cue>\\p{Lu}[\\p{L}\\p{N} _-]{0,30}?):?(?:\\*\\*)?:?";
const cueLine = new RegExp(`${cueSource}(?<=:|:\\*\\*)(?<rest>.*)$`, "u");

/** Shots in prose: `Input: … Output: …`, `Q: … A: …`, `Text: … Label: …`, with or without `###`; the last is open. */
export const generic: Dialect = {
  name: "generic",
  recognise: (messages) => cuesOf(turns(messages).question) !== undefined,
  parse: parseShots,
  render: (answers) => {
    const value = answers[0]?.value;
    return [{ text: typeof value === "string" ? value : JSON.stringify(value ?? "") }];
  },
};

function parseShots({ messages, responseFormat }: ModelRequest): Task {
  const { system, answered, question } = turns(messages);
  const cues = cuesOf(question) ?? { inputs: [], output: "answer" };
  const { before, shots } = splitShots(question, cues);
  const open = shots.at(-1);
  const at = lastUser(messages);
  const inline = shots.slice(0, -1).flatMap(({ texts, text }): Demo[] => {
    const value = texts.get(cues.output);
    return value === undefined || value === ""
      ? []
      : [{ inputs: texts, outputs: new Map([[cues.output, value]]), broken: false, at, text }];
  });
  const told = answered.map(({ user, assistant, at: index }): Demo => {
    const texts = splitShots(user, cues).shots.at(-1)?.texts ?? new Map([[cues.inputs[0] ?? "", user]]);
    return { inputs: texts, outputs: new Map([[cues.output, assistant.trim()]]), broken: false, at: index };
  });
  const named = responseFormat === undefined ? [] : schemaFields(responseFormat.schema);
  const outputs: Field[] = named.length > 0 ? named : [{ name: cues.output, type: { kind: "string" } }];
  return {
    instruction: [system, before].filter((part) => part !== "").join("\n"),
    inputs: cues.inputs.map((name) => ({ name, type: { kind: "string" } })),
    outputs,
    input: open?.texts ?? new Map(),
    bounds: schemaBounds(responseFormat?.schema),
    demos: [...told, ...inline].map((demo) => ({ ...demo, outputs: underNames(demo.outputs, cues.output, outputs) })),
  };
}

/** What a shot answers under the names that a schema wants: its only one, or those of the JSON object that it is. */
function underNames(told: Demo["outputs"], cue: string, outputs: readonly Field[]): Demo["outputs"] {
  const [only] = outputs;
  const value = told.get(cue);
  if (value === undefined || only?.name === cue) return told;
  const object = typeof value === "string" ? parseObject(value) : undefined;
  return object ?? new Map(only === undefined || outputs.length > 1 ? [] : [[only.name, value]]);
}

function lastUser(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === "user");
}

/** The cues of the last, open shot: the text ends with the output's cue and nothing after it. */
function cuesOf(question: string): Cues | undefined {
  const lines = question.trimEnd().split("\n");
  const last = cueLine.exec(lines.at(-1) ?? "")?.groups;
  if (last?.["cue"] === undefined || last["rest"]?.trim() !== "") return undefined;
  const output = last["cue"].trim();
  const inputs: string[] = [];
  for (const line of lines.slice(0, -1).toReversed()) {
    const cue = cueLine.exec(line)?.groups?.["cue"]?.trim();
    if (cue === output || (cue !== undefined && inputs.includes(cue))) break;
    if (line.trim() === "" && inputs.length > 0) break;
    if (cue !== undefined) inputs.unshift(cue);
  }
  return inputs.length === 0 ? undefined : { inputs, output };
}

interface Shot {
  readonly texts: ReadonlyMap<string, string>;
  readonly text: string;
}

function splitShots(question: string, { inputs, output }: Cues): { readonly before: string; readonly shots: Shot[] } {
  const [first] = inputs;
  const blocks: string[][] = [[]];
  for (const line of question.split("\n")) {
    if (cueLine.exec(line)?.groups?.["cue"]?.trim() === first) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  const [before = [], ...shots] = blocks;
  return {
    before: before
      .filter((line) => !separator.test(line))
      .join("\n")
      .trim(),
    shots: shots.map((lines) => ({ texts: readShot(lines, new Set([...inputs, output])), text: lines.join("\n") })),
  };
}

const separator = /^\s*(?:#{2,}|-{3,}|={3,}|\*{3,})\s*$/;

function readShot(lines: readonly string[], cues: ReadonlySet<string>): Map<string, string> {
  const texts = new Map<string, string>();
  let current: string | undefined;
  for (const line of lines) {
    const { cue, rest } = cueLine.exec(line)?.groups ?? {};
    if (cue !== undefined && cues.has(cue.trim())) texts.set((current = cue.trim()), (rest ?? "").trim());
    else if (current !== undefined && !separator.test(line)) texts.set(current, `${texts.get(current) ?? ""}\n${line}`);
  }
  return new Map([...texts].map(([name, text]) => [name, text.trim()]));
}
