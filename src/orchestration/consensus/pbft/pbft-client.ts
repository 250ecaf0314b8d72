import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";
import type { PbftRequest, Reply } from "./pbft-message.ts";
import { isFromMember, juryOf } from "./pbft-proof.ts";
import { sendToOthers } from "./pbft-state.ts";
import type { PbftTurn } from "./pbft-state.ts";
import { signed } from "../seal.ts";

/** The member wants something for itself. Gives the request that goes out now, if the one before has its answer. */
export function want(turn: PbftTurn, operation: Json): PbftRequest | undefined {
  const { client } = turn.state;
  turn.state = { ...turn.state, client: { ...client, queue: [...client.queue, operation] } };
  return nextRequest(turn);
}

/** Sends the next request of the queue to all, or the one under way once more. */
export function nextRequest(turn: PbftTurn): PbftRequest | undefined {
  const { client, self } = turn.state;
  if (client.current !== undefined) return undefined;
  const [operation, ...queue] = client.queue;
  if (operation === undefined) return undefined;
  // Not from 1 after a crash that left nothing: others would take the requests for old ones.
  const time = Math.max(client.time + 1, Math.floor(turn.at));
  const request = signed(turn.rules.seal, self, { kind: "request", time, operation } as const);
  turn.state = { ...turn.state, client: { time, queue, current: { request, replies: {} } } };
  sendRequest(turn);
  return request;
}

export function sendRequest(turn: PbftTurn): void {
  const request = turn.state.client.current?.request;
  turn.timers["client"] = request === undefined ? null : turn.rules.timeoutMs;
  if (request !== undefined) sendToOthers(turn, request);
}

/** One more than may lie say the same: at least one of them tells the truth. */
export function onReply(turn: PbftTurn, reply: Reply): void {
  const { client, self, faults } = turn.state;
  const { current } = client;
  if (current === undefined || reply.client !== self || reply.time !== current.request.time) return;
  if (!isFromMember(juryOf(turn.rules, turn.state), reply)) return;
  const replies = { ...current.replies, [reply.by]: reply };
  const text = canonicalJson(reply.result);
  const by = Object.values(replies)
    .filter(({ result }) => canonicalJson(result) === text)
    .map((one) => one.by);
  if (by.length <= faults) {
    turn.state = { ...turn.state, client: { ...client, current: { ...current, replies } } };
    return;
  }
  const { time, operation } = current.request;
  turn.outcomes.push({ type: "replied", time, operation, result: reply.result, by });
  turn.state = { ...turn.state, client: { time: client.time, queue: client.queue } };
  turn.timers["client"] = null;
}
