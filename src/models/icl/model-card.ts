import type { JsonObject } from "#foundation";
import { tiers } from "./tiers.ts";
import type { TierName } from "./tiers.ts";
import { tokenizerVersion } from "./words/tokenizer.ts";

/** What a tier of the model is, in plain data. */
export function modelCardOf(tier: TierName): JsonObject {
  const { id, description, contextTokens, price } = tiers[tier];
  return {
    name: id,
    ...common,
    tier: description,
    contextTokens,
    tokenizer: tokenizerVersion,
    price: { unit: "fictional units per 1,000 tokens", input: price.inputPer1k, output: price.outputPer1k },
  };
}

const common: JsonObject = {
  description:
    "Text in, text out, no weights, no hidden knowledge of any data set: everything it answers comes from the prompt " +
    "(instruction, field descriptions, demonstrations, input) plus generic string machinery (tokeniser, light English " +
    "stemmer, about 70 stop words).",
  honesty:
    "It is not a language model in the usual sense: it does not know facts, does not reason in words and never invents " +
    "prose. An answer is a label, a number or text found in the prompt; its reasoning fields state the evidence that it " +
    "used and nothing else.",
  does: [
    "classification from demonstrations, label names, label descriptions and rules in the instruction",
    "lists of labels, booleans, extraction of values from the input",
    "numbers copied, counted or computed as the demonstrations show",
    "simple transformations of text that the demonstrations show; else the most similar demonstration's output",
    "calls of tools: the one whose description is most like the question, with arguments extracted from it",
    "prompts by which optimisers, judges and managers ask: rules, counts, scores and steps computed from the prompt",
    "embeddings by signed feature hashing, 256 dimensions",
  ],
  limits: [
    "labels that no demonstration, name, description or rule speaks for are chosen at chance level or worse",
    "rules are read by a small English grammar: what a sentence says about absence or about several labels is ignored",
    "temperature acts on choices among labels and on the form of the answer; everything else is greedy",
    "presence and frequency penalties are ignored, and said to be in the warnings",
    "stemming, stop words, the rule grammar and the forms that a field's name asks for (date, price, city …) are English",
  ],
};

/** What the model is (its base tier), in plain data. */
export const modelCard: JsonObject = modelCardOf("base");
