/** One way to run agents, for `bench/agents.ts`. */
export interface AgentContestant {
  /** One agent that counts its calls; calls it once, waiting for the count. */
  counter(): Promise<() => Promise<number>>;
  /** Starts so many agents that then do nothing; answers with what keeps them. */
  idle(count: number): Promise<unknown>;
  /** One supervised agent; crashes it and resolves when its next incarnation is up. */
  crasher(): Promise<() => Promise<void>>;
  /** Starts so many agents under one supervisor, one after the other; answers with what stops them all. */
  supervised(count: number): Promise<() => Promise<void>>;
  /** One agent that sends itself the next message for so many milliseconds; resolves with their number. */
  selfFeeding(ms: number): Promise<number>;
}

/** A clock that is looked at once in so many messages. */
export function timeIsUp(ms: number): () => boolean {
  const end = performance.now() + ms;
  let looks = 0;
  return () => (looks++ & 255) === 0 && performance.now() > end;
}
