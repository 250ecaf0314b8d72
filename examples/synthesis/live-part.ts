import { mapConcurrently, systemClock } from "tutti/foundation";
import { contributors } from "tutti/orchestration";
import type { Action, ApplyResult, LiveTeam, Team, TeamAnswer } from "tutti/orchestration";
import { isCandidate } from "./coders/candidate.ts";
import type { LabelledTask } from "./tasks/generate-task.ts";
import type { Workplace } from "./workplace.ts";

/** When a request was asked: before the actions, while they were applied, after them, after a coder was killed. */
export type Phase = "before" | "switch" | "after" | "kill";

/** What happened to one request. */
export interface Served {
  readonly phase: Phase;
  readonly outcome: "answered" | "no program found" | "failed";
  readonly solved: boolean;
  /** Who wrote the program, if there is one. */
  readonly by: string | undefined;
  /** Calls that had to be made again, since their agent ended under them. */
  readonly repeated: number;
}

export interface LivePart {
  readonly served: readonly Served[];
  /** What came of the actions; absent when there were none. */
  readonly applied: (ApplyResult & { readonly tookMs: number }) | undefined;
  /** The coder that was killed, and how many of its instances its supervisor started again. */
  readonly killed: { readonly coder: string; readonly restarts: number };
  /** Whom the supervisor had at first, and whom it has in the end. */
  readonly children: { readonly before: readonly string[]; readonly after: readonly string[] };
}

export interface LivePartOptions {
  readonly team: Team;
  readonly actions: readonly Action[];
  readonly tasks: readonly LabelledTask[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The team as it was answers a stream of requests, four at once. After a third of them the actions are applied; the
 * second half waits until they are. After two thirds the coder that is asked first is killed under its work.
 */
export async function livePart(place: Workplace, { team, actions, tasks, signal }: LivePartOptions): Promise<LivePart> {
  await using live = await place.open(team);
  const before = await childrenOf(live);
  using restarted = restartsIn(place);
  const at = (share: number): number => Math.floor(share * tasks.length);
  const turns = { apply: at(1 / 3), settled: at(1 / 2), kill: at(2 / 3) };
  let phase: Phase = "before";
  let applying: Promise<LivePart["applied"]> | undefined;
  let coder = "";
  const serve = async ({ task, hidden }: LabelledTask, index: number): Promise<Served> => {
    if (index === turns.apply && actions.length > 0) {
      phase = "switch";
      applying = apply(live, actions).finally(() => (phase = "after"));
    }
    if (index >= turns.settled) await applying;
    if (index === turns.kill) phase = "kill";
    const asked = phase;
    const answering = live.ask(task, { signal });
    if (index === turns.kill) coder = killFirst(live);
    const answer = await answering;
    return { phase: asked, ...fateOf(answer), solved: await isSolved(place, answer, hidden) };
  };
  const served: Served[] = [];
  for await (const one of mapConcurrently(tasks, serve, { concurrency: 4, ordered: true, signal })) served.push(one);
  const after = await childrenOf(live);
  const restarts = restarted.children.filter((child) => child.startsWith(coder)).length;
  return { served, applied: await applying, killed: { coder, restarts }, children: { before, after } };
}

async function apply(live: LiveTeam, actions: readonly Action[]): Promise<LivePart["applied"]> {
  const startedAt = systemClock.now();
  return { ...(await live.apply(actions)), tookMs: systemClock.now() - startedAt };
}

/** Ends the coder that is asked first, as a crash would. */
function killFirst(live: LiveTeam): string {
  const [first = ""] = live.team.configuration["team.coders"] as readonly string[];
  live.kill(first);
  return first;
}

async function childrenOf(live: LiveTeam): Promise<string[]> {
  const children = await live.supervisor?.whichChildren();
  return (children ?? []).map(({ id }) => id).toReversed();
}

/** Whom supervisors have started again, from now on. */
function restartsIn({ runtime }: Workplace): Disposable & { readonly children: readonly string[] } {
  const children: string[] = [];
  const end = runtime.events.subscribe((event) => {
    if (event.type === "child_restarted") children.push(event.child);
  });
  return { children, [Symbol.dispose]: end };
}

function fateOf(answer: TeamAnswer): Pick<Served, "outcome" | "by" | "repeated"> {
  const { calls } = answer.trace;
  return {
    outcome: answer.ok ? "answered" : answer.error.code === "no_answer" ? "no program found" : "failed",
    by: answer.ok ? contributors(answer.trace).find((agent) => agent.endsWith("Coder")) : undefined,
    repeated: calls.filter(({ attempts }) => attempts > 1).length,
  };
}

async function isSolved({ examiner }: Workplace, answer: TeamAnswer, hidden: LabelledTask["hidden"]): Promise<boolean> {
  if (!answer.ok || !isCandidate(answer.output)) return false;
  return (await examiner.failures(answer.output.source, hidden)).length === 0;
}
