import type { Kind, Value, ValueOf } from "./value.ts";

/** One building block of enumerated programs: a typed function with its JavaScript. */
export interface Component {
  readonly takes: readonly Kind[];
  readonly gives: Kind;
  /** JavaScript with `$0`, `$1`, `$2` for the arguments. */
  readonly source: string;
  /** `undefined` where the JavaScript throws. */
  readonly apply: (...inputs: readonly Value[]) => Value | undefined;
  /** Exchanging the two arguments changes nothing. */
  readonly symmetric: boolean;
}

type Words<Text extends string> = Text extends `${infer Head} ${infer Tail}` ? [Head, ...Words<Tail>] : [Text];
type Values<Kinds extends readonly string[]> = {
  [Index in keyof Kinds]: Kinds[Index] extends Kind ? ValueOf[Kinds[Index]] : never;
};
type Apply<Type extends string> = Type extends `${infer Takes} -> ${infer Gives extends Kind}`
  ? (...inputs: Values<Words<Takes>>) => ValueOf[Gives] | undefined
  : never;

/** A component from its type (`"number number -> flag"`), its JavaScript and the same function as it runs here. */
export function component<Type extends `${string} -> ${Kind}`>(
  type: Type,
  { source, apply, symmetric = false }: { source: string; apply: Apply<Type>; symmetric?: boolean },
): Component {
  const [takes = "", gives = ""] = type.split(" -> ");
  return {
    takes: takes.split(" ") as Kind[],
    gives: gives as Kind,
    source,
    apply: apply as unknown as Component["apply"],
    symmetric,
  };
}
