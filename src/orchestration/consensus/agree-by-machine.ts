import type { Json } from "#foundation";
import { Bus } from "../protocols/bus.ts";
import type { Machine } from "../protocols/machine.ts";
import type { Vote } from "./ballot.ts";
import type { AgreementResult, AgreementRoom } from "./consensus-algorithm.ts";

export interface VoteCarrier<State, Message extends Json, Outcome> {
  readonly machine: Machine<State, Message, Outcome>;
  /** The request by which a member brings its own vote in. */
  readonly requestOf: (vote: Vote) => Json;
  /** The votes that a member knows to be agreed by this outcome. */
  readonly votesOf: (outcome: Outcome) => readonly Vote[];
}

/**
 * Votes by way of a distributed protocol: each agent that has voted is a member and asks for its own vote to be taken in.
 * It ends when all of these members know all of these votes. What a machine throws is thrown.
 */
export async function agreeByMachine<State, Message extends Json, Outcome>(
  carrier: VoteCarrier<State, Message, Outcome>,
  votes: readonly Vote[],
  room: AgreementRoom,
): Promise<AgreementResult> {
  const { members, clock, rng, timeoutMs, signal, link } = room;
  const live = votes.map(({ voter }) => voter);
  const known = new Map(live.map((member) => [member, new Map<string, Vote>()]));
  let missing = live.length * live.length;
  const all = Promise.withResolvers<boolean>();
  await using bus = new Bus(carrier.machine, { members, clock, rng, link });
  bus.subscribe((event) => {
    if (event.type === "failed") return all.reject(event.error);
    const mine = known.get(event.member);
    for (const vote of carrier.votesOf(event.outcome)) {
      if (mine === undefined || mine.has(vote.voter) || !known.has(vote.voter)) continue;
      mine.set(vote.voter, vote);
      missing--;
    }
    if (missing === 0) all.resolve(true);
  });
  bus.start(live);
  for (const vote of votes) bus.request(vote.voter, carrier.requestOf(vote));
  if (await within(all.promise, { clock, timeoutMs, signal })) {
    return { ok: true, votes: [...(known.get(live[0] ?? "")?.values() ?? [])] };
  }
  const message = `${carrier.machine.name}: not all of ${live.length} members knew all votes within ${timeoutMs} ms`;
  return { ok: false, error: { code: "timeout", message } };
}

/** What is awaited, or `false` when the time is over first. */
async function within(
  awaited: Promise<boolean>,
  { clock, timeoutMs, signal }: Pick<AgreementRoom, "clock" | "timeoutMs" | "signal">,
): Promise<boolean> {
  const over = new AbortController();
  const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const late = clock.sleep(timeoutMs, { signal: either }).then(() => false);
  // Broken off when what is awaited has come: nobody is there to hear of it.
  late.catch(() => undefined);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    over.abort();
  }
}
