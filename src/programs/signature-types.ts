/**
 * The signature language at compile time: the same grammar as `signature-grammar.ts`, in types. Fields are split at
 * commas and glued back while a bracket or a quote is open, so the cost grows with the commas, not the characters.
 */

/** What a malformed signature is compared with: the compiler's message shows the defect. */
export interface SignatureError<Message extends string> {
  readonly signatureError: Message;
}

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
    ? Join<RecordOf<SplitFields<Left>>, RecordOf<SplitFields<Right>>>
    : SignatureError<"a signature needs '->' between its inputs and its outputs">;

type SplitArrow<S extends string, Open extends string = ""> = S extends `${infer Left}->${infer Right}`
  ? IsClosed<`${Open}${Left}`> extends true
    ? [`${Open}${Left}`, Right]
    : SplitArrow<Right, `${Open}${Left}->`>
  : "no arrow";

type Join<I, O> =
  I extends SignatureError<string> ? I : O extends SignatureError<string> ? O : { inputs: I; outputs: O };

// The pieces between commas, glued back together while a bracket or a quote is open.
type SplitFields<S extends string, Open extends string = ""> = S extends `${infer Head},${infer Rest}`
  ? IsClosed<`${Open}${Head}`> extends true
    ? [Trim<`${Open}${Head}`>, ...SplitFields<Rest>]
    : SplitFields<Rest, `${Open}${Head},`>
  : [Trim<`${Open}${S}`>];

type IsClosed<S extends string> = IsBalanced<WithoutQuoted<S>>;

type IsBalanced<S extends string> = Count<S, "["> extends Count<S, "]"> ? true : false;

type Count<S extends string, C extends string, N extends 0[] = []> = S extends `${string}${C}${infer Rest}`
  ? Count<Rest, C, [...N, 0]>
  : N["length"];

// The text without its quoted values; a quote that is still open counts as an open bracket.
type WithoutQuoted<S extends string, Done extends string = ""> = S extends `${infer Head}"${infer Rest}`
  ? Head extends `${infer Before}'${string}`
    ? AfterSingle<S, Before, Done>
    : Rest extends `${string}"${infer After}`
      ? WithoutQuoted<After, `${Done}${Head}`>
      : "["
  : S extends `${infer Head}'${string}`
    ? AfterSingle<S, Head, Done>
    : `${Done}${S}`;

type AfterSingle<
  S extends string,
  Head extends string,
  Done extends string,
> = S extends `${Head}'${string}'${infer After}` ? WithoutQuoted<After, `${Done}${Head}`> : "[";

// One field each: [name, type, "required" | "optional"].
type Field<S extends string> = S extends ""
  ? SignatureError<"a field has no name: is there a comma too many?">
  : S extends `${infer Name}:${infer Type}`
    ? Named<Trim<Name>, TypeOf<Trim<Type>>, Trim<Type>>
    : Named<S, string, "string">;

type Named<Name extends string, Type, Text extends string> =
  Type extends SignatureError<string>
    ? Type
    : Name extends `${infer Base}?`
      ? [Trim<Base>, Type, "optional"]
      : Text extends `Optional[${string}`
        ? [Name, Type, "optional"]
        : Name extends `${string}${NoPartOfName}${string}`
          ? SignatureError<`'${Name}' is not a name: is there a comma or a colon missing?`>
          : [Name, Type, "required"];

type NoPartOfName = Space | "-" | "." | "/" | "<" | ">" | "[" | "]" | "(" | ")" | "|" | '"' | "'" | "=" | "?";

type Fields<Pieces extends string[]> = { [K in keyof Pieces]: Field<Pieces[K]> };

type RecordOf<Pieces extends string[]> =
  FirstError<Fields<Pieces>> extends infer E
    ? [E] extends [never]
      ? Flatten<
          { [F in Fields<Pieces>[number] as RequiredName<F>]: TypeIn<F> } & {
            [F in Fields<Pieces>[number] as OptionalName<F>]?: TypeIn<F>;
          }
        >
      : E
    : never;

type FirstError<T> = T extends [infer Head, ...infer Rest]
  ? Head extends SignatureError<string>
    ? Head
    : FirstError<Rest>
  : never;
type RequiredName<F> = F extends [infer Name extends string, unknown, "required"] ? Name : never;
type OptionalName<F> = F extends [infer Name extends string, unknown, "optional"] ? Name : never;
type TypeIn<F> = F extends [string, infer Type, string] ? Type : never;
type Flatten<T> = { [K in keyof T]: T[K] };

interface NamedTypes {
  str: string;
  string: string;
  text: string;
  int: number;
  integer: number;
  float: number;
  number: number;
  bool: boolean;
  boolean: boolean;
  json: unknown;
  any: unknown;
}

type TypeOf<T extends string> = T extends keyof NamedTypes
  ? NamedTypes[T]
  : T extends `"${string}` | `'${string}`
    ? LiteralsIn<T, "|">
    : T extends `${infer Item}[]`
      ? ListOf<TypeOf<Trim<Item>>>
      : T extends `list[${infer Item}]` | `List[${infer Item}]`
        ? ListOf<TypeOf<Trim<Item>>>
        : T extends `Literal[${infer Values}]`
          ? LiteralsIn<Trim<Values>, ",">
          : T extends `Optional[${infer Item}]`
            ? TypeOf<Trim<Item>>
            : T extends `dict[${infer Key},${infer Value}]` | `Dict[${infer Key},${infer Value}]`
              ? Trim<Key> extends "str" | "string" | "text"
                ? MapOf<TypeOf<Trim<Value>>>
                : SignatureError<`the keys of a dict are str, not '${Trim<Key>}'`>
              : SignatureError<`unknown type '${T}'`>;

type ListOf<T> = [T] extends [SignatureError<string>] ? T : T[];
type MapOf<T> = [T] extends [SignatureError<string>] ? T : Record<string, T>;

// Quoted values with a separator between them.
type LiteralsIn<T extends string, Separator extends string, Found = never> = T extends `"${infer Value}"${infer Rest}`
  ? MoreLiterals<Trim<Rest>, Separator, Found | Value>
  : T extends `'${infer Value}'${infer Rest}`
    ? MoreLiterals<Trim<Rest>, Separator, Found | Value>
    : SignatureError<`expected a quoted value, got ${T}`>;

type MoreLiterals<Rest extends string, Separator extends string, Found> = Rest extends ""
  ? Found
  : Rest extends `${Separator}${infer More}`
    ? LiteralsIn<Trim<More>, Separator, Found>
    : SignatureError<`expected '${Separator}' and a quoted value, got ${Rest}`>;

type Space = " " | "\n" | "\t" | "\r";
type Trim<S extends string> = S extends `${Space}${infer Rest}`
  ? Trim<Rest>
  : S extends `${infer Rest}${Space}`
    ? Trim<Rest>
    : S;
