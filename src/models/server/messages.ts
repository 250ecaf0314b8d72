import { isPlainObject } from "#foundation";
import type { Attachment, Message, ToolCall } from "#programs";
import { bodyReader, defect } from "./body-field.ts";

const roles = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
} as const;

/** The messages of a chat body as the port has them. Throws `Defect`. */
export function readMessages(list: readonly unknown[]): Message[] {
  return list.map((item, index) => readMessage(item, `messages[${index}]`));
}

function readMessage(item: unknown, at: string): Message {
  if (!isPlainObject(item)) throw defect(at, "a message", item);
  const body = bodyReader(item, `${at}.`);
  const role = body.value("role");
  if (typeof role !== "string" || !Object.hasOwn(roles, role))
    throw defect(`${at}.role`, `one of ${Object.keys(roles).join(", ")}`, role);
  const own = roles[role as keyof typeof roles];
  const calls = body.list("tool_calls")?.map((call, index) => readToolCall(call, `${at}.tool_calls[${index}]`));
  const { content, attachments } = readContent(
    body.value("content"),
    `${at}.content`,
    calls !== undefined || own === "assistant",
  );
  const id = body.text("tool_call_id");
  return {
    role: own,
    content,
    ...(attachments.length === 0 ? {} : { attachments }),
    ...(calls === undefined || calls.length === 0 ? {} : { toolCalls: calls }),
    ...(id === undefined ? {} : { toolCallId: id }),
  };
}

interface Content {
  readonly content: string;
  readonly attachments: readonly Attachment[];
}

function readContent(value: unknown, at: string, mayLack: boolean): Content {
  if (value === undefined && mayLack) return { content: "", attachments: [] };
  if (typeof value === "string") return { content: value, attachments: [] };
  if (!Array.isArray(value)) throw defect(at, "a text or a list of parts", value);
  const parts = value.map((part, index) => readPart(part, `${at}[${index}]`));
  return {
    content: parts.flatMap((part) => (typeof part === "string" ? [part] : [])).join("\n"),
    attachments: parts.flatMap((part) => (typeof part === "string" ? [] : [part])),
  };
}

function readPart(part: unknown, at: string): string | Attachment {
  if (!isPlainObject(part)) throw defect(at, "a part", part);
  const { type } = part;
  const body = bodyReader(part, `${at}.`);
  if (type === "text" || type === "refusal") return body.text(type) ?? "";
  if (type === "image_url") {
    const image = body.value("image_url");
    const url = isPlainObject(image) ? image["url"] : image;
    if (typeof url !== "string") throw defect(`${at}.image_url.url`, "a text", url);
    return attachment("image", url);
  }
  if (type !== "file") throw defect(`${at}.type`, "one of text, image_url, file", type);
  const file = bodyReader(body.object("file") ?? {}, `${at}.file.`);
  const name = file.text("filename");
  return { ...attachment("file", file.text("file_data") ?? ""), ...(name === undefined ? {} : { filename: name }) };
}

function attachment(kind: Attachment["kind"], url: string): Attachment {
  const { mediaType, data } = /^data:(?<mediaType>[^;,]+);base64,(?<data>[\s\S]*)$/.exec(url)?.groups ?? {};
  if (mediaType !== undefined && data !== undefined) return { kind, mediaType, data };
  return { kind, mediaType: kind === "image" ? "image/*" : "application/octet-stream", url };
}

function readToolCall(call: unknown, at: string): ToolCall {
  if (!isPlainObject(call)) throw defect(at, "a tool call", call);
  const called = bodyReader(bodyReader(call, `${at}.`).object("function") ?? {}, `${at}.function.`);
  const name = called.text("name");
  if (name === undefined) throw defect(`${at}.function.name`, "a text", undefined);
  return { id: bodyReader(call, `${at}.`).text("id") ?? "", name, input: called.text("arguments") ?? "{}" };
}
