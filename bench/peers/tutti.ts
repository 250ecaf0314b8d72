import { execute, module, predict, program, signature } from "#tutti";
import type { LanguageModel } from "#tutti";
import type { Contestant } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";

const usage = { calls: 1, inputTokens: 10, outputTokens: 20, usd: 0 };

/** A model that answers the field that it is asked for, in the form of the chat adapter, at once. */
function instantModel(replies: Readonly<Record<string, string>>): LanguageModel {
  return {
    id: "instant",
    generate({ messages }) {
      const question = messages.at(-1)?.content ?? "";
      const text = replies[question.slice(6, question.indexOf(" ", 6))] ?? "";
      return Promise.resolve({ text, finishReason: "stop", usage });
    },
  };
}

function reply(field: string): string {
  const { answer, confidence } = truth;
  return `[[ ## ${field} ## ]]\n${answer}\n\n[[ ## confidence ## ]]\n${confidence}\n\n[[ ## completed ## ]]`;
}

const model = instantModel({ question: reply("answer"), draft: reply("review"), review: reply("answer") });
const stagesModel = instantModel({ question: reply("draft"), draft: reply("review"), review: reply("answer") });

const single = program({ name: "single", signature: signature("question -> answer: string, confidence: float") });

const pipeline = program({
  name: "pipeline",
  signature: single.signature,
  pipeline: [
    predict({ id: "draft", signature: signature("question -> draft: string, confidence: float") }),
    predict({ id: "review", signature: signature("draft -> review: string, confidence: float") }),
    predict({ id: "answer", signature: signature("review -> answer: string, confidence: float") }),
  ],
});

const functions = program({
  name: "functions",
  signature: signature("question -> answer: string"),
  pipeline: ["shout", "ask", "sign"],
});
const modules = [
  module("shout", ({ inputs }) => ({ shouted: String(inputs["question"]).toUpperCase() })),
  module("ask", ({ outputs }) => ({ asked: `${String(outputs["shouted"])}?` })),
  module("sign", ({ outputs }) => ({ answer: outputs["asked"] })),
];

/** `execute` as a user has it: from the root entry, with the default adapter. */
export const contestant: Contestant = {
  single: async (question) => (await execute(single, { question }, { model })).outputs,
  pipeline: async (question) => (await execute(pipeline, { question }, { model: stagesModel })).outputs,
  functions: async (question) => (await execute(functions, { question }, { modules })).outputs,
};
