import { createHash } from "node:crypto";
import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { ModelRequest } from "#programs";

/**
 * The identity of what is asked of a model: SHA-256 over the canonical JSON of its id and the whole request. No
 * rollout is rollout 0.
 */
export function requestKey(model: string, request: ModelRequest): string {
  return keyOf({ model, request: { ...request, rollout: request.rollout ?? 0 } as unknown as Json });
}

/** The identity of texts whose vectors are asked for. */
export function textsKey(model: string, texts: readonly string[]): string {
  return keyOf({ model, texts });
}

function keyOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
