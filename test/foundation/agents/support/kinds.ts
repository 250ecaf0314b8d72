import { agent, child, ignore } from "#foundation/agents";
import type { AgentDefinition, Child, ChildSpec, ExitReason } from "#foundation/agents";
import type { Lab } from "./lab.ts";

type Options = Omit<ChildSpec, "id" | "start">;
type Kind = (lab: Lab, id: string, options?: Options) => ChildSpec;
type Work = AgentDefinition<number, unknown, unknown>;

function worker(lab: Lab, id: string, more: Partial<Work> = {}): Work {
  return agent<number, unknown, unknown>({
    name: id,
    init: () => {
      lab.log.push(`start ${id}`);
      return 0;
    },
    handle: (message, state) => {
      if (message === "die") throw new Error("died");
      return state + 1;
    },
    terminate: () => void lab.log.push(`stop ${id}`),
    ...more,
  });
}

/** W: works, and cleans up at every end but a kill. */
export const W: Kind = (lab, id, options) => child(id, worker(lab, id), undefined, options);

/** W!: the second start and every later one fails. */
export const WOnce: Kind = (lab, id, options) => nth(lab, id, options, (start) => start === 1);

/** We: the second start fails, the others do not. */
export const WSecondFails: Kind = (lab, id, options) => nth(lab, id, options, (start) => start !== 2);

/** Wi: the first start has nothing to do. */
export const WIgnoredFirst: Kind = (lab, id, options) => {
  const { start } = W(lab, id);
  let starts = 0;
  return { ...options, id, start: (context) => (++starts === 1 ? ignore : start(context)) };
};

function nth(lab: Lab, id: string, options: Options | undefined, isGood: (start: number) => boolean): ChildSpec {
  const { start } = W(lab, id);
  let starts = 0;
  return {
    ...options,
    id,
    start: (context) => {
      if (isGood(++starts)) return start(context);
      lab.log.push(`fail ${id}`);
      throw new Error(`start ${starts} of ${id} fails`);
    },
  };
}

/** Slow(t): takes so long to end. */
export function slow(lab: Lab, id: string, ms: number, options?: Options): ChildSpec {
  const terminate = async (): Promise<void> => {
    await lab.clock.sleep(ms);
    lab.log.push(`stop ${id}`);
  };
  return child(id, worker(lab, id, { terminate }), undefined, options);
}

/** Term(r): ends with this reason when it is told to. */
export function term(lab: Lab, id: string, reason: ExitReason, options?: Options): ChildSpec {
  const { start } = W(lab, id);
  return {
    ...options,
    id,
    start: async (context) => {
      const started = await start(context);
      if (started === ignore) return started;
      const inner = (started as { readonly child: Child }).child;
      const own: Child = {
        pid: inner.pid,
        get isAlive() {
          return inner.isAlive;
        },
        exit: (asked) => inner.exit(asked.kind === "killed" ? asked : reason),
        watch: (watcher) => inner.watch(watcher),
      };
      return { child: own };
    },
  };
}

/** Gate: its start waits until the test lets it. */
export class Gate {
  readonly spec: ChildSpec;
  #decide: ((isGood: boolean) => void) | undefined;

  constructor(lab: Lab, id: string, options?: Options) {
    const init = async (): Promise<number> => {
      lab.log.push(`ask ${id}`);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#decide = resolve;
      if (!(await promise)) throw new Error(`the gate of ${id} stays shut`);
      lab.log.push(`start ${id}`);
      return 0;
    };
    this.spec = child(id, worker(lab, id, { init }), undefined, options);
  }

  get isAsked(): boolean {
    return this.#decide !== undefined;
  }

  decide(isGood: boolean): void {
    this.#decide?.(isGood);
    this.#decide = undefined;
  }
}

/** Dead: once the flag is set, a start waits for 2 s and fails. */
export function dead(lab: Lab, id: string, flag: { isDead: boolean }, options?: Options): ChildSpec {
  const init = async (): Promise<number> => {
    if (flag.isDead) {
      await lab.clock.sleep(2000);
      throw new Error("dead");
    }
    lab.log.push(`start ${id}`);
    return 0;
  };
  return child(id, worker(lab, id, { init }), undefined, options);
}

export const shutdownX: ExitReason = { kind: "shutdown", info: "x" };
