import { crash, normal, shutdown } from "#foundation/agents";
import type { AgentRuntime, Child, ChildSpec, ExitReason } from "#foundation/agents";
import { resumeRun, startRun } from "./open-run.ts";
import type { StartOptions } from "./start-options.ts";
import { RunError } from "./run-error.ts";
import type { Runner } from "./runner.ts";
import type { Teleprompter } from "../teleprompter.ts";

/**
 * A run as a supervisor's child: its process is restarted when it crashes, and goes on where its log ends; completed,
 * stopped or put down it has ended normally. Ending the child puts the run down in good order, killing it at once. The
 * `info` of its start is the `Runner`, to pause, resume and stop it.
 */
export function runChild<I extends object, O extends object>(
  id: string,
  options: StartOptions<I, O>,
  spec: Omit<ChildSpec, "id" | "start"> = {},
): ChildSpec {
  let run: string | undefined;
  const open = async (runtime: AgentRuntime): Promise<Runner> => {
    if (run === undefined) return startRun({ ...options, runtime });
    return resumeRun(run, { ...options, runtime, ...known(options.teleprompter) });
  };
  return {
    restart: "transient",
    shutdownMs: 10_000,
    ...spec,
    id,
    start: async ({ runtime }) => {
      const runner = await open(runtime);
      run = runner.id;
      return { child: processOf(runner, runtime), info: runner };
    },
  };
}

/** A teleprompter of one's own has to be known by its name when the run is taken up again. */
function known(teleprompter: Teleprompter | string): { teleprompters?: Record<string, () => Teleprompter> } {
  return typeof teleprompter === "string" ? {} : { teleprompters: { [teleprompter.name]: () => teleprompter } };
}

function processOf(runner: Runner, runtime: AgentRuntime): Child {
  const pid = runtime.mintPid();
  const ended = runner.finished.then(() => normal, reasonOf);
  let reason: ExitReason | undefined;
  void ended.then((known) => {
    reason = known;
  });
  return {
    pid,
    get isAlive() {
      return reason === undefined;
    },
    exit: ({ kind }) => void runner.suspend(kind === "killed" ? { graceMs: 0 } : {}),
    watch(watcher) {
      let isWatching = true;
      void ended.then((known) => {
        if (isWatching) watcher(known, pid);
      });
      return {
        [Symbol.dispose]: () => {
          isWatching = false;
        },
      };
    },
  };
}

/** To be put down, or taken over by another process, is no crash: nobody here has to take the run up again. */
function reasonOf(error: unknown): ExitReason {
  const isGone = error instanceof RunError && (error.code === "suspended" || error.code === "taken_over");
  return isGone ? shutdown : crash(error);
}
