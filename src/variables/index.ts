/** The variables floor: whatever may change, as typed plain data, and the one space that optimisers search. */

export { float, integer } from "./number.ts";
export type { FloatVariable, IntegerVariable, NumberOptions } from "./number.ts";
export { choice } from "./choice.ts";
export type { ChoiceOptions, ChoiceVariable } from "./choice.ts";
export { text } from "./text.ts";
export type { TextOptions, TextVariable } from "./text.ts";
export { demos } from "./demos.ts";
export type { Demo, DemosOptions, DemosVariable } from "./demos.ts";

export { parseVariable } from "./variable.ts";
export type { Variable } from "./variable.ts";
export {
  defaultConfiguration,
  parseSpace,
  sampleConfiguration,
  space,
  spaceJsonSchema,
  validateConfiguration,
} from "./space.ts";
export type { Issue, Space, Validation } from "./space.ts";
export { diffConfigurations, mergeConfigurations } from "./configuration.ts";
export type { Configuration, ConfigurationChange } from "./configuration.ts";
