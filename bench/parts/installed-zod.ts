/** As much of zod as the contestants say: they take it from the peer's own folder. */
export interface Zod {
  readonly z: {
    object(fields: Readonly<Record<string, unknown>>): unknown;
    string(): unknown;
    number(): unknown;
  };
}
