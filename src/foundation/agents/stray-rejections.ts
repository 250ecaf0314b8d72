/** On whose account code runs: an agent, a task. */
export interface Responsible {
  /** Takes an error of its code that nobody awaited. */
  stray(error: unknown): void;
  /** Whether it has ended, and what its code tries is to be dropped. */
  isFenced?(effect: string): boolean;
}

/** Takes an error that nobody awaited; answers whether it was its own. */
type Owner = (error: unknown) => boolean;

// The event belongs to the process, so its owners are known to the module: one listener for all of them.
const owners = new Set<Owner>();

/** Offers every unhandled rejection to the owner until the returned function is called. */
export function ownStrayRejections(owner: Owner): () => void {
  if (owners.size === 0) process.on("unhandledRejection", onRejection);
  owners.add(owner);
  return () => {
    owners.delete(owner);
    if (owners.size === 0) process.off("unhandledRejection", onRejection);
  };
}

/** What is nobody's ends the process, as it would without us, unless somebody else listens too. */
function onRejection(error: unknown): void {
  for (const owner of owners) if (owner(error)) return;
  if (process.listenerCount("unhandledRejection") === 1) throw error;
}
