import { describe, systemClock, UsageError } from "#foundation";
import type { Clock } from "#foundation";
import { hear } from "../conflicts/hearing.ts";
import type { Absence } from "../conflicts/hearing.ts";

export interface AskAgentsOptions {
  /** An agent that takes longer is absent; no limit unless told. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** Ends it at once: the call rejects with the signal's reason, and the signals of those who are still asked abort. */
  readonly signal?: AbortSignal;
}

/** One agent's answer, and when it came. */
interface Answered<T> {
  readonly agent: string;
  readonly answer: T;
  readonly at: number;
}

export interface Answers<T> {
  /** In the order in which the agents stand, whoever was first. */
  readonly answers: readonly Answered<T>[];
  readonly absent: readonly Absence[];
}

interface Question<T> extends AskAgentsOptions {
  /** What it is about, for the absences. */
  readonly asked: string;
  /** What the answer says, or why it says nothing. */
  readonly read: (answer: unknown) => { readonly value: T } | string;
}

/** Asks all agents at once, and notes when each answered. Never rejects for what an agent does. */
export async function askAgents<T>(
  agents: readonly string[],
  ask: (agent: string, signal: AbortSignal) => unknown,
  { timeoutMs = Infinity, clock = systemClock, signal, asked, read }: Question<T>,
): Promise<Answers<T>> {
  if (!(timeoutMs >= 0)) throw new UsageError(`timeoutMs: expected a number of at least 0, got ${describe(timeoutMs)}`);
  signal?.throwIfAborted();
  const came = new Map<string, number>();
  const hearing = hear<{ readonly value: T }>(agents, {
    asked,
    timeoutMs,
    clock,
    async ask(agent, late) {
      const answer = await ask(agent, signal === undefined ? late : AbortSignal.any([late, signal]));
      came.set(agent, clock.now());
      return answer;
    },
    read(answer) {
      const usable = read(answer);
      return typeof usable === "string" ? { ok: false, defect: usable } : { ok: true, value: usable };
    },
  });
  const { answers, absences } = await (signal === undefined ? hearing : unlessAborted(hearing, signal));
  const said = [...answers].map(([agent, { value }]) => ({ agent, answer: value, at: came.get(agent) ?? 0 }));
  return { answers: said, absent: absences };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}
