/** Words for what a program throws or gives. */
export interface Teller {
  readonly kindOf: (value: object) => string;
  readonly told: (thrown: unknown) => string;
  readonly short: (text: string) => string;
}

/** Made inside a realm, from this text, before the program can change the language. Never throws. */
export function teller(maxChars: number): Teller {
  const { apply } = Reflect;
  const slice: (from: number, to: number) => string = Reflect.get(String.prototype, "slice");
  const text = String;
  const unknown = "something that cannot be described";

  const short = (message: string): string => apply(slice, message, [0, maxChars]);

  const kindOf = (value: object): string => {
    try {
      const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
      return typeof name === "string" && name !== "" ? short("a " + name) : "an object of no known kind";
    } catch {
      return unknown;
    }
  };

  const told = (thrown: unknown): string => {
    try {
      if (typeof thrown !== "object" || thrown === null) return short(text(thrown));
      const { name, message } = thrown as { name?: unknown; message?: unknown };
      return typeof name === "string" && typeof message === "string" ? short(name + ": " + message) : kindOf(thrown);
    } catch {
      return unknown;
    }
  };

  return { kindOf, told, short };
}
