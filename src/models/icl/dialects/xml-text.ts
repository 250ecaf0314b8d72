import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { FieldType } from "#programs";

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const entity = /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi;

/** A text as it stands in an element: what would read as a tag or as an entity is written as one. */
export function escapeXml(text: string): string {
  return text.replace(/&(?=(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/gi, "&amp;").replace(/<(?=[\p{L}_/!?])/gu, "&lt;");
}

/** The text that an element holds. One with a raw tag in it was not escaped and stays as it is. */
export function unescapeXml(text: string): string {
  if (/<[\p{L}_/!?]/u.test(text)) return text;
  return text.replace(entity, (whole: string, hex?: string, digits?: string, name?: string) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A list, map or object as nested elements, anything else as text. */
export function nested(value: Json, plain: (value: Json) => string): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${nested(item, plain)}</item>`).join("");
  if (!isPlainObject(value)) return plain(value);
  return Object.entries(value)
    .map(([name, item]) => `<${name}>${nested(item as Json, plain)}</${name}>`)
    .join("");
}

/** Reads nested elements as a type wants them. */
export function readNested(text: string, type: FieldType, plain: (text: string, type: FieldType) => Json): Json {
  if (type.kind === "list" && text.includes("<item>"))
    return [...text.matchAll(/<item>([\s\S]*?)<\/item>/g)].map((match) => readNested(match[1] ?? "", type.item, plain));
  const entries = [...text.matchAll(/<([\w.-]+)>([\s\S]*?)<\/\1>/g)];
  if (text.trim() === "" && type.kind === "list") return [];
  if (text.trim() === "" && (type.kind === "map" || type.kind === "object")) return {};
  if (type.kind === "map" && entries.length > 0)
    return Object.fromEntries(entries.map(([, name = "", inner = ""]) => [name, readNested(inner, type.value, plain)]));
  if (type.kind === "object" && entries.length > 0) {
    const known = new Map(type.fields.map((field) => [field.name, field.type]));
    return Object.fromEntries(
      entries.map(([, name = "", inner = ""]) => [
        name,
        readNested(inner, known.get(name) ?? { kind: "string" }, plain),
      ]),
    );
  }
  return plain(text.trim(), type);
}
