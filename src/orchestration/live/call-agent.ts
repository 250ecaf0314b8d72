import { messageOf, nextTurn } from "#foundation";
import type { Clock } from "#foundation";
import { AgentError, killed, reasonText } from "#foundation/agents";
import type { Seat, Seats } from "./crew.ts";
import { replyDefect } from "./team-module.ts";
import type { TeamPolicies } from "../team.ts";
import type { CallFailure, CallOutcome, TeamCall, TeamReply } from "../trace.ts";

/** What calls to agents need. */
export interface Calling {
  /** The instances that belong to the request. */
  readonly seats: Seats;
  /** Where an agent's instances are when none of the request's own is left. */
  readonly successors: (agent: string) => readonly Seat[];
  /** Resolves when the agent's supervisor has done what it had to do, with whether it has not given it up. */
  readonly hasSettled: (agent: string) => Promise<boolean>;
  readonly policies: TeamPolicies;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** What came of a call. What was used counts also where the output does not. */
export interface Called {
  readonly outcome: CallOutcome;
  readonly reply?: TeamReply;
  /** How often it was sent; 0 when there was nobody to send it to. */
  readonly attempts: number;
}

/** How long to wait between two looks for an instance whose start has failed. */
const pauseMs = 10;

/**
 * Calls an instance of the agent when it is the call's turn, and again where the instance ended under it. One that gives
 * no answer in time is ended if it takes one call at a time: the others would wait behind it for ever. Rejects only
 * with the signal's reason.
 */
export async function callAgent(agent: string, message: TeamCall, calling: Calling): Promise<Called> {
  for (let attempts = 1; ; attempts++) {
    const seat = await takeSeat(agent, calling);
    if (seat === undefined)
      return { outcome: failure("agent_down", `agent ${agent} has no instance that is alive`), attempts: attempts - 1 };
    const called = await send(seat, message, calling);
    calling.signal?.throwIfAborted();
    const { outcome } = called;
    if (outcome.ok || outcome.code !== "agent_down" || attempts > calling.policies.retries)
      return { ...called, attempts };
  }
}

async function send(
  seat: Seat,
  message: TeamCall,
  { policies: { callTimeoutMs }, signal }: Calling,
): Promise<Omit<Called, "attempts">> {
  const { agent, module } = seat;
  // This incarnation, so that no later one is ended for it.
  const { ref } = seat.address;
  try {
    if (ref === undefined) return { outcome: failure("agent_down", `agent ${agent} has ended`) };
    return judged(agent, await ref.call<unknown>(message, { timeoutMs: callTimeoutMs, signal }));
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== "timeout")
      return { outcome: failure("agent_down", downText(agent, error)) };
    if (module.restartsOnTimeout) ref?.cell.exit(killed);
    return { outcome: failure("timeout", `agent ${agent} gave no answer within ${callTimeoutMs} ms`) };
  } finally {
    seat.load--;
    if (module.restartsOnTimeout) seat.line.leave();
  }
}

/** In the team's words: instances have names of their own. */
function downText(agent: string, error: unknown): string {
  if (!(error instanceof AgentError)) return `agent ${agent}: ${messageOf(error)}`;
  return error.reason === undefined
    ? `agent ${agent} could not be called (${error.code})`
    : `agent ${agent} ended before it answered (${reasonText(error.reason)})`;
}

/** An instance that is alive, at the caller's turn; `undefined` when there is none and none is coming. */
async function takeSeat(agent: string, calling: Calling): Promise<Seat | undefined> {
  for (;;) {
    const seat = freest(agent, calling) ?? (await comeback(agent, calling));
    if (seat === undefined) return undefined;
    seat.load++;
    try {
      const turn = seat.module.restartsOnTimeout ? seat.line.enter(calling.signal) : undefined;
      if (turn !== undefined) await turn;
    } catch (error) {
      seat.load--;
      throw error;
    }
    if (isAlive(seat)) return seat;
    seat.load--;
    if (seat.module.restartsOnTimeout) seat.line.leave();
  }
}

/** The instance with the fewest calls under way, of those that are alive. */
function freest(agent: string, { seats, successors }: Calling): Seat | undefined {
  return leastLoaded(seats.get(agent) ?? []) ?? leastLoaded(successors(agent));
}

function leastLoaded(seats: readonly Seat[]): Seat | undefined {
  let least: Seat | undefined;
  for (const seat of seats) if (isAlive(seat) && (least === undefined || seat.load < least.load)) least = seat;
  return least;
}

function isAlive({ address }: Seat): boolean {
  return address.ref?.isAlive === true;
}

/** Gives the agent's supervisor the time that a start may take. */
async function comeback(agent: string, calling: Calling): Promise<Seat | undefined> {
  const { clock, policies, signal, hasSettled } = calling;
  for (let waitedMs = 0; waitedMs <= policies.startMs; waitedMs += pauseMs) {
    await nextTurn();
    signal?.throwIfAborted();
    const isSupervised = await hasSettled(agent);
    const seat = freest(agent, calling);
    // Whom nobody supervises nobody starts again.
    if (seat !== undefined || !isSupervised) return seat;
    await clock.sleep(pauseMs, { signal });
  }
  return undefined;
}

function judged(agent: string, answer: unknown): Omit<Called, "attempts"> {
  const defect = replyDefect(answer);
  if (defect !== undefined) return { outcome: failure("bad_reply", `agent ${agent}: ${defect}`) };
  const reply = answer as TeamReply;
  if (reply.failure !== undefined)
    return { outcome: failure("failed", `agent ${agent}: ${reply.failure.message}`), reply };
  // A plan is orders to others: they are its output where it says nothing else.
  const isPlan = reply.output === null && reply.assignments !== undefined;
  return { outcome: { ok: true, reply: isPlan ? { ...reply, output: reply.assignments } : reply }, reply };
}

export function failure(code: CallFailure, message: string): CallOutcome {
  return { ok: false, code, message };
}
