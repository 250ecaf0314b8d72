/** The modules beyond asking once: stages that bring code along, or have other stages try several times. */

export { tool, ToolInputError } from "./acting/tool.ts";
export type { Tool, ToolCallOptions, ToolInput, ToolInputOf, ToolOptions } from "./acting/tool.ts";
export { mcpTools } from "./acting/mcp-tools.ts";
export type { McpClient, McpToolsOptions } from "./acting/mcp-tools.ts";
export { react } from "./acting/react.ts";
export type { ReactBudget, ReactOptions } from "./acting/react.ts";

export { bestOfN } from "./best-of-n.ts";
export type { BestOfNOptions } from "./best-of-n.ts";
export { refine } from "./refine.ts";
export type { RefineOptions } from "./refine.ts";
export { majority } from "./majority.ts";
export type { MajorityOptions } from "./majority.ts";
export { ensemble } from "./ensemble.ts";
export type { Ensemble, EnsembleOptions, ReduceAnswers } from "./ensemble.ts";
export type { AttemptScore, ScoreAttempt } from "./score.ts";

export { knnFewShot } from "./knn-few-shot.ts";
export type { KnnFewShotOptions } from "./knn-few-shot.ts";
export { retrieve } from "./retrieve.ts";
export type { RetrieveOptions } from "./retrieve.ts";
export { bm25 } from "../retrieval/bm25.ts";
export type { Bm25Options } from "../retrieval/bm25.ts";
export { embeddingRetriever } from "../retrieval/embedding-retriever.ts";
export type { EmbeddingRetrieverOptions } from "../retrieval/embedding-retriever.ts";
export type { Document, Passage, Retrieved, Retriever } from "../retrieval/retriever.ts";

export { programOfThought } from "./acting/program-of-thought.ts";
export type { ProgramOfThoughtOptions, ProgramRunner } from "./acting/program-of-thought.ts";

export type { BroughtStage, BroughtStageOptions } from "./brought-stage.ts";
