import { messageOf } from "#foundation";
import type { Clock } from "#foundation";

/** An agent that was asked and gave nothing that could be used. It counts as if it had not been there. */
export interface Absence {
  readonly agent: string;
  /** What it was asked for. */
  readonly asked: string;
  readonly reason: "threw" | "late" | "invalid";
  readonly message: string;
}

/** What an answer comes to: itself, or what is wrong with it. */
export type Reading<Answer> =
  | { readonly ok: true; readonly value: Answer }
  | { readonly ok: false; readonly defect: string };

export interface Question<Answer> {
  /** What it is about, for the absences: "vote on temperature". */
  readonly asked: string;
  readonly ask: (agent: string, signal: AbortSignal) => unknown;
  readonly read: (answer: unknown) => Reading<Answer>;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface Hearing<Answer> {
  readonly answers: ReadonlyMap<string, Answer>;
  readonly absences: readonly Absence[];
}

/**
 * Asks every agent at once and waits for each at most `timeoutMs`. Who throws, is late or gives what cannot be read is
 * absent; the signal of who is late aborts. Answers and absences come in the order of the agents, whoever was first.
 */
export async function hear<Answer>(agents: readonly string[], question: Question<Answer>): Promise<Hearing<Answer>> {
  const heard = await Promise.all(agents.map((agent) => heardFrom(agent, question)));
  const answers = new Map<string, Answer>();
  const absences: Absence[] = [];
  for (const [index, agent] of agents.entries()) {
    const one = heard[index];
    if (one === undefined) continue;
    if (one.ok) answers.set(agent, one.value);
    else absences.push({ agent, asked: question.asked, reason: one.reason, message: one.message });
  }
  return { answers, absences };
}

type Heard<Answer> =
  | { readonly ok: true; readonly value: Answer }
  | { readonly ok: false; readonly reason: Absence["reason"]; readonly message: string };

async function heardFrom<Answer>(agent: string, question: Question<Answer>): Promise<Heard<Answer>> {
  const { ask, read, timeoutMs, clock } = question;
  const [answered, late] = [new AbortController(), new AbortController()];
  const answer = async (): Promise<Heard<Answer>> => {
    try {
      const reading = read(await ask(agent, late.signal));
      return reading.ok ? reading : { ok: false, reason: "invalid", message: reading.defect };
    } catch (error) {
      return { ok: false, reason: "threw", message: messageOf(error) };
    }
  };
  const timeout = async (): Promise<Heard<Answer>> => {
    await clock.sleep(timeoutMs, { signal: answered.signal });
    late.abort();
    return { ok: false, reason: "late", message: `no answer within ${timeoutMs} ms` };
  };
  const running = answer();
  if (timeoutMs === Infinity) return running;
  try {
    return await Promise.race([running, timeout().catch(() => running)]);
  } finally {
    answered.abort();
  }
}
