import { isPlainObject } from "#foundation";
import type { JsonObject } from "#foundation";
import type { FieldType } from "#programs";
import { readLiteral } from "./python-literal.ts";
import { schemaType } from "./schema-fields.ts";

/** A type as an annotation of Python states it. */
interface AnnotatedType {
  readonly type: FieldType;
  /** Whether it may be `None`. */
  readonly optional: boolean;
}

const scalars: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ["str", { kind: "string" }],
  ["int", { kind: "int" }],
  ["float", { kind: "float" }],
  ["bool", { kind: "bool" }],
]);
const nothing: ReadonlySet<string> = new Set(["None", "NoneType"]);
const maxDepth = 16;

/** Reads `Literal['a', 'b']`, `list[str]`, `dict[str, int]`, `Optional[…]`, `str | None`; a schema tells the others. */
export function readPythonType(annotation: string, schema?: JsonObject, depth: number = maxDepth): AnnotatedType {
  const text = annotation.trim();
  const members = splitTop(text, "|");
  if (members.length > 1) return union(members, schema, depth);
  const { name, inner } = /^(?:typing\.)?(?<name>[\w.]+)(?:\[(?<inner>[\s\S]*)\])?$/.exec(text)?.groups ?? {};
  const scalar = scalars.get(name ?? "");
  if (scalar !== undefined && inner === undefined) return { type: scalar, optional: false };
  if (name === undefined || depth === 0) return bySchema(schema);
  if (name === "Literal") return literal(inner ?? "") ?? bySchema(schema);
  if (name === "Optional") return { ...readPythonType(inner ?? "", schema, depth - 1), optional: true };
  if (name === "Union" || name === "UnionType") return union(splitTop(inner ?? "", ","), schema, depth);
  if (/^(?:list|List|set|tuple|Sequence)$/.test(name)) return list(inner, schema, depth);
  if (/^(?:dict|Dict|Mapping)$/.test(name)) return dict(inner, schema, depth);
  return bySchema(schema);
}

function union(members: readonly string[], schema: JsonObject | undefined, depth: number): AnnotatedType {
  const present = members.filter((member) => !nothing.has(member.trim()));
  const optional = present.length < members.length;
  const [only] = present;
  if (only === undefined || present.length > 1) return { ...bySchema(schema), optional };
  const variants = Array.isArray(schema?.["anyOf"]) ? schema["anyOf"].filter(isPlainObject) : [];
  const own = variants.find((variant) => variant["type"] !== "null") as JsonObject | undefined;
  return { ...readPythonType(only, own ?? schema, depth - 1), optional };
}

function literal(inner: string): AnnotatedType | undefined {
  const values = readLiteral(`[${inner}]`)?.value;
  if (!Array.isArray(values) || values.length === 0) return undefined;
  return { type: { kind: "literal", values: values.map(String) }, optional: false };
}

function list(inner: string | undefined, schema: JsonObject | undefined, depth: number): AnnotatedType {
  const [item = "str"] = splitTop(inner ?? "str", ",");
  const items = schema?.["items"];
  const own = isPlainObject(items) ? items : undefined;
  return { type: { kind: "list", item: readPythonType(item, own, depth - 1).type }, optional: false };
}

function dict(inner: string | undefined, schema: JsonObject | undefined, depth: number): AnnotatedType {
  const value = inner === undefined ? undefined : splitTop(inner, ",")[1];
  if (value === undefined || value.trim() === "Any") return { type: { kind: "json" }, optional: false };
  const values = schema?.["additionalProperties"];
  const own = isPlainObject(values) ? values : undefined;
  return { type: { kind: "map", value: readPythonType(value, own, depth - 1).type }, optional: false };
}

function bySchema(schema: JsonObject | undefined): AnnotatedType {
  return { type: schema === undefined ? { kind: "json" } : schemaType(schema), optional: false };
}

/** Splits where a separator stands outside brackets and quotes. */
function splitTop(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    if (letter === "'" || letter === '"') at = (readLiteral(text, at)?.end ?? at + 1) - 1;
    else if (letter === "[" || letter === "(") depth++;
    else if (letter === "]" || letter === ")") depth--;
    else if (letter === separator && depth === 0) {
      pieces.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...pieces, text.slice(from)].map((piece) => piece.trim());
}
