import type { Teller } from "./teller.ts";

/** A value as JSON. Without a text it is none, for the reason in `defect`; where that is empty, it is too long. */
export interface Encoding {
  readonly text: string | undefined;
  readonly defect: string;
}

/**
 * Writes values as JSON and says what is none, where `JSON.stringify` would drop or bend it. Made inside a realm, from
 * this text, before the program can change the language. Throws what getters and proxies in the value throw.
 */
export function encoder({ kindOf, short }: Teller, maxDepth: number): (value: unknown, room: number) => Encoding {
  const { stringify } = JSON;
  const { is, keys, getPrototypeOf, prototype: plain } = Object;
  const { isArray } = Array;
  const { isFinite } = Number;
  const text = String;
  let room = 0;
  let defect = "";

  const refuse = (path: string, what: string): undefined => {
    defect = short((path === "" ? "value" : path) + " is " + what);
    return undefined;
  };

  const fits = (written: string): string | undefined => {
    room -= written.length;
    return room < 0 ? undefined : written;
  };

  const encodeNumber = (value: number, path: string): string | undefined => {
    if (is(value, -0)) return refuse(path, "-0");
    return isFinite(value) ? fits(text(value)) : refuse(path, text(value));
  };

  const encodeList = (list: readonly unknown[], path: string, depth: number): string | undefined => {
    const { length } = list;
    let written = "";
    for (let index = 0; index < length; index++) {
      const item = encode(list[index], path + "[" + text(index) + "]", depth);
      if (item === undefined || fits(",") === undefined) return undefined;
      written += index === 0 ? item : "," + item;
    }
    return "[" + written + "]";
  };

  const encodeObject = (object: Record<string, unknown>, path: string, depth: number): string | undefined => {
    const names = keys(object);
    let written = "";
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      const key = encode(name, path, depth);
      const item = key && encode(object[name], path === "" ? name : path + "." + name, depth);
      if (item === undefined || fits(",:") === undefined) return undefined;
      written += (index === 0 ? "" : ",") + key + ":" + item;
    }
    return "{" + written + "}";
  };

  const encode = (value: unknown, path: string, depth: number): string | undefined => {
    if (value === null || typeof value === "boolean") return fits(text(value));
    // A long text is not written first: the room is there before the memory is taken.
    if (typeof value === "string") return value.length > room ? undefined : fits(stringify(value));
    if (typeof value === "number") return encodeNumber(value, path);
    if (typeof value !== "object") return refuse(path, value === undefined ? "undefined" : "a " + typeof value);
    if (depth === 0) return refuse("", "nested deeper than " + text(maxDepth) + " levels");
    if (fits("[]") === undefined) return undefined;
    if (isArray(value)) return encodeList(value, path, depth - 1);
    const prototype: unknown = getPrototypeOf(value);
    return prototype === plain || prototype === null
      ? encodeObject(value as Record<string, unknown>, path, depth - 1)
      : refuse(path, kindOf(value));
  };

  return (value, maxChars) => {
    room = maxChars;
    defect = "";
    return { text: encode(value, "", maxDepth), defect };
  };
}
