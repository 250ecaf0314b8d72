import { float, integer } from "#variables";
import type { FloatVariable, IntegerVariable, NumberOptions } from "#variables";
import { placed } from "./setting-path.ts";
import type { PresetPlace } from "./setting-path.ts";

/**
 * Where a preset differs from the usual: its range, scale, default, description or group. A usual default outside a
 * range told here gives way to the nearest value inside.
 */
export interface NumberPresetOptions extends Partial<NumberOptions>, PresetPlace {}

type Usual = NumberOptions & { readonly default: number; readonly description: string };

/**
 * How freely the model draws its words: 0 to 1, 0 unless told. Above 1 some providers refuse the request (Anthropic),
 * and those that take up to 2 give answers whose form breaks.
 */
export function temperature(options: NumberPresetOptions = {}): FloatVariable {
  const description = "How freely the model draws its words; 0 is the likeliest ones";
  return float(...preset("temperature", { min: 0, max: 1, default: 0, description }, options));
}

/**
 * The probability mass of the likeliest words among which one is drawn: 0.1 to 1, 1 (all of them) unless told. Its
 * lower end is not 0, which is no mass at all. OpenAI's reference recommends to vary this or the temperature, not both.
 */
export function topP(options: NumberPresetOptions = {}): FloatVariable {
  const description = "The probability mass of the likeliest words among which one is drawn";
  return float(...preset("topP", { min: 0.1, max: 1, default: 1, description }, options));
}

/**
 * The most tokens an answer may have: 64 to 4,096, 1,024 unless told, on a logarithmic scale. An answer that is cut
 * off cannot be read and is asked for again, so that too few cost more than many.
 */
export function maxTokens(options: NumberPresetOptions = {}): IntegerVariable {
  const description = "The most tokens an answer may have";
  // A grid and a logarithmic scale exclude each other: whoever tells steps wants the grid.
  const log = options.step === undefined ? { log: true } : {};
  return integer(...preset("maxTokens", { min: 64, max: 4096, ...log, default: 1024, description }, options));
}

/**
 * How much a word that has occurred loses: 0 to 1, 0 unless told. Providers take −2 to 2; below 0 repetition is
 * rewarded, and above 1 (the usual advice is 0.1 to 1) the marks of the answer's form suffer too.
 */
export function presencePenalty(options: NumberPresetOptions = {}): FloatVariable {
  const description = "How much a word loses once it has occurred";
  return float(...preset("presencePenalty", { min: 0, max: 1, default: 0, description }, options));
}

/** How much a word loses with every time it has occurred: 0 to 1, 0 unless told, for `presencePenalty`'s reasons. */
export function frequencyPenalty(options: NumberPresetOptions = {}): FloatVariable {
  const description = "How much a word loses with every time it has occurred";
  return float(...preset("frequencyPenalty", { min: 0, max: 1, default: 0, description }, options));
}

/** The name and the options of a preset's variable. */
function preset(setting: string, usual: Usual, options: NumberPresetOptions): [path: string, options: NumberOptions] {
  const { path, rest } = placed(setting, options);
  const told = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const merged = { ...usual, ...told };
  return [path, "default" in told ? merged : { ...merged, default: nearest(usual.default, merged) }];
}

/** The value of a range that is nearest, on its grid if it has one. A faulty range is left to the variable to refuse. */
function nearest(value: number, { min, max, step }: NumberOptions): number {
  const within = Math.min(max, Math.max(min, value));
  if (step === undefined || !(step > 0)) return within;
  const last = Math.floor((max - min) / step + 1e-9);
  const count = Math.min(last, Math.round((within - min) / step));
  // Without the binary dust of decimal steps, which could lie beyond the range.
  return Math.min(max, Number((min + count * step).toPrecision(12)));
}
