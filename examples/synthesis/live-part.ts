import { mapConcurrently } from "tutti/foundation";
import type { AgentEvent } from "tutti/foundation/agents";
import { contributors } from "tutti/orchestration";
import type { Action, ApplyResult, LiveTeam, Team, TeamAnswer, TeamEvent } from "tutti/orchestration";
import type { Candidate } from "./candidate.ts";
import type { LabelledTask } from "./task.ts";
import type { Workplace } from "./workplace.ts";

/** What happened to one request. */
export interface Served {
  readonly phase: "before" | "switch" | "after" | "kill";
  readonly outcome: "answered" | "no program found" | "failed";
  readonly solved: boolean;
  /** Who wrote the program. */
  readonly by: string | undefined;
  /** Calls that had to be made again, since their agent ended under them. */
  readonly repeated: number;
}

export interface LivePart {
  readonly served: readonly Served[];
  readonly applied: ApplyResult;
  /** The coder that was killed. */
  readonly killed: string | undefined;
  /** What its supervisor told, in order. */
  readonly story: readonly string[];
  readonly children: { readonly before: readonly string[]; readonly after: readonly string[] };
}

export interface LivePartOptions {
  readonly team: Team;
  readonly actions: readonly Action[];
  readonly tasks: readonly LabelledTask[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The team as it was answers a stream of requests, four at once; after a third of them the actions are applied, after
 * two thirds a coder is killed under its work.
 */
export async function livePart(place: Workplace, { team, actions, tasks, signal }: LivePartOptions): Promise<LivePart> {
  await using live = await place.open(team);
  const story: string[] = [];
  const ends = [
    live.events.subscribe((event) => story.push(...teamLine(event))),
    place.runtime.events.subscribe((event) => story.push(...agentLine(event))),
  ];
  const before = await childrenOf(live);
  const turns = { apply: Math.floor(tasks.length / 3), kill: Math.floor((2 * tasks.length) / 3) };
  let applying: Promise<ApplyResult> | undefined;
  let killed: string | undefined;
  const serve = async (task: LabelledTask, index: number): Promise<Served> => {
    if (index === turns.apply) applying = live.apply(actions);
    const answering = live.ask(task.task as never, { signal });
    if (index === turns.kill) killed = killFirst(live);
    const answer = await answering;
    return served(place, task, answer, { index, turns, isSwitching: live.status().requests.inFlight > 0 });
  };
  const all: Served[] = [];
  for await (const one of mapConcurrently(tasks, serve, { concurrency: 4, ordered: true, signal })) all.push(one);
  const applied = (await applying) ?? { ok: true, team, results: [] };
  const after = await childrenOf(live);
  for (const end of ends) end();
  return { served: all, applied, killed, story, children: { before, after } };
}

/** Ends the coder that is asked first now, as a crash would. */
function killFirst(live: LiveTeam): string | undefined {
  const coders = live.team.configuration["team.coders"] as readonly string[];
  const [first] = coders;
  if (first !== undefined) live.kill(first);
  return first;
}

async function childrenOf(live: LiveTeam): Promise<string[]> {
  const children = await live.supervisor?.whichChildren();
  return (children ?? []).map(({ id }) => id).toReversed();
}

interface Moment {
  readonly index: number;
  readonly turns: { readonly apply: number; readonly kill: number };
  readonly isSwitching: boolean;
}

async function served(
  { examiner }: Workplace,
  { hidden }: LabelledTask,
  answer: TeamAnswer,
  { index, turns }: Moment,
): Promise<Served> {
  const found = answer.ok ? (answer.output as unknown as Candidate) : undefined;
  const solved = found !== undefined && (await examiner.failures(found.source, hidden)).length === 0;
  const phase =
    index < turns.apply - 3 ? "before" : index < turns.apply + 4 ? "switch" : index < turns.kill ? "after" : "kill";
  return {
    phase,
    outcome: answer.ok ? "answered" : answer.error.code === "no_answer" ? "no program found" : "failed",
    solved,
    by: contributors(answer.trace).find((agent) => agent.endsWith("Coder")),
    repeated: answer.trace.calls.filter(({ attempts }) => attempts > 1).length,
  };
}

function teamLine(event: TeamEvent): string[] {
  if (event.type === "agent_status" && (event.to === "active" || event.to === "inactive" || event.to === "failed"))
    return [`${event.agent} is ${event.to}`];
  return event.type === "actions_applied" ? [`${event.actions.length} actions applied`] : [];
}

function agentLine(event: AgentEvent): string[] {
  if (event.type === "child_exited") return [`${event.child} ended (${event.reason.kind})`];
  return event.type === "child_restarted" ? [`${event.child} was started again by its supervisor`] : [];
}
