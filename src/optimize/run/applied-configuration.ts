import { activeVariables } from "#variables";
import type { Configuration, Space } from "#variables";

/**
 * A configuration with other values of a space: what these make inactive goes. Paths that the space says nothing of stay
 * as they are.
 */
export function appliedConfiguration(space: Space, before: Configuration, values: Configuration): Configuration {
  const merged = { ...before, ...values };
  const active = new Set(activeVariables(space, merged).map(({ name }) => name));
  const inactive = new Set(space.variables.map(({ name }) => name).filter((name) => !active.has(name)));
  return Object.fromEntries(Object.entries(merged).filter(([path]) => !inactive.has(path) || path in values));
}
