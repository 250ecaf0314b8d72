import { isPlainObject } from "#foundation";

/** Whether a value that somebody sent has a form. A liar signs rubbish as well, so what is read is checked first. */
export type Shape = (value: unknown) => boolean;

export const text: Shape = (value) => typeof value === "string";
export const whole: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const flag: Shape = (value) => typeof value === "boolean";
export const anything: Shape = (value) => value !== undefined;

export function literal(expected: string): Shape {
  return (value) => value === expected;
}

export function record(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value) => isPlainObject(value) && entries.every(([key, shape]) => shape(value[key]));
}

export function list(item: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(item);
}

export function nullable(shape: Shape): Shape {
  return (value) => value === null || shape(value);
}
