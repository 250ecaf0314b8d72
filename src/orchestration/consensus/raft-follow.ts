import type { RaftTurn } from "./raft-state.ts";
import { change } from "./raft-state.ts";

/** A new timeout, drawn, so that members seldom stand at the same time (§5.2 of the paper). */
export function waitForLeader(turn: RaftTurn): void {
  const [least, most] = turn.settings.electionTimeoutMs;
  turn.timers["election"] = least + turn.rng.next() * (most - least);
}

/** Becomes a follower; in a term that is new to it, one that has not voted. */
export function follow(turn: RaftTurn, term: number, leader: string | null): void {
  const { state } = turn;
  if (state.role === "leader") {
    turn.timers["heartbeat"] = null;
    turn.timers["quorum"] = null;
    waitForLeader(turn);
  }
  const votedFor = term > state.term ? null : state.votedFor;
  change(turn, { term, votedFor, role: "follower", isPre: false, leader, votes: [], writes: [], reads: [] });
}
