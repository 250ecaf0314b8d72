import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { ModelReply } from "#programs";

/** The reply with more in its metadata; metadata that are no object stay under the name `provider`. */
export function withMetadata(reply: ModelReply, more: Readonly<Record<string, Json>>): ModelReply {
  const { metadata } = reply;
  if (metadata === undefined) return { ...reply, metadata: more };
  const before = isPlainObject(metadata) ? (metadata as Readonly<Record<string, Json>>) : { provider: metadata };
  return { ...reply, metadata: { ...before, ...more } };
}
