import { describe, UsageError } from "#foundation";
import { choice } from "#variables";
import type { ChoiceOptions, ChoiceVariable } from "#variables";
import { adapterNames } from "../modules/stage-request.ts";
import { reasoningStrategyNames } from "../modules/reasoning-strategy.ts";
import { placed } from "./setting-path.ts";
import type { PresetPlace } from "./setting-path.ts";

/** Where a preset differs from the usual: its default, weights, description or group. */
export interface NamedPresetOptions extends ChoiceOptions, PresetPlace {}

export interface KnownNamesOptions extends NamedPresetOptions {
  /** Some of the known names; all of them unless told. */
  readonly among?: readonly string[];
}

/** Which model is asked, by the names that `execute` gets in `models`; the first one unless told. */
export function model(names: readonly string[], options: NamedPresetOptions = {}): ChoiceVariable {
  return named({ setting: "model", names, description: "Which model is asked" }, options);
}

/**
 * Whose endpoint a model that routes takes first; the first one unless told. A model of one provider cannot heed it and
 * says so in the warnings of its reply.
 */
export function provider(names: readonly string[], options: NamedPresetOptions = {}): ChoiceVariable {
  const description = "Whose endpoint a model that routes takes first";
  return named({ setting: "provider", names, description }, options);
}

/** How the signature becomes messages and the reply becomes values: `"chat"` unless told, `"json"` or `"xml"`. */
export function adapter(options: KnownNamesOptions = {}): ChoiceVariable {
  const description = "The form in which the model is asked and answers";
  return named({ setting: "adapter", names: adapterNames, description }, options);
}

/**
 * Whether the stage answers at once (`"predict"`, unless told) or reasons first (`"chain_of_thought"`): it does what the
 * module of that name does, with that module's own settings below any configuration.
 */
export function reasoningStrategy(options: KnownNamesOptions = {}): ChoiceVariable {
  const description = "How the stage gets to its answer";
  return named({ setting: "reasoningStrategy", names: reasoningStrategyNames, description }, options);
}

interface Usual {
  readonly setting: string;
  readonly names: readonly string[];
  readonly description: string;
}

function named({ setting, names, description }: Usual, options: KnownNamesOptions): ChoiceVariable {
  const { path, rest } = placed(setting, options);
  const { among = names, ...told } = rest;
  checkNames(setting, names);
  checkNames(`${setting}.among`, among);
  const unknown = among.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`${setting}.among: expected some of ${names.join(", ")}, got ${describe(unknown)}`);
  return choice(path, among, { description, ...told });
}

function checkNames(where: string, names: unknown): void {
  if (!Array.isArray(names) || names.length === 0)
    throw new UsageError(`${where}: expected at least one name, got ${describe(names)}`);
  for (const name of names as readonly unknown[])
    if (typeof name !== "string" || name === "")
      throw new UsageError(`${where}: expected names, got ${describe(name)} among them`);
}
