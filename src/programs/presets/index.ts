/** Variables that most programs share, and the space to start with. */

export { adapter, model, provider, reasoningStrategy } from "./named-presets.ts";
export type { KnownNamesOptions, NamedPresetOptions } from "./named-presets.ts";
export { frequencyPenalty, maxTokens, presencePenalty, temperature, topP } from "./number-presets.ts";
export type { NumberPresetOptions } from "./number-presets.ts";
export type { PresetPlace } from "./setting-path.ts";
export { standardSpace } from "./standard-space.ts";
export type { ModelChoice, StandardSpaceOptions } from "./standard-space.ts";
export type { StandardSetting } from "./standard-variable.ts";
