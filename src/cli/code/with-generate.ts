import type { LanguageModel } from "#programs";

/** The model with another `generate` around its own. Property by property: models may be instances of classes. */
export function withGenerate(model: LanguageModel, generate: LanguageModel["generate"]): LanguageModel {
  const { id, usdPerMillionTokens } = model;
  const embed = model.embed?.bind(model);
  return {
    id,
    ...(usdPerMillionTokens === undefined ? {} : { usdPerMillionTokens }),
    ...(embed === undefined ? {} : { embed }),
    generate,
  };
}
