/** What a cell has for a state when the agent lives elsewhere: at a host. */
export interface StateElsewhere {
  readonly isElsewhere: true;
  readState(): Promise<unknown>;
  replaceState(state: unknown): Promise<unknown>;
}

export function isElsewhere(state: unknown): state is StateElsewhere {
  return typeof state === "object" && state !== null && "isElsewhere" in state && "readState" in state;
}
