import type { Message } from "#programs";
import { ax } from "./ax.ts";
import { chatMarkers } from "./chat-markers.ts";
import type { Dialect } from "./dialect.ts";
import { dspyChat } from "./dspy-chat.ts";
import { dspyJson } from "./dspy-json.ts";
import { dspyXml } from "./dspy-xml.ts";
import { generic } from "./generic.ts";
import { jsonObject } from "./json-object.ts";
import { plainChat } from "./plain-chat.ts";
import { reflection } from "./reflection.ts";
import { xmlElements } from "./xml-elements.ts";

/** Tried in this order; the last one takes everything. */
const dialects: readonly Dialect[] = [
  chatMarkers,
  jsonObject,
  xmlElements,
  dspyChat,
  dspyJson,
  dspyXml,
  ax,
  reflection,
  generic,
  plainChat,
];

/** The dialect that a prompt is written in. */
export function recogniseDialect(messages: readonly Message[]): Dialect {
  return dialects.find((dialect) => dialect.recognise(messages)) ?? plainChat;
}
