import type { CallRecord, Trace } from "#orchestration";
import { usefulCalls } from "./useful-calls.ts";

/** What can be measured of a team's work without knowing what is good. All of it comes from the traces. */
export interface TeamMeasures {
  /**
   * useful / (useful + wasted + coordination) in durations: calls that the output owes something to (it goes back to
   * them, or they judged on the way), other calls, and time in which nobody worked (Σ over the requests). 1 for a single
   * agent without waiting.
   */
  readonly coordinationEfficiency: number;
  /** Bytes of messages / (bytes of messages + bytes generated); 0 without messages. */
  readonly communicationOverhead: number;
  /** The share of the messages' bytes that was read by a call that the output owes something to; 1 without messages. */
  readonly communicationEfficiency: number;
  /** The mean of `resourceUtilizationByResource`: amounts of different resources cannot be added. 1 without grants. */
  readonly resourceUtilization: number;
  /** Used / granted over the requests; what an agent uses beyond its grant does not count. */
  readonly resourceUtilizationByResource: Readonly<Record<string, number>>;
  /**
   * `"observed"`: the share of the failures that the team recovered from (calls made again with success, failed calls of
   * requests that were answered all the same); 1 without failures. `"injected"`: the mean over the agents of what was
   * left of the score when the agent was killed under a request.
   */
  readonly faultToleranceScore: number;
  readonly faultToleranceMeasured: "observed" | "injected";
  /** Milliseconds in all, at least 1. */
  readonly executionTime: number;
  /** The most bytes that the process held, its threads included; at least 1. */
  readonly memoryUsage: number;
  /** How often each agent was called. */
  readonly agentActivations: Readonly<Record<string, number>>;
  /** What was used, by resource, in all. */
  readonly used: Readonly<Record<string, number>>;
}

/** One request as its trace tells it. */
export interface Measured {
  readonly trace: Trace;
  readonly ok: boolean;
  readonly memoryBytes: number;
}

/** The measures over requests (spec/semantics.md §2.4, formulas in the fields' comments). */
export function measuresOf(runs: readonly Measured[]): TeamMeasures {
  const [times, bytes] = [runs.map(({ trace }) => timesOf(trace)), runs.map(({ trace }) => bytesOf(trace))];
  const useful = sum(times, (time) => time.useful);
  const sent = sum(bytes, (count) => count.sent);
  return {
    coordinationEfficiency: share(useful, useful + sum(times, ({ wasted, idle }) => wasted + idle), 1),
    communicationOverhead: share(sent, sent + sum(bytes, ({ generated }) => generated), 0),
    communicationEfficiency: share(
      sum(bytes, ({ consumed }) => consumed),
      sent,
      1,
    ),
    ...utilization(runs),
    faultToleranceScore: recovery(runs),
    faultToleranceMeasured: "observed",
    executionTime: Math.max(
      1,
      sum(runs, ({ trace }) => duration(trace)),
    ),
    memoryUsage: runs.reduce((most, { memoryBytes }) => (memoryBytes > most ? memoryBytes : most), 1),
    agentActivations: total(runs.flatMap(({ trace }) => trace.calls.map(({ agent }) => [agent, 1] as const))),
    used: total(runs.flatMap(({ trace }) => Object.entries(trace.used))),
  };
}

/** A machine's clock can be set back. */
function duration({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number }): number {
  return Math.max(0, endedAt - startedAt);
}

function timesOf(trace: Trace): { readonly useful: number; readonly wasted: number; readonly idle: number } {
  const useful = usefulCalls(trace);
  return {
    useful: sum(trace.calls, (call) => (useful.has(call.id) ? duration(call) : 0)),
    wasted: sum(trace.calls, (call) => (useful.has(call.id) ? 0 : duration(call))),
    idle: Math.max(0, duration(trace) - busy(trace.calls)),
  };
}

/** How long at least one call was under way. */
function busy(calls: readonly CallRecord[]): number {
  let [covered, until] = [0, -Infinity];
  for (const { startedAt, endedAt } of calls.toSorted((a, b) => a.startedAt - b.startedAt)) {
    covered += Math.max(0, endedAt - Math.max(until, startedAt));
    until = Math.max(until, endedAt);
  }
  return covered;
}

function bytesOf(trace: Trace): { readonly sent: number; readonly generated: number; readonly consumed: number } {
  const useful = usefulCalls(trace);
  return {
    sent: sum(trace.messages, ({ bytes }) => bytes),
    generated: sum(trace.calls, generatedBytes),
    consumed: sum(trace.messages, ({ bytes, readBy }) => (useful.has(readBy) ? bytes : 0)),
  };
}

function generatedBytes({ outcome }: CallRecord): number {
  return outcome.ok && outcome.reply.output !== null ? Buffer.byteLength(JSON.stringify(outcome.reply.output)) : 0;
}

function utilization(
  runs: readonly Measured[],
): Pick<TeamMeasures, "resourceUtilization" | "resourceUtilizationByResource"> {
  const grants = runs.flatMap(({ trace }) => grantsOf(trace));
  const granted = total(grants.map(({ resource, amount }) => [resource, amount]));
  const used = total(grants.map(({ resource, used: part }) => [resource, part]));
  const shares = Object.entries(granted).map(
    ([resource, amount]) => [resource, share(used[resource] as number, amount, 1)] as const,
  );
  return {
    resourceUtilization: share(
      sum(shares, ([, part]) => part),
      shares.length,
      1,
    ),
    resourceUtilizationByResource: Object.fromEntries(shares),
  };
}

interface Grant {
  readonly resource: string;
  readonly amount: number;
  /** At most the amount. */
  readonly used: number;
}

/** What a request granted each of its agents, and how much of it that agent's calls used. */
function grantsOf({ calls, grants }: Trace): Grant[] {
  return Object.entries(grants).flatMap(([agent, amounts]) => {
    const own = calls.filter((call) => call.agent === agent);
    return Object.entries(amounts).map(([resource, amount]) => {
      const used = sum(own, (call) => (Object.hasOwn(call.used, resource) ? (call.used[resource] as number) : 0));
      return { resource, amount, used: Math.min(amount, used) };
    });
  });
}

function recovery(runs: readonly Measured[]): number {
  const failures = runs.flatMap(({ trace, ok }) =>
    trace.calls.filter(({ outcome, attempts }) => !outcome.ok || attempts > 1).map(({ outcome }) => outcome.ok || ok),
  );
  return share(failures.filter((isRecovered) => isRecovered).length, failures.length, 1);
}

/** Sums by name. */
function total(amounts: readonly (readonly [name: string, amount: number])[]): Record<string, number> {
  const totals = new Map<string, number>();
  for (const [name, amount] of amounts) totals.set(name, (totals.get(name) ?? 0) + amount);
  return Object.fromEntries(totals);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((all, item) => all + of(item), 0);
}

/** Never above 1, whatever the rounding of the sums. */
function share(part: number, whole: number, otherwise: number): number {
  return whole > 0 ? Math.min(1, part / whole) : otherwise;
}
