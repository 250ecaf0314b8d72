import type { JsonObject } from "#foundation";
import { conditionsOf } from "./active-variables.ts";
import { conditionText } from "./condition.ts";
import type { Space } from "./space.ts";
import { kindOf } from "./variable.ts";
import type { Variable } from "./variable.ts";

/**
 * The JSON Schema (draft 2020-12) of the space's configurations. A conditional variable is not required, and its
 * description says when it is there; `validateConfiguration` is stricter about it.
 */
export function spaceJsonSchema(space: Space): JsonObject {
  const properties = space.variables.map((variable) => [variable.name, propertyOf(space, variable)] as const);
  const required = space.variables.map(({ name }) => name).filter((name) => activityText(space, name) === undefined);
  return { type: "object", properties: Object.fromEntries(properties), required, additionalProperties: false };
}

function propertyOf(space: Space, variable: Variable): JsonObject {
  const kind = kindOf(variable);
  const said = [variable.description, activityText(space, variable.name)].filter((text) => text !== undefined);
  return {
    ...kind.jsonSchema(variable),
    ...(said.length === 0 ? {} : { description: said.join(" ") }),
    default: kind.default(variable),
  };
}

function activityText(space: Space, name: string): string | undefined {
  const texts = Object.entries(conditionsOf(space, name)).map(([path, condition]) => conditionText(path, condition));
  return texts.length === 0 ? undefined : `Present only when ${texts.join(" and ")}.`;
}
