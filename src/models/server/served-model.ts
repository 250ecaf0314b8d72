import type { JsonObject } from "#foundation";
import type { LanguageModel } from "#programs";
import type { Refusal } from "./openai-error.ts";

/** A model as it is served. */
export interface ServedModel {
  readonly model: LanguageModel;
  /** What `/v1/models` says of it. */
  readonly card?: JsonObject;
}

export function unknownModel(name: string, served: ReadonlyMap<string, ServedModel>): Refusal {
  const message = `The model \`${name}\` does not exist; there is ${[...served.keys()].join(", ")}`;
  return { status: 404, type: "invalid_request_error", code: "model_not_found", param: "model", message };
}
