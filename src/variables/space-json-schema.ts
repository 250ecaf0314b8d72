import type { JsonObject } from "#foundation";
import { conditionsOf } from "./active-variables.ts";
import { conditionText } from "./condition.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * The JSON Schema (draft 2020-12) of the space's configurations. A conditional variable is not required, and its
 * description says when it is there; a computed one neither, and it says from what. `validateConfiguration` is stricter
 * about both, and knows the constraints.
 */
export function spaceJsonSchema(space: Space): JsonObject {
  const properties = space.variables.map((variable) => [variable.name, propertyOf(space, variable)] as const);
  const required = space.variables
    .filter((variable) => kindOf(variable).computed === undefined && activityText(space, variable.name) === undefined)
    .map(({ name }) => name);
  return { type: "object", properties: Object.fromEntries(properties), required, additionalProperties: false };
}

function propertyOf(space: Space, variable: Variable): JsonObject {
  const kind = kindOf(variable);
  const source = kind.computed && `Computed from ${kind.computed.inputs(variable).join(", ")}.`;
  const said = [variable.description, source, activityText(space, variable.name)].filter((text) => text !== undefined);
  return {
    ...kind.jsonSchema(variable),
    ...(said.length === 0 ? {} : { description: said.join(" ") }),
    ...(kind.computed === undefined ? { default: kind.default(variable) } : {}),
  };
}

function activityText(space: Space, name: string): string | undefined {
  const texts = Object.entries(conditionsOf(space, name)).map(([path, condition]) => conditionText(path, condition));
  return texts.length === 0 ? undefined : `Present only when ${texts.join(" and ")}.`;
}
