import { isPlainObject } from "#foundation";
import type { Field, FieldType } from "../signatures/field-type.ts";
import { attachmentOf } from "../signatures/file-value.ts";
import type { Attachment, Message } from "../language-model.ts";

type Values = Readonly<Record<string, unknown>>;
type Write = (fields: readonly Field[], values: Values) => string;

/**
 * The message of one case: the text that `write` makes of it, with references in place of images and files, and those
 * beside it. Earlier turns are messages of their own and no part of it.
 */
export function userMessage(inputs: readonly Field[], values: Values, write: Write): Message {
  const { fields, hasFiles } = stateable(inputs);
  if (!hasFiles) return { role: "user", content: write(fields, values) };
  const attachments: Attachment[] = [];
  const stated = Object.fromEntries(
    fields.map(({ name, type }) => [name, referring(type, values[name], attachments)] as const),
  );
  const content = write(fields, stated);
  return attachments.length === 0 ? { role: "user", content } : { role: "user", content, attachments };
}

interface Stateable {
  readonly fields: readonly Field[];
  readonly hasFiles: boolean;
}

const known = new WeakMap<readonly Field[], Stateable>();

/** What the text of a case states; remembered, for every call asks. */
function stateable(inputs: readonly Field[]): Stateable {
  let found = known.get(inputs);
  if (found === undefined) {
    const fields = inputs.filter(({ type }) => type.kind !== "history");
    found = { fields, hasFiles: fields.some(({ type }) => holdsFiles(type)) };
    known.set(inputs, found);
  }
  return found;
}

function holdsFiles(type: FieldType): boolean {
  switch (type.kind) {
    case "image":
    case "file":
      return true;
    case "list":
      return holdsFiles(type.item);
    case "map":
      return holdsFiles(type.value);
    case "object":
      return type.fields.some((field) => holdsFiles(field.type));
    default:
      return false;
  }
}

/** The value with `(attached image 1)` where there is an image, which goes to the attachments. */
function referring(type: FieldType, value: unknown, attachments: Attachment[]): unknown {
  if (value === undefined || value === null || !holdsFiles(type)) return value;
  switch (type.kind) {
    case "image":
    case "file":
      attachments.push(attachmentOf(type.kind, value));
      return `(attached ${type.kind} ${attachments.filter(({ kind }) => kind === type.kind).length})`;
    case "list":
      return Array.isArray(value) ? value.map((item) => referring(type.item, item, attachments)) : value;
    case "map":
      return mapEntries(value, (_key, item) => referring(type.value, item, attachments));
    case "object":
      return mapEntries(value, (key, item) => {
        const field = type.fields.find(({ name }) => name === key);
        return field === undefined ? item : referring(field.type, item, attachments);
      });
    default:
      return value;
  }
}

function mapEntries(value: unknown, change: (key: string, item: unknown) => unknown): unknown {
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(key, item)]));
}
