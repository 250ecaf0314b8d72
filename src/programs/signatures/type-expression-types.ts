/**
 * The types of a signature at compile time: the same grammar as `type-grammar.ts`. A plain name is looked up at once;
 * everything else is read from left to right, token by token, and what follows it is handed on.
 */
import type { FileValue } from "./file-value.ts";

/** What a malformed signature is compared with: the compiler's message shows the defect. */
export interface SignatureError<Message extends string> {
  readonly signatureError: Message;
}

/** The types that have a name. */
export interface NamedTypes {
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
  date: string;
  image: FileValue;
  file: FileValue;
  history: readonly Readonly<Record<string, unknown>>[];
}

/** A type that was read: itself, the text after it, and whether there may be no value. */
export interface ReadType<Type, Rest extends string, Optional extends boolean> {
  type: Type;
  rest: Rest;
  optional: Optional;
}

/** The type at the head of a text that has no white space before it. */
export type TypeAt<S extends string> = S extends `"${string}` | `'${string}`
  ? UnionAt<S>
  : SplitWord<S> extends [infer Name extends string, infer Rest extends string]
    ? Name extends keyof NamedTypes
      ? AfterType<NamedTypes[Name], LimitOf<Name>, Rest>
      : Rest extends `[${infer Inner}`
        ? Generic<Name, TrimStart<Inner>>
        : UnknownType<Name, S>
    : never;

type UnknownType<Name extends string, S extends string> = Name extends ""
  ? SignatureError<`expected a type, got '${S}'`>
  : SignatureError<`unknown type '${Name}'`>;

type LimitOf<Name extends string> = Name extends "str" | "string" | "text"
  ? "text"
  : Name extends "int" | "integer" | "float" | "number"
    ? "number"
    : "none";

type Limit = "text" | "number" | "items" | "none";

// Limits, then list marks with limits of their own, then `| None`.
type AfterType<Type, L extends Limit, S extends string> = S extends `(${infer Inner}`
  ? AfterLimits<L, Inner> extends infer Rest
    ? Rest extends string
      ? AfterLimited<Type, Rest, false>
      : Rest
    : never
  : AfterLimited<Type, S, false>;

type AfterLimited<Type, S extends string, Optional extends boolean> = S extends `[${infer Inner}`
  ? TrimStart<Inner> extends `]${infer Rest}`
    ? AfterType<OrNull<Type, Optional>[], "items", TrimStart<Rest>>
    : SignatureError<`expected ']', got '${Inner}': a list is written T[]`>
  : S extends `|${infer Bar}`
    ? SplitWord<TrimStart<Bar>> extends [Nothing, infer Rest extends string]
      ? ReadType<Type, Rest, true>
      : SignatureError<`only quoted values and None are joined with '|', not '${Bar}'`>
    : ReadType<Type, S, Optional>;

type Nothing = "None" | "null";
type OrNull<Type, Optional extends boolean> = Optional extends true ? Type | null : Type;

// The text after a range and a pattern; `S` is what follows the opening bracket.
type AfterLimits<L extends Limit, S extends string> = S extends `/${infer Pattern}/)${infer Rest}`
  ? L extends "text"
    ? Pattern extends ""
      ? SignatureError<"a pattern is empty">
      : TrimStart<Rest>
    : SignatureError<"only a string has a pattern">
  : S extends `${infer Range})${infer Rest}`
    ? Range extends `${infer Least}..${infer Most}`
      ? IsRange<L, Trim<Least>, Trim<Most>> extends true
        ? TrimStart<Rest> extends `(/${infer Pattern}`
          ? AfterLimits<L, `/${Pattern}`>
          : TrimStart<Rest>
        : SignatureError<`'${Range}' is no range of ${Sized[L]}`>
      : SignatureError<`expected a range like 0..1, 1.. or ..5, got '${Range}'`>
    : SignatureError<`a '(' is not closed: '${S}'`>;

interface Sized {
  text: "the length of a text";
  number: "a number";
  items: "the items of a list";
  none: "such a type";
}

type IsRange<L extends Limit, Least extends string, Most extends string> = `${Least}${Most}` extends ""
  ? false
  : L extends "number"
    ? [Least, Most] extends ["" | `${number}`, "" | `${number}`]
      ? true
      : false
    : L extends "text" | "items"
      ? AreDigits<`${Least}${Most}`>
      : false;

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type AreDigits<S extends string> = S extends `${infer First}${infer Rest}`
  ? First extends Digit
    ? AreDigits<Rest>
    : false
  : true;

// After `name[`: what is within, and what follows the closing bracket.
type Generic<Name extends string, S extends string> = Name extends "list" | "List"
  ? TypeAt<S> extends infer Read
    ? Read extends ReadType<infer Item, infer Rest, infer Optional>
      ? Rest extends `]${infer After}`
        ? AfterType<OrNull<Item, Optional>[], "items", TrimStart<After>>
        : NotClosed<Name, Rest>
      : Read
    : never
  : Name extends "Optional"
    ? TypeAt<S> extends infer Read
      ? Read extends ReadType<infer Item, infer Rest, boolean>
        ? Rest extends `]${infer After}`
          ? AfterLimited<Item, TrimStart<After>, true>
          : NotClosed<Name, Rest>
        : Read
      : never
    : Name extends "Literal"
      ? ValuesAt<S, ",", never> extends infer Read
        ? Read extends ReadType<infer Value, infer Rest, false>
          ? Rest extends `]${infer After}`
            ? AfterType<Value, "none", TrimStart<After>>
            : NotClosed<Name, Rest>
          : Read extends ReadType<unknown, string, true>
            ? SignatureError<"None is no quoted value">
            : Read
        : never
      : Name extends "dict" | "Dict"
        ? MapAt<Name, S>
        : SignatureError<`unknown type '${Name}[…]'`>;

type MapAt<Name extends string, S extends string> =
  SplitWord<S> extends ["str" | "string" | "text", infer Rest extends string]
    ? Rest extends `,${infer Value}`
      ? TypeAt<TrimStart<Value>> extends infer Read
        ? Read extends ReadType<infer Item, infer End, infer Optional>
          ? End extends `]${infer After}`
            ? AfterType<Record<string, OrNull<Item, Optional>>, "none", TrimStart<After>>
            : NotClosed<Name, End>
          : Read
        : never
      : SignatureError<`expected ',' and the type of the values of a dict, got '${Rest}'`>
    : SignatureError<`the keys of a dict are str, not '${S}'`>;

type NotClosed<
  Name extends string,
  Rest extends string,
> = SignatureError<`expected ']' to close ${Name}[, got '${Rest}'`>;

// A union of quoted values. One value and a quote behind it is more likely a bar that was forgotten.
type UnionAt<S extends string> =
  ValuesAt<S, "|", never> extends infer Read
    ? Read extends ReadType<infer Value, `"${string}` | `'${string}`, false>
      ? IsSingle<Value> extends true
        ? SignatureError<"expected '|' and a further value: a description may follow two values or Literal['…']">
        : Read
      : Read
    : never;

type IsSingle<T, All = T> = T extends unknown ? ([All] extends [T] ? true : false) : never;

// Quoted values with a separator between them.
type ValuesAt<S extends string, Separator extends "," | "|", Found> = S extends `"${infer Value}"${infer Rest}`
  ? NextValue<Value, TrimStart<Rest>, Separator, Found>
  : S extends `'${infer Value}'${infer Rest}`
    ? NextValue<Value, TrimStart<Rest>, Separator, Found>
    : SignatureError<`expected a quoted value, got '${S}'`>;

type NextValue<Value extends string, Rest extends string, Separator extends "," | "|", Found> = Value extends Found
  ? SignatureError<`the value "${Value}" stands there twice`>
  : Rest extends `${Separator}${infer More}`
    ? TrimStart<More> extends `"${string}` | `'${string}`
      ? ValuesAt<TrimStart<More>, Separator, Found | Value>
      : Separator extends "|"
        ? SplitWord<TrimStart<More>> extends [Nothing, infer After extends string]
          ? ReadType<Found | Value, After, true>
          : SignatureError<`expected a quoted value, got '${More}'`>
        : SignatureError<`expected a quoted value, got '${More}'`>
    : ReadType<Found | Value, Rest, false>;

type Lower =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z");
type WordStart = Lower | Uppercase<Lower> | "_";
type WordPart = WordStart | Digit;

/** The word at the head of a text, and what follows it and its white space. */
type SplitWord<S extends string, Word extends string = ""> = S extends `${infer First}${infer Rest}`
  ? First extends (Word extends "" ? WordStart : WordPart)
    ? SplitWord<Rest, `${Word}${First}`>
    : [Word, TrimStart<S>]
  : [Word, ""];

/** Whether a text is one word. Four characters are taken at once: names are most of what is checked. */
export type IsWord<S extends string> = S extends `${infer First}${infer Rest}`
  ? First extends WordStart
    ? AreWordParts<Rest>
    : false
  : false;
type AreWordParts<S extends string> = S extends `${infer A}${infer B}${infer C}${infer D}${infer Rest}`
  ? A | B | C | D extends WordPart
    ? AreWordParts<Rest>
    : false
  : S extends `${infer A}${infer Rest}`
    ? A extends WordPart
      ? AreWordParts<Rest>
      : false
    : true;

// One character is taken and looked up: a union within the template would be tried member by member.
type Space = " " | "\n" | "\t" | "\r";
type TrimStart<S extends string> = S extends `${infer First}${infer Rest}`
  ? First extends Space
    ? TrimStart<Rest>
    : S
  : S;
type TrimEnd<S extends string> = S extends `${string}${Space}` ? CutEnd<S> : S;
type CutEnd<S extends string> = S extends `${infer Rest}${Space}` ? TrimEnd<Rest> : S;
export type Trim<S extends string> = TrimEnd<TrimStart<S>>;
