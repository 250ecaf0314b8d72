import { isPlainObject, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import type { Field, FieldType } from "./field-type.ts";

/** The fields that an object's JSON Schema describes. What has no counterpart among our types stays `json`. */
export function fieldsOfSchema(schema: JsonObject, what: string): Field[] {
  const properties = schema["properties"];
  if (schema["type"] !== "object" || !isPlainObject(properties))
    throw new UsageError(
      `${what}: expected the schema of an object with named properties, got ${JSON.stringify(schema)}`,
    );
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties).map(([name, property]) => {
    if (name === "__proto__") throw new UsageError(`${what}: expected a property of another name than ${name}`);
    const definition = isPlainObject(property) ? property : {};
    const description = definition["description"];
    return {
      name,
      type: typeOfSchema(definition),
      ...(required.includes(name) ? {} : { optional: true }),
      ...(typeof description === "string" ? { description } : {}),
    };
  });
}

function typeOfSchema(schema: JsonObject): FieldType {
  const values = schema["enum"] ?? (schema["const"] === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(values)) {
    const texts = values.filter((value) => typeof value === "string");
    return texts.length === values.length ? { kind: "literal", values: texts } : { kind: "json", schema };
  }
  switch (schema["type"]) {
    case "string":
      return { kind: "string" };
    case "integer":
      return { kind: "int" };
    case "number":
      return { kind: "float" };
    case "boolean":
      return { kind: "bool" };
    case "array":
      return isPlainObject(schema["items"])
        ? { kind: "list", item: typeOfSchema(schema["items"]) }
        : { kind: "json", schema };
    case "object":
      return isPlainObject(schema["properties"])
        ? { kind: "object", fields: fieldsOfSchema(schema, "schema") }
        : { kind: "json", schema };
    default:
      return { kind: "json", schema };
  }
}
