import { z } from "zod";
import type { Contestant, Prediction } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";

const schema = z.object({ answer: z.string(), confidence: z.number() });
const reply = JSON.stringify(truth);

function model(_prompt: string): Promise<string> {
  return Promise.resolve(reply);
}

async function predict(question: string): Promise<Prediction> {
  const prompt = `Given question, produce answer and confidence as JSON.\nQuestion: ${question}`;
  return schema.parse(JSON.parse(await model(prompt)));
}

const [shout, ask, sign] = [
  (text: string) => Promise.resolve({ text: text.toUpperCase() }),
  (text: string) => Promise.resolve({ text: `${text}?` }),
  (text: string) => Promise.resolve({ answer: text }),
];

/** No framework: template, model, `JSON.parse`, zod. What is below this is not a framework's business. */
export const contestant: Contestant = {
  single: predict,
  pipeline: async (question) => predict((await predict((await predict(question)).answer)).answer),
  functions: async (question) => sign((await ask((await shout(question)).text)).text),
};
