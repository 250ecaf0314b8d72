/** The variables floor: whatever may change, as typed plain data, and the one space that optimisers search. */

export { float, integer } from "./number.ts";
export type { FloatOptions, FloatVariable, IntegerVariable, NumberOptions } from "./number.ts";
export { choice, module } from "./choice.ts";
export type { ChoiceOptions, ChoiceVariable, ModuleOptions, ModuleVariable } from "./choice.ts";
export { subset } from "./subset.ts";
export type { SubsetVariable } from "./subset.ts";
export { permutation } from "./permutation.ts";
export type { PermutationVariable } from "./permutation.ts";
export type { ItemListOptions } from "./item-list.ts";
export { text } from "./text.ts";
export type { TextOptions, TextVariable } from "./text.ts";
export { demos } from "./demos.ts";
export type { Demo, DemosOptions, DemosVariable } from "./demos.ts";
export { composite } from "./composite.ts";
export type { CompositeOptions, CompositeVariable } from "./composite.ts";
export type { Expression, ValueMap } from "./expression.ts";

export { parseVariable } from "./variable.ts";
export type { Variable } from "./variable.ts";
export { parseSpace, prefixedSpace, space, spaceJsonSchema } from "./space.ts";
export type { Space, SpaceOptions } from "./space.ts";
export type { Condition, Conditions } from "./condition.ts";
export type { Claim } from "./constraints/claim.ts";
export type { Constraint } from "./constraints/constraint.ts";
export { activeVariables } from "./walk.ts";
export { validateConfiguration } from "./validate.ts";
export type { Issue, Validation } from "./validate.ts";
export { defaultConfiguration, sampleConfiguration, settleConfiguration } from "./settle.ts";
export { diffConfigurations, mergeConfigurations } from "./configuration.ts";
export type { Configuration, ConfigurationChange } from "./configuration.ts";
