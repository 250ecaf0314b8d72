/** The models wing: whatever people hold in their hands, as the LanguageModel port. */

export { languageModelFrom } from "./language-model-from.ts";
export type { LanguageModelFromOptions, ModelFunction, ModelLike } from "./language-model-from.ts";
export { aiSdkModel } from "./ai-sdk.ts";
export type { AiSdkOptions } from "./ai-sdk.ts";
export type { AiSdkEmbeddingModel, AiSdkModel } from "./ai-sdk/ai-sdk-model.ts";
export { openAiCompatible } from "./openai-compatible.ts";
export type { Endpoint } from "./openai/endpoint.ts";
