/** Whose signatures: ours, ours with limits and descriptions, or those of @ax-llm/ax. */
export type SignatureLibrary = "tutti" | "tutti-rich" | "ax";

/** A field's type in each of the languages. */
const types: readonly Readonly<Record<SignatureLibrary, string>>[] = [
  { tutti: "string", "tutti-rich": 'string(1..400) "what it says, word for word"', ax: "string" },
  { tutti: '"billing" | "tech"', "tutti-rich": '"billing" | "tech" "the desk"', ax: 'class "billing, tech"' },
  { tutti: "number", "tutti-rich": 'float(0..1) "from none to all"', ax: "number" },
  { tutti: "string[]", "tutti-rich": "string(/^[a-z]+$/)[](1..5)", ax: "string[]" },
  { tutti: "boolean", "tutti-rich": 'boolean "whether it is so"', ax: "boolean" },
  { tutti: "json", "tutti-rich": "dict[str, int(0..)]", ax: "json" },
];

const words = ["customerNote", "ticketQueue", "urgencyScore", "relatedTags", "isEscalated", "rawDetails"];

/** A module with so many signatures, each with so many inputs and outputs, whose types are used. */
export function signatureSources(library: SignatureLibrary, count: number, fields: number): string {
  const lines = Array.from({ length: count }, (_, index) => signatureLines(library, index, fields));
  return [...prelude[library], ...lines.flat(), ""].join("\n");
}

const oursPrelude = [
  'import { signature } from "tutti";',
  'import type { Signature } from "tutti";',
  "export const make: unknown = signature;",
  "declare function inputs<I extends object, O extends object>(of: Signature<I, O>): I;",
  "declare function outputs<I extends object, O extends object>(of: Signature<I, O>): O;",
];

const prelude: Readonly<Record<SignatureLibrary, readonly string[]>> = {
  tutti: oursPrelude,
  "tutti-rich": oursPrelude,
  ax: [
    'import { ax } from "@ax-llm/ax";',
    'import type { AxGen, AxGenIn, AxGenOut } from "@ax-llm/ax";',
    "export const make: unknown = ax;",
    "declare function inputs<I extends AxGenIn, O extends AxGenOut>(of: AxGen<I, O>): I;",
    "declare function outputs<I extends AxGenIn, O extends AxGenOut>(of: AxGen<I, O>): O;",
  ],
};

function signatureLines(library: SignatureLibrary, index: number, fields: number): readonly string[] {
  // Every name is new to the compiler: nothing that it remembers of an earlier signature helps.
  const name = (side: string, field: number): string => `${side}${words[field % words.length]}${index}x${field}`;
  const side = (which: string, shift: number): string =>
    Array.from({ length: fields }, (_, field) => {
      const type = types[(field + shift + index) % types.length]?.[library];
      return `${name(which, field)}: ${type}`;
    }).join(", ");
  const text = `${side("in", 0)} -> ${side("out", 1)}`;
  return [
    `const s${index} = ${library === "ax" ? "ax" : "signature"}(${JSON.stringify(text)});`,
    `export const i${index}: unknown = inputs(s${index}).${name("in", 0)};`,
    `export const o${index}: unknown = outputs(s${index}).${name("out", fields - 1)};`,
  ];
}
