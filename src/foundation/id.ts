import { integerBelow } from "./rng.ts";
import type { Rng } from "./rng.ts";

declare const kindOfId: unique symbol;

/** An identity of one kind of thing: `run_7k2m…`. The brand keeps a run's id out of a program's place. */
export type Id<Kind extends string> = string & { readonly [kindOfId]: Kind };

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id: the kind, an underscore and 20 characters of base 32 (100 random bits). */
export function mintId<Kind extends string>(rng: Rng, kind: Kind): Id<Kind> {
  let text = `${kind}_`;
  for (let length = 0; length < 20; length++) text += alphabet[integerBelow(rng, alphabet.length)];
  return text as Id<Kind>;
}
