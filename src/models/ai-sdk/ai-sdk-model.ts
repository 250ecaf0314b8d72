/**
 * A model object of the AI SDK (specification V2, V3 or V4), by shape: tutti does not depend on the SDK. Only the
 * calls are described; what comes back is read defensively, because the specification grows within a version.
 */
export interface AiSdkModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  // The SDK's own option types differ between the versions; what we pass is the part that all three share.
  // oxlint-disable-next-line typescript/no-explicit-any
  doGenerate(options: any): PromiseLike<unknown>;
  // oxlint-disable-next-line typescript/no-explicit-any
  doStream?(options: any): PromiseLike<unknown>;
}

/** An embedding model object of the AI SDK, by shape. */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly maxEmbeddingsPerCall?: PromiseLike<number | undefined> | number | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any
  doEmbed(options: any): PromiseLike<unknown>;
}
