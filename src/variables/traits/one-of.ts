import type { Json } from "#foundation";
import type { Coded, Drawn, Listed } from "../definition.ts";
import { indexOfValue } from "../distinct-values.ts";

interface Options<V> {
  /** The different values that sampling draws from. */
  readonly drawn: (variable: V) => readonly Json[];
  /** How often each of them is drawn, relative to the others; equally often unless told. */
  readonly weights?: (variable: V) => readonly number[] | undefined;
  /** The different values that can be encoded; those that are drawn unless told. */
  readonly known?: (variable: V) => readonly Json[];
}

/** What kinds know whose value is one of a few without an order: a number for each, 1 for the one it is. */
export function oneOf<V>({ drawn, weights, known = drawn }: Options<V>): Listed<V> & Drawn<V> & Coded<V> {
  return {
    size: (variable) => drawn(variable).length,
    values: drawn,
    neighbours(variable, value) {
      const now = indexOfValue(drawn(variable), value);
      return drawn(variable).filter((_, index) => index !== now);
    },
    shares: () => 1,
    draw: (variable, [share = 0]) => optionAt(drawn(variable), share, weights?.(variable)),
    width: (variable) => known(variable).length,
    encode(variable, value) {
      const values = known(variable);
      const now = indexOfValue(values, value);
      return now < 0 ? undefined : values.map((_, index) => (index === now ? 1 : 0));
    },
    decode: (variable, numbers) => known(variable)[numbers.indexOf(Math.max(...numbers))] as Json,
  };
}

/** The option at a share from 0 to 1 of all options, each as wide as its weight. */
export function optionAt<T>(options: readonly T[], share: number, weights?: readonly number[]): T {
  const shares = weights ?? options.map(() => 1);
  let rest = share * shares.reduce((sum, each) => sum + each, 0);
  const index = shares.findIndex((each) => (rest -= each) < 0);
  return options[index < 0 ? options.length - 1 : index] as T;
}
