import type { Json } from "#foundation";
import type { Field, FieldType } from "#programs";

/** How long a text is where nobody knows: about 60 tokens. */
const assumedCharacters = 240;

const filler = "words that stand for what a model would say here. ";

type Make<K extends FieldType["kind"]> = (type: Extract<FieldType, { kind: K }>, label: string) => Json;

const makers: { readonly [K in FieldType["kind"]]: Make<K> } = {
  string: ({ minLength = 0, maxLength = Infinity }, label) => text(label, minLength, maxLength),
  int: ({ min = 1, max = Math.max(min, 1) }) => Math.min(Math.max(1, Math.ceil(min)), max),
  float: ({ min = 0.5, max = Math.max(min, 0.5) }) => Math.min(Math.max(0.5, min), max),
  bool: () => true,
  date: ({ time }) => (time === true ? "2026-01-01T00:00:00Z" : "2026-01-01"),
  image: () => ({ url: "https://example.com/image.png" }),
  file: () => ({ url: "https://example.com/file.pdf" }),
  history: () => [],
  literal: ({ values }) => values[0] ?? "",
  list: ({ item, minItems = 0, maxItems = Infinity }, label) =>
    Array.from({ length: Math.max(minItems, Math.min(3, maxItems)) }, (_, index) =>
      assumedValue(item, `${label}, item ${index + 1}`),
    ),
  map: ({ value }, label) => ({ a: assumedValue(value, label) }),
  object: ({ fields }, label) => assumedRecord(fields, label),
  json: (_, label) => text(label, 0, Infinity),
};

/** A value of the type, for where nobody asks a model: labels that differ give texts that differ. */
function assumedValue<K extends FieldType["kind"]>(type: Extract<FieldType, { kind: K }>, label: string): Json {
  return (makers[type.kind] as Make<K>)(type, label);
}

/** A record of the fields. */
export function assumedRecord(fields: readonly Field[], label: string): { readonly [name: string]: Json } {
  return Object.fromEntries(fields.map(({ name, type }) => [name, assumedValue(type, `${name} ${label}`)]));
}

function text(label: string, min: number, max: number): string {
  const length = Math.min(max, Math.max(min, assumedCharacters));
  return `${label}: ${filler.repeat(Math.ceil(length / filler.length))}`.slice(0, length);
}
