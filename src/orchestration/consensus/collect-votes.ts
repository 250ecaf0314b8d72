import { describe, messageOf } from "#foundation";
import type { Clock, JsonObject } from "#foundation";
import { castVote } from "./ballot.ts";
import type { Ballot } from "./ballot.ts";

/** What an agent is asked. */
export interface VoteRequest {
  readonly ballot: string;
  /** What may be agreed on: one set of changes, to be approved or not, or several to choose from. */
  readonly alternatives: readonly JsonObject[];
}

/**
 * An agent's answer: `true` or `false` to a single alternative, the place of one of several (0 is the first), `null` to
 * abstain.
 */
export type AgentVote = boolean | number | null;

/** Asks one agent. The signal aborts when the time is over. */
export type AskForVote = (
  agent: string,
  request: VoteRequest,
  options: { readonly signal: AbortSignal },
) => AgentVote | Promise<AgentVote>;

/** An agent without a vote: its code threw, it was late, or what it said is no vote. */
export interface AbsentAgent {
  readonly agent: string;
  readonly reason: "failed" | "late" | "invalid";
  readonly message: string;
}

export interface CollectedVotes {
  readonly ballot: Ballot;
  readonly absent: readonly AbsentAgent[];
}

export interface CollectOptions {
  readonly alternatives: readonly JsonObject[];
  readonly vote: AskForVote;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** The choices that a ballot on these alternatives has. */
export function choicesOf(alternatives: readonly JsonObject[]): string[] {
  return alternatives.length === 1 ? ["yes", "no"] : alternatives.map((_, place) => String(place));
}

/** Asks every voter at the same time. Votes come in the order of the electorate, whoever was first. */
export async function collectVotes(ballot: Ballot, options: CollectOptions): Promise<CollectedVotes> {
  const { alternatives, clock, timeoutMs, vote } = options;
  const over = new AbortController();
  const signal = options.signal === undefined ? over.signal : AbortSignal.any([over.signal, options.signal]);
  const agents = ballot.terms.voters.map(({ voter }) => voter);
  const message = `no vote within ${timeoutMs} ms`;
  const late = clock.sleep(timeoutMs, { signal }).then(() => ({ reason: "late", message }) as const);
  // Whoever waits for it gets the rejection; nobody may be left to.
  late.catch(() => undefined);
  const request = { ballot: ballot.terms.id, alternatives };
  const ask = (agent: string): Promise<string | null | Absence> =>
    Promise.resolve()
      .then(() => vote(agent, request, { signal }))
      .then((said) => choiceOf(said, alternatives.length))
      .catch((error: unknown) => ({ reason: "failed", message: messageOf(error) }));
  try {
    const answers = await Promise.all(agents.map((agent) => Promise.race([ask(agent), late])));
    options.signal?.throwIfAborted();
    return counted(ballot, answers, clock.now());
  } finally {
    over.abort(new Error(`ballot ${ballot.terms.id} is closed`));
  }
}

type Absence = Omit<AbsentAgent, "agent">;

function counted(open: Ballot, answers: readonly (string | null | Absence)[], at: number): CollectedVotes {
  const absent: AbsentAgent[] = [];
  let ballot = open;
  for (const [place, answer] of answers.entries()) {
    const voter = open.terms.voters[place]?.voter ?? "";
    if (answer !== null && typeof answer === "object") absent.push({ agent: voter, ...answer });
    else ballot = castVote(ballot, { ballot: open.terms.id, voter, choice: answer }, at).ballot;
  }
  return { ballot, absent };
}

function choiceOf(said: unknown, alternatives: number): string | null | Absence {
  if (said === null) return null;
  if (alternatives === 1 && typeof said === "boolean") return said ? "yes" : "no";
  if (alternatives > 1 && Number.isSafeInteger(said) && Number(said) >= 0 && Number(said) < alternatives)
    return String(said);
  const expected = alternatives === 1 ? "true, false or null" : `a place below ${alternatives} or null`;
  return { reason: "invalid", message: `expected ${expected}, got ${describe(said)}` };
}
