import type { Child, Shutdown } from "./child-spec.ts";
import { killed, shutdown } from "../exit-reason.ts";
import type { DownReason } from "../exit-reason.ts";
import type { AgentRuntime } from "../runtime.ts";

/**
 * Ends children all at once, each in the time of their spec, and resolves when all are gone: with one promise and one
 * deadline, however many they are.
 */
export function stopChildren(
  runtime: AgentRuntime,
  children: readonly Child[],
  how: Shutdown,
  onGone: (child: Child, reason: DownReason) => void,
): Promise<void> {
  if (children.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const deadline = { settled: false, expire: () => children.forEach((child) => child.exit(killed)) };
    let alive = children.length;
    const oneIsGone = (child: Child, reason: DownReason): void => {
      onGone(child, reason);
      if (--alive > 0) return;
      deadline.settled = true;
      resolve();
    };
    for (const child of children) {
      // In place of its supervisor, which has let go of it: a watch would be one more set for each.
      if (child.own === undefined) child.watch((reason) => oneIsGone(child, reason));
      else child.own((reason) => oneIsGone(child, reason));
    }
    if (typeof how === "number") runtime.deadlines.add(how, deadline);
    for (const child of children) child.exit(how === "brutal" ? killed : shutdown);
  });
}
