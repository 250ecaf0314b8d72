import { describe, isPlainObject, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import type { Attachment } from "../language-model.ts";
import { readJson } from "../reading.ts";

/** An image or a file as a value: where it lies, or its bytes in base64. A text is its URL or its data URL. */
export type FileValue =
  | string
  | { readonly url: string; readonly mediaType?: string; readonly filename?: string }
  | { readonly data: string; readonly mediaType: string; readonly filename?: string };

/** The most bytes that travel within a request: 20 MiB, what providers take at most. Larger files go by their URL. */
const maxFileBytes = 20 * 1024 * 1024;

const maxUrlCharacters = 8192;

/** The media types of files that are usually sent, by the end of their names. */
const mediaTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  json: "application/json",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  mp4: "video/mp4",
};

/** An image or file as a message carries it. Throws `UsageError` for a value that is none. */
export function attachmentOf(kind: Attachment["kind"], value: unknown): Attachment {
  const read = readFileValue(value);
  const defect = fileDefect(read);
  if (defect !== undefined) throw new UsageError(`${kind}: expected ${fileForm}, got ${defect}`);
  const { url, data, mediaType, filename } = read as Partial<Attachment>;
  return {
    kind,
    mediaType: mediaType ?? mediaTypeOf(kind, filename ?? url ?? ""),
    ...(url === undefined ? {} : { url }),
    ...(data === undefined ? {} : { data }),
    ...(filename === undefined ? {} : { filename }),
  };
}

function mediaTypeOf(kind: Attachment["kind"], name: string): string {
  const ending = /\.(\w{2,5})(?:[?#]|$)/.exec(name.slice(name.lastIndexOf("/") + 1))?.[1]?.toLowerCase() ?? "";
  const known = Object.hasOwn(mediaTypes, ending) ? mediaTypes[ending] : undefined;
  return known ?? (kind === "image" ? "image/*" : "application/octet-stream");
}

/** What is expected of such a value, in words. */
export const fileForm = "a URL, a data URL, { url } or { data, mediaType }";

/** The object that a text means; anything else as it is. */
export function readFileValue(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  const text = raw.trim();
  if (text.startsWith("{")) return readJson(text) ?? raw;
  if (!/^data:/i.test(text)) return { url: text };
  const [head, mediaType] = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[\w.+-]+)*;base64,/i.exec(text.slice(0, 300)) ?? [];
  return head === undefined || mediaType === undefined ? raw : { data: text.slice(head.length), mediaType };
}

/** What keeps a value from being an image or a file, or `undefined`. The bytes are not looked into. */
export function fileDefect(value: unknown): string | undefined {
  if (typeof value === "string") {
    const read = readFileValue(value);
    return typeof read === "string" ? describe(value) : fileDefect(read);
  }
  if (!isPlainObject(value)) return describe(value);
  const { url, data, mediaType, filename, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `the unknown key ${unknown}`;
  if ((url === undefined) === (data === undefined)) return "not exactly one of url and data";
  for (const [key, text] of Object.entries({ mediaType, filename }))
    if (text !== undefined && typeof text !== "string") return `${describe(text)} as ${key}`;
  if (mediaType !== undefined && !/^[\w.+-]+\/[\w.+*-]+$/.test(String(mediaType))) return describe(mediaType);
  if (url !== undefined) return urlDefect(url);
  return mediaType === undefined ? "data without mediaType" : dataDefect(data);
}

function urlDefect(url: unknown): string | undefined {
  if (typeof url !== "string") return describe(url);
  if (url.length > maxUrlCharacters) return `a URL of ${url.length} characters (at most ${maxUrlCharacters})`;
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? undefined : `${describe(url)}, no http(s) URL`;
}

function dataDefect(data: unknown): string | undefined {
  if (typeof data !== "string" || data === "") return `${describe(data)} as data`;
  const bytes = Math.floor((data.length * 3) / 4);
  if (bytes > maxFileBytes) return `${bytes} bytes (at most ${maxFileBytes}; pass a URL instead)`;
  return data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data) ? undefined : "data that is no base64";
}

export const fileJsonSchema: JsonObject = {
  anyOf: [
    { type: "string", format: "uri" },
    {
      type: "object",
      properties: { url: { type: "string" }, mediaType: { type: "string" }, filename: { type: "string" } },
      required: ["url"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: { data: { type: "string" }, mediaType: { type: "string" }, filename: { type: "string" } },
      required: ["data", "mediaType"],
      additionalProperties: false,
    },
  ],
};
