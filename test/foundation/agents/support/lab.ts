import { AgentRuntime, crash, DynamicSupervisor, normal, shutdown, Supervisor } from "#foundation/agents";
import type {
  AgentEvent,
  Child,
  DynamicSupervisorDefinition,
  ExitReason,
  StartedChild,
  SupervisorDefinition,
} from "#foundation/agents";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";

/** Enough turns of the event loop for everything that needs no time: supervisors try again in later turns. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** How a child is made to end: the suite's words. */
export type How = "kill" | "shutdown" | "normal" | "abnormal";

const reasons: Record<How, ExitReason> = {
  kill: { kind: "killed" },
  shutdown,
  normal,
  abnormal: crash(new Error("died")),
};

/** A runtime on a clock that stands still, what happened on it, and one supervisor at a time. */
export class Lab {
  readonly clock: FakeClock = fakeClock();
  readonly runtime = new AgentRuntime({ clock: this.clock });
  readonly events: AgentEvent[] = [];
  /** What the children did, in order. */
  readonly log: string[] = [];

  constructor() {
    this.runtime.events.subscribe((event) => this.events.push(event));
  }

  async supervisor(definition: SupervisorDefinition): Promise<Supervisor> {
    const started = await Supervisor.start(
      { strategy: "one_for_one", intensity: 2, periodMs: 3_600_000, ...definition },
      { runtime: this.runtime },
    );
    if (started === undefined) throw new Error("the supervisor ignored its start");
    return started;
  }

  dynamic<A>(definition: DynamicSupervisorDefinition<A>): DynamicSupervisor<A> {
    return new DynamicSupervisor<A>({ intensity: 2, periodMs: 3_600_000, ...definition }, { runtime: this.runtime });
  }

  /** Ends the child in that way, and waits until all that follows without time has followed. */
  async end(child: Child | undefined, how: How | ExitReason): Promise<void> {
    const reason = typeof how === "string" ? reasons[how] : how;
    if (child === undefined) throw new Error("nobody to end");
    child.exit(reason);
    await settle();
  }

  /** The reasons with which agents of that name ended. */
  ends(name: string): string[] {
    return this.events.flatMap((event) =>
      event.type === "agent_exited" && event.agent === name ? [event.reason.kind] : [],
    );
  }

  count(type: AgentEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }
}

/** `id:pid`, `id:restarting` or `id:undefined`, the one started last first. */
export async function list(supervisor: Supervisor): Promise<string[]> {
  const children = await supervisor.whichChildren();
  return children.map(
    ({ id, status }) => `${id}:${{ running: "pid", restarting: "restarting", down: "undefined" }[status]}`,
  );
}

/** [specs, active, supervisors, workers]. */
export async function cc(supervisor: Supervisor | DynamicSupervisor<never>): Promise<number[]> {
  const { specs, active, supervisors, workers } = await supervisor.countChildren();
  return [specs, active, supervisors, workers];
}

export async function childOf(supervisor: Supervisor, id: string): Promise<Child> {
  const child = (await supervisor.whichChildren()).find((info) => info.id === id)?.child;
  if (child === undefined) throw new Error(`${id} is down`);
  return child;
}

export function pidOf({ child }: StartedChild): number {
  if (child === undefined) throw new Error("nobody was started");
  return child.pid;
}

/** The code of what the promise rejects with; `"ok"` when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "ok";
  } catch (error) {
    return String((error as { readonly code?: unknown }).code ?? error);
  }
}

/** Whether and why a child has ended. */
export function watchEnd(child: Child): { kind: string | undefined } {
  const end: { kind: string | undefined } = { kind: undefined };
  child.watch((reason) => (end.kind = reason.kind));
  return end;
}
