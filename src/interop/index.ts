/** Programs for other frameworks: as tools and as models of the AI SDK, and of all that take these. */

export { asTool } from "./as-tool.ts";
export type { ProgramTool, ToolCallContext, ToolOptions } from "./as-tool.ts";
export { asLanguageModel } from "./as-language-model.ts";
export type { LanguageModelOptions } from "./as-language-model.ts";
export type {
  AiSdkLanguageModel,
  GenerateResult,
  ModelCall,
  PromptMessage,
  StreamPart,
  Warning,
} from "./ai-sdk-shapes.ts";
export { lastUserText, wholeConversation } from "./conversation.ts";
export type { PromptReader } from "./model-inputs.ts";
export { jsonOutputs } from "./json-outputs.ts";
export type { JsonValue } from "./json-outputs.ts";
export type { RunOptions } from "./run-options.ts";
