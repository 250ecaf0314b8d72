import { present } from "#foundation";
import type { LanguageModel } from "#programs";

/** The model with another `generate` around its own. Property by property: models may be instances of classes. */
export function withGenerate(model: LanguageModel, generate: LanguageModel["generate"]): LanguageModel {
  const { id, usdPerMillionTokens, supports } = model;
  return { id, generate, ...present({ usdPerMillionTokens, supports, embed: model.embed?.bind(model) }) };
}
