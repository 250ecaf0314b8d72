import { strip } from "./bare-realm.ts";
import { encoder } from "./encoder.ts";
import type { Encoding } from "./encoder.ts";
import { maxDepth } from "./program.ts";
import { teller } from "./teller.ts";
import type { Teller } from "./teller.ts";

/** What became of a program, so far. Without a prototype: reading it runs no code of the program. */
interface Progress {
  /** What was wrong with the source. */
  readonly defect?: string;
  /** Whether there is a function. */
  readonly isCalling?: boolean;
  /** By number, for each call that has ended: a letter, then a JSON text or a message. */
  readonly [call: number]: string;
}

/** The inside of a realm, as whoever is outside holds it. */
export interface Driver {
  /** Gives it the JSON text of the inputs, once, before it runs `__run(() => (source))`. */
  readonly prepare: (inputs: string, maxResultChars: number) => void;
  readonly progress: Progress;
}

interface Kit {
  readonly told: Teller["told"];
  readonly encode: (value: unknown, room: number) => Encoding;
}

/** Made inside a realm, from this text, before the program can change the language. */
function drive(globals: typeof globalThis, { told, encode }: Kit): Driver {
  const { parse } = JSON;
  const { apply, deleteProperty } = Reflect;
  const { create, defineProperty } = Object;
  const progress = create(null) as { -readonly [K in keyof Progress]: Progress[K] };
  let inputs: readonly (readonly unknown[])[] = [];
  let room = 0;

  const functionOf = (evaluate: () => unknown): ((...input: unknown[]) => unknown) | undefined => {
    try {
      const value = evaluate();
      if (typeof value === "function") return value as () => unknown;
      progress.defect = "the source is no function but " + (value === null ? "null" : "of type " + typeof value);
    } catch (error) {
      progress.defect = "the source threw " + told(error);
    }
    return undefined;
  };

  const outcomeOf = (called: (...input: unknown[]) => unknown, input: readonly unknown[]): string => {
    try {
      const { text, defect } = encode(apply(called, undefined, input), room);
      if (text === undefined) return defect === "" ? "l" : "n" + defect;
      room -= text.length;
      return "v" + text;
    } catch (error) {
      return "t" + told(error);
    }
  };

  const run = (evaluate: () => unknown): void => {
    deleteProperty(globals, "__run");
    const called = functionOf(evaluate);
    if (called === undefined) return;
    progress.isCalling = true;
    for (let call = 0; call < inputs.length; call++)
      progress[call] = outcomeOf(called, inputs[call] as readonly unknown[]);
  };

  const driver = create(null) as { -readonly [K in keyof Driver]: Driver[K] };
  driver.progress = progress;
  driver.prepare = (texts, maxResultChars) => {
    inputs = parse(texts) as unknown[][];
    room = maxResultChars;
    defineProperty(globals, "__run", { value: run, configurable: true, enumerable: false });
  };
  return driver;
}

const maxMessageChars = 500;

/** The text that makes a driver of the realm where it is run. */
export const driverText: string = `"use strict";
(${strip})(globalThis);
{
  const words = (${teller})(${maxMessageChars});
  (${drive})(globalThis, { told: words.told, encode: (${encoder})(words, ${maxDepth}) });
}`;
