import { UsageError } from "#foundation";

/** The hub, when it is one of the members. Throws `UsageError` when it is not. */
export function hubAmong(members: readonly string[], hub: string | undefined): string {
  if (hub === undefined || !members.includes(hub))
    throw new UsageError(`hub: expected one of ${members.join(", ")}, got ${hub ?? "none"}`);
  return hub;
}
