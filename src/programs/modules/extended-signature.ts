import type { Field } from "../signatures/field-type.ts";
import type { Signature } from "../signatures/signature.ts";

/**
 * The same signature with further inputs, all optional, after its own. Finer checks (a schema of the outputs,
 * assertions) stay.
 */
export function withFurtherInputs(signature: Signature, fields: readonly Field[]): Signature {
  const further = fields.map((field): Field => ({ ...field, optional: true }));
  return { ...signature, inputs: [...signature.inputs, ...further] };
}

/** The name, or that name with "_" behind it, that no field of the signature has. */
export function freeFieldName({ inputs, outputs }: Signature, name: string): string {
  let free = name;
  while ([...inputs, ...outputs].some((field) => field.name === free)) free = `${free}_`;
  return free;
}

/** Remembers what is made of a signature: prompts are remembered by the signature's identity. */
export function remembered<T>(make: (signature: Signature) => T): (signature: Signature) => T {
  const known = new WeakMap<Signature, { readonly made: T }>();
  return (signature) => {
    let found = known.get(signature);
    if (found === undefined) known.set(signature, (found = { made: make(signature) }));
    return found.made;
  };
}
