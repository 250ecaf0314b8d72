import fc from "fast-check";
import type { Field, FieldType } from "#programs";

const scalar = fc.constantFrom<FieldType>(
  { kind: "string" },
  { kind: "int" },
  { kind: "float" },
  { kind: "bool" },
  { kind: "date" },
  { kind: "json" },
  { kind: "literal", values: ["billing", "Billing", "a, b"] },
);
const anyType: fc.Arbitrary<FieldType> = fc.oneof(
  scalar,
  scalar.map((item): FieldType => ({ kind: "list", item })),
  scalar.map((value): FieldType => ({ kind: "map", value: { kind: "list", item: value } })),
  scalar.map((type): FieldType => ({ kind: "object", fields: [{ name: "inner", type }] })),
);

/** One to four fields of all types. */
export const anyFields: fc.Arbitrary<Field[]> = fc
  .array(anyType, { minLength: 1, maxLength: 4 })
  .map((types) => types.map((type, index) => ({ name: `field_${index}`, type })));

/** Values that fit the fields, with these texts. */
export function anyRecord(fields: readonly Field[], text: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, anyValue(type, text)])));
}

function anyValue(type: FieldType, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "string":
      return text;
    case "int":
      return fc.maxSafeInteger();
    case "float":
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case "bool":
      return fc.boolean();
    case "date":
      return fc.constantFrom("2026-11-20", "2024-02-29", "2026-01-01T10:00:00Z");
    case "literal":
      return fc.constantFrom(...type.values);
    case "list":
      return fc.array(anyValue(type.item, text), { maxLength: 4 });
    case "map":
      return fc.dictionary(fc.stringMatching(/^[a-z ]{0,5}$/), anyValue(type.value, text), { noNullPrototype: true });
    case "object":
      return anyRecord(type.fields, text);
    case "json":
      return fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer()), fc.constant({ a: [1] }));
    case "image":
    case "file":
    case "history":
      throw new Error(`no output is of the kind ${type.kind}`);
  }
}
