import { UsageError } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { Machine, MachineInput, MachineStep } from "../../protocols/machine.ts";
import { onCommit, onCommitted, onPrepare, onProposal, onRequest, proposeWaiting } from "./pbft-agreement.ts";
import { nextRequest, onReply, sendRequest, want } from "./pbft-client.ts";
import { onCheckpoint, onSnapshot } from "./pbft-execution.ts";
import { readPbftMessage } from "./pbft-message.ts";
import type { PbftMessage } from "./pbft-message.ts";
import { startPbft } from "./pbft-state.ts";
import type { Application, PbftOptions, PbftOutcome, PbftRules, PbftState, PbftTurn } from "./pbft-state.ts";
import { onStatus, tellStatus } from "./pbft-status.ts";
import { onNewView, onViewChange, startChange } from "./pbft-view-change.ts";

/**
 * Practical Byzantine fault tolerance (Castro and Liskov 1999): members that do not lie execute the same requests in one
 * order as long as at most f of n ≥ 3f + 1 lie, and go on executing them when messages come through in time. Every
 * member is a client as well: its `request` ends with `replied`. Its whole state is on the disk; a member that has lost
 * it counts as one that lies. Among agents of one process this is agreement under lies and crashes of agents, not
 * durability: they share the fate of the process.
 */
export function pbft(options: PbftOptions): Machine<PbftState, PbftMessage, PbftOutcome> {
  const rules = rulesOf(options);
  return {
    name: "pbft",
    start: (self, members) => startPbft(rules, self, members),
    step: (state, input, rng) => stepPbft(rules, { state, input, rng }),
    persistent: (state) => state,
    restart: (self, members, persisted) =>
      "slots" in persisted
        ? { ...(persisted as unknown as PbftState), timedFor: null }
        : startPbft(rules, self, members),
  };
}

/** The list of all operations; the answer to one is its place in it, from 1. */
const operationList: Application = {
  initial: [],
  apply(state, operation) {
    const operations: readonly Json[] = Array.isArray(state) ? (state as readonly Json[]) : [];
    return { state: [...operations, operation], result: operations.length + 1 };
  },
};

function rulesOf(options: PbftOptions): PbftRules {
  const { seal, faults, application = operationList, checkpointEvery = 8, timeoutMs = 1_000 } = options;
  const rules = { seal, faults, application, checkpointEvery, timeoutMs, statusMs: options.statusMs ?? timeoutMs / 4 };
  if (!Number.isSafeInteger(checkpointEvery) || checkpointEvery < 1) {
    throw new UsageError(`expected checkpointEvery to be a whole number from 1, got ${checkpointEvery}`);
  }
  for (const name of ["timeoutMs", "statusMs"] as const) {
    if (!(rules[name] > 0 && Number.isFinite(rules[name]))) {
      throw new UsageError(`expected ${name} to be a positive number, got ${rules[name]}`);
    }
  }
  return rules;
}

interface PbftStep {
  readonly state: PbftState;
  readonly input: MachineInput<PbftMessage>;
  readonly rng: Rng;
}

function stepPbft(rules: PbftRules, { state, input, rng }: PbftStep): MachineStep<PbftState, PbftMessage, PbftOutcome> {
  const turn: PbftTurn = { rules, at: input.at, state, out: [], timers: {}, outcomes: [] };
  if (input.type === "begin") {
    turn.timers["status"] = rules.statusMs * (0.5 + rng.next() / 2);
    sendRequest(turn);
  } else if (input.type === "timer") onTimer(turn, input.timer, rng);
  else if (input.type === "request") submit(turn, input.request);
  else onMessage(turn, input);
  for (const next of goOn(turn)) onRequest(turn, next);
  if (turn.outcomes.some(({ type }) => type === "equivocation")) startChange(turn, turn.state.view + 1);
  proposeWaiting(turn);
  settleTimer(turn);
  return { state: turn.state, out: turn.out, timers: turn.timers, outcomes: turn.outcomes };
}

function submit(turn: PbftTurn, operation: Json): void {
  const request = want(turn, operation);
  if (request !== undefined) onRequest(turn, request);
}

/** The client's next request, when the one before has its answer. */
function goOn(turn: PbftTurn): Parameters<typeof onRequest>[1][] {
  const next = nextRequest(turn);
  return next === undefined ? [] : [next];
}

function onTimer(turn: PbftTurn, timer: string, rng: Rng): void {
  if (timer === "status") tellStatus(turn, rng);
  if (timer === "client") {
    sendRequest(turn);
    const own = turn.state.client.current?.request;
    if (own !== undefined) onRequest(turn, own);
  }
  if (timer === "view" && turn.state.timedFor !== null) startChange(turn, turn.state.view + 1);
}

function onMessage(turn: PbftTurn, { from, message: sent }: { readonly from: string; readonly message: Json }): void {
  const message = readPbftMessage(sent);
  if (message === undefined) return;
  switch (message.kind) {
    case "request":
      return onRequest(turn, message);
    case "proposal":
      return onProposal(turn, message);
    case "prepare":
      return onPrepare(turn, message);
    case "commit":
      return onCommit(turn, message);
    case "reply":
      return onReply(turn, message);
    case "checkpoint":
      return onCheckpoint(turn, message);
    case "view-change":
      return onViewChange(turn, message);
    case "new-view":
      return onNewView(turn, message);
    case "status":
      return onStatus(turn, from, message);
    case "committed":
      return onCommitted(turn, message);
    case "snapshot":
      return onSnapshot(turn, message);
  }
}

/** A backup waits for one request at a time: others that come through do not give its primary more time. */
function settleTimer(turn: PbftTurn): void {
  const { changing, waiting, timedFor, attempts } = turn.state;
  if (changing) return;
  const open = Object.values(waiting).map(({ by, time }) => `${by}:${time}`);
  if (timedFor !== null && open.includes(timedFor)) return;
  const next = open[0] ?? null;
  if (next === timedFor) return;
  turn.timers["view"] = next === null ? null : turn.rules.timeoutMs * 2 ** Math.min(attempts, 20);
  turn.state = { ...turn.state, timedFor: next };
}
