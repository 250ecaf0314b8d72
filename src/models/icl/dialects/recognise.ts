import type { Message } from "#programs";
import { chatMarkers } from "./chat-markers.ts";
import type { Dialect } from "./dialect.ts";
import { jsonObject } from "./json-object.ts";
import { plainChat } from "./plain-chat.ts";

/** Tried in this order; the last one takes everything. */
const dialects: readonly Dialect[] = [chatMarkers, jsonObject, plainChat];

/** The dialect that a prompt is written in. */
export function recogniseDialect(messages: readonly Message[]): Dialect {
  return dialects.find((dialect) => dialect.recognise(messages)) ?? plainChat;
}
