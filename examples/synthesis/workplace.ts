import { AgentRuntime } from "tutti/foundation/agents";
import { Sandbox } from "tutti/foundation/sandbox";
import { LiveTeam } from "tutti/orchestration";
import type { Team, TeamModule } from "tutti/orchestration";
import { examiner } from "./agents/examiner.ts";
import type { Examiner } from "./agents/examiner.ts";
import { coderThreads, synthesisModules } from "./synthesis-modules.ts";

/** Where the team works: threads for the coders, a sandbox for their programs. */
export interface Workplace extends AsyncDisposable {
  readonly runtime: AgentRuntime;
  readonly modules: readonly TeamModule[];
  readonly examiner: Examiner;
  /** The team alive; with `isStandby`, every agent ready, for trying configurations. */
  open(team: Team, options?: { readonly isStandby?: boolean }): Promise<LiveTeam>;
}

/** A workplace with so many threads. */
export function workplace({ threads = 2 }: { readonly threads?: number } = {}): Workplace {
  const runtime = new AgentRuntime();
  const sandbox = new Sandbox({ runtime });
  const hosts = coderThreads(runtime, threads);
  const judge = examiner(sandbox);
  const modules = synthesisModules(hosts, judge);
  return {
    runtime,
    modules,
    examiner: judge,
    async open(team, options = {}) {
      const live = new LiveTeam(team, { modules, runtime, ...options });
      const started = await live.startAgents();
      if (!started.ok) throw new Error(started.errors.map(({ error }) => error.message).join("; "));
      return live;
    },
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
      runtime[Symbol.dispose]();
    },
  };
}
