/** The embedded offline model. */

export { iclModel } from "./icl-model.ts";
export type { IclModelOptions } from "./icl-model.ts";
export { modelCard, modelCardOf } from "./model-card.ts";
export type { TierName } from "./tiers.ts";
export { countTokens } from "./words/tokenizer.ts";
