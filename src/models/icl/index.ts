/** The embedded offline model. */

export { iclModel } from "./icl-model.ts";
export type { IclModelOptions } from "./icl-model.ts";
export { modelCard } from "./model-card.ts";
export { countTokens } from "./words/tokenizer.ts";
