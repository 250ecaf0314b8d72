/**
 * The signature language at compile time: the same grammar as `signature-grammar.ts`, in types. Fields are split at
 * commas and glued back while a bracket or a quote is open, so the cost grows with the commas, not the characters.
 */
import type { IsWord, NamedTypes, ReadType, SignatureError, Trim, TypeAt } from "./type-expression-types.ts";

/** `unknown` for a sound signature (and for a text the compiler cannot see), else the defect. */
export type CheckSignature<S extends string> =
  IsLiteral<S> extends false
    ? unknown
    : ParseSignature<S> extends SignatureError<infer M>
      ? SignatureError<M>
      : unknown;

/** The input record of a signature text. */
export type InputsOf<S extends string> =
  IsLiteral<S> extends false
    ? Record<string, unknown>
    : ParseSignature<S> extends { inputs: infer I extends object }
      ? I
      : never;

/** The output record of a signature text. */
export type OutputsOf<S extends string> =
  IsLiteral<S> extends false
    ? Record<string, unknown>
    : ParseSignature<S> extends { outputs: infer O extends object }
      ? O
      : never;

// Neither `string` nor a template with unknown parts (`x: ${string} -> y`) can be read by the compiler.
type IsLiteral<S extends string> = {} extends Record<S, 1> ? false : true;

type ParseSignature<S extends string> =
  SplitArrow<S> extends [infer Left extends string, infer Right extends string]
    ? SideOf<Left, Reserved> extends infer Inputs
      ? Inputs extends Side
        ? SideOf<Right, Reserved | Inputs["names"]> extends infer Outputs
          ? Outputs extends Side
            ? { inputs: RecordOf<Inputs>; outputs: RecordOf<Outputs> }
            : Outputs
          : never
        : Inputs
      : never
    : SignatureError<"a signature needs '->' between its inputs and its outputs">;

/** Names that every object has. */
type Reserved =
  | ("constructor" | "hasOwnProperty" | "isPrototypeOf" | "propertyIsEnumerable" | "toString" | "valueOf")
  | (
      | "toLocaleString"
      | "__proto__"
      | "__defineGetter__"
      | "__defineSetter__"
      | "__lookupGetter__"
      | "__lookupSetter__"
    );

type SplitArrow<S extends string, Open extends string = ""> = S extends `${infer Left}->${infer Right}`
  ? IsClosed<`${Open}${Left}`> extends true
    ? [`${Open}${Left}`, Right]
    : SplitArrow<Right, `${Open}${Left}->`>
  : "no arrow";

// The fields of one side, as unions: of their names, of the required and of the optional ones.
interface Side {
  names: string;
  required: Field;
  optional: Field;
}
interface Field {
  name: string;
  type: unknown;
}

// The pieces between commas, glued back together while a bracket or a quote is open; each read as it is complete.
type SideOf<
  S extends string,
  Taken extends string,
  Open extends string = "",
  Names extends string = never,
  Required extends Field = never,
  Optional extends Field = never,
> = S extends `${infer Head},${infer Rest}`
  ? IsClosed<`${Open}${Head}`> extends true
    ? FieldOf<Trim<`${Open}${Head}`>, Taken | Names> extends infer Read
      ? Read extends RequiredField<infer Name, unknown>
        ? SideOf<Rest, Taken, "", Names | Name, Required | Read, Optional>
        : Read extends OptionalField<infer Name, unknown>
          ? SideOf<Rest, Taken, "", Names | Name, Required, Optional | Read>
          : Read
      : never
    : SideOf<Rest, Taken, `${Open}${Head},`, Names, Required, Optional>
  : FieldOf<Trim<`${Open}${S}`>, Taken | Names> extends infer Read
    ? Read extends RequiredField<infer Name, unknown>
      ? { names: Names | Name; required: Required | Read; optional: Optional }
      : Read extends OptionalField<infer Name, unknown>
        ? { names: Names | Name; required: Required; optional: Optional | Read }
        : Read
    : never;

interface RequiredField<Name extends string, Type> {
  name: Name;
  type: Type;
  optional: false;
}
interface OptionalField<Name extends string, Type> {
  name: Name;
  type: Type;
  optional: true;
}

type RecordOf<S extends Side> = [S["optional"]] extends [never]
  ? { [F in S["required"] as F["name"]]: F["type"] }
  : Flatten<{ [F in S["required"] as F["name"]]: F["type"] } & { [F in S["optional"] as F["name"]]?: F["type"] }>;
type Flatten<T> = { [K in keyof T]: T[K] };

type IsClosed<S extends string> = S extends `${string}${"[" | "(/" | '"' | "'"}${string}`
  ? IsBalanced<WithoutQuoted<S>>
  : true;

type IsBalanced<S extends string> = S extends `${string}[${string}`
  ? Count<S, "["> extends Count<S, "]">
    ? true
    : false
  : true;

type Count<S extends string, C extends string, N extends 0[] = []> = S extends `${string}${C}${infer Rest}`
  ? Count<Rest, C, [...N, 0]>
  : N["length"];

// The text without its quoted values and patterns; one that is still open counts as an open bracket.
type WithoutQuoted<S extends string, Done extends string = ""> = S extends `${infer Head}"${infer Rest}`
  ? Head extends `${string}${"'" | "(/"}${string}`
    ? WithoutOther<S, Done>
    : Rest extends `${string}"${infer After}`
      ? WithoutQuoted<After, `${Done}${Head}`>
      : "["
  : S extends `${string}${"'" | "(/"}${string}`
    ? WithoutOther<S, Done>
    : `${Done}${S}`;

// A single quote or a pattern comes first.
type WithoutOther<S extends string, Done extends string> = S extends `${infer Head}'${infer Rest}`
  ? Head extends `${string}(/${string}`
    ? WithoutPattern<S, Done>
    : Rest extends `${string}'${infer After}`
      ? WithoutQuoted<After, `${Done}${Head}`>
      : "["
  : WithoutPattern<S, Done>;

type WithoutPattern<S extends string, Done extends string> = S extends `${infer Head}(/${infer Rest}`
  ? Rest extends `${string}/)${infer After}`
    ? WithoutQuoted<After, `${Done}${Head}`>
    : "["
  : "[";

// One field: `name?: type "description"`, without white space around it.
type FieldOf<S extends string, Taken extends string> = S extends `${infer Name}:${infer Type}`
  ? Name extends `${string}${'"' | "'"}${string}`
    ? Untyped<S, Taken>
    : Trim<Type> extends infer Text extends string
      ? Text extends keyof NamedTypes
        ? Named<Trim<Name>, NamedTypes[Text], false, Taken>
        : Typed<Trim<Name>, TypeAt<Text>, Taken>
      : never
  : S extends `${string}${'"' | "'"}${string}`
    ? Untyped<S, Taken>
    : Named<S, string, false, Taken>;

type Untyped<S extends string, Taken extends string> = S extends `${infer Name}"${infer Rest}`
  ? Name extends `${infer Before}'${string}`
    ? Described<Named<Trim<Before>, string, false, Taken>, AfterHead<S, Before>>
    : Described<Named<Trim<Name>, string, false, Taken>, `"${Rest}`>
  : S extends `${infer Name}'${infer Rest}`
    ? Described<Named<Trim<Name>, string, false, Taken>, `'${Rest}`>
    : never;

type AfterHead<S extends string, Head extends string> = S extends `${Head}${infer Rest}` ? Rest : never;

type Typed<Name extends string, Read, Taken extends string> =
  Read extends ReadType<infer Type, infer Rest, infer Optional>
    ? Rest extends ""
      ? Named<Name, Type, Optional, Taken>
      : Described<Named<Name, Type, Optional, Taken>, Rest>
    : Read;

// A quoted text and nothing after it.
type Described<F, S extends string> = S extends `"${infer Text}"`
  ? Text extends `${string}"${string}`
    ? Leftover<S>
    : F
  : S extends `'${infer Text}'`
    ? Text extends `${string}'${string}`
      ? Leftover<S>
      : F
    : Leftover<S>;

type Leftover<S extends string> = SignatureError<`expected a quoted description, ',' or the end, got '${S}'`>;

type Named<Name extends string, Type, Optional extends boolean, Taken extends string> = Name extends `${infer Base}?`
  ? NamedBy<Trim<Base>, Type, true, Taken>
  : NamedBy<Name, Type, Optional, Taken>;

type NamedBy<Name extends string, Type, Optional extends boolean, Taken extends string> =
  IsWord<Name> extends true
    ? Name extends Taken
      ? SignatureError<`the name '${Name}' is taken`>
      : Optional extends true
        ? OptionalField<Name, Type>
        : RequiredField<Name, Type>
    : Name extends ""
      ? SignatureError<"a field has no name: is there a comma too many?">
      : SignatureError<`'${Name}' is not a name: is there a comma or a colon missing?`>;
