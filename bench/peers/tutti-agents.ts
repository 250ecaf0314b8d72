import { agent, AgentRuntime, child, DynamicSupervisor, Supervisor } from "#foundation/agents";
import type { Ref } from "#foundation/agents";
import type { AgentContestant } from "../parts/agent-contestant.ts";
import { timeIsUp } from "../parts/agent-contestant.ts";

const runtime = new AgentRuntime();

const counting = agent<number, "next", number>({
  name: "counting",
  init: (count) => count,
  handle(_, count, context) {
    context.reply(count + 1);
    return count + 1;
  },
});

export const contestant: AgentContestant = {
  async counter() {
    const ref = await runtime.start(counting, 0);
    if (ref === undefined) throw new Error("the agent did not start");
    return () => ref.call<number>("next");
  },

  async idle(count) {
    const refs: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const ref = await runtime.start(counting, i);
      await ref?.call("next");
      refs.push(ref);
    }
    return refs;
  },

  async crasher() {
    let up: (ref: Ref<"crash">) => void = () => {};
    const first = new Promise<Ref<"crash">>((resolve) => (up = resolve));
    const crashing = agent<undefined, "crash">({
      name: "crashing",
      init(_, { self }) {
        up(self);
        return undefined;
      },
      handle() {
        throw new Error("crash");
      },
    });
    // The window of intensity is short, so that what is measured is not the length of its list.
    const flags = { intensity: 1e6, periodMs: 1 };
    await Supervisor.start({ ...flags, children: [child("crashing", crashing, undefined)] }, { runtime });
    let current = await first;
    return async () => {
      const next = new Promise<Ref<"crash">>((resolve) => (up = resolve));
      current.send("crash");
      current = await next;
      if (!current.isAlive) throw new Error("the next incarnation is not up");
    };
  },

  async supervised(count) {
    const supervisor = new DynamicSupervisor({ template: child("counting", counting, 0) }, { runtime });
    for (let i = 0; i < count; i++) await supervisor.startChild();
    return () => supervisor.stop();
  },

  selfFeeding(ms) {
    const isOver = timeIsUp(ms);
    return new Promise((resolve, reject) => {
      const feeding = agent<number, "next">({
        name: "feeding",
        init: () => 0,
        handle(message, count, { self }) {
          if (isOver()) resolve(count);
          else self.send(message);
          return count + 1;
        },
      });
      runtime.start(feeding, undefined).then((ref) => ref?.send("next"), reject);
    });
  },
};
