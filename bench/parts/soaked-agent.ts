import { agent } from "#foundation/agents";
import type { AgentDefinition, Ref } from "#foundation/agents";

/** What the soak's agents are asked: the answer is the `id`, so that a stray answer is seen. */
export interface SoakMessage {
  readonly id: number;
  /** Answers at once, or after a while, or too late; never; not at all, because it crashes. */
  readonly ask: "echo" | "later" | "late" | "mute" | "crash";
}

export const callTimeoutMs = 300;

/**
 * A version of the agent that the soak starts ten thousand times. `up` hears of every start; in a worker there is
 * nobody to hear.
 */
export function soakedVersion(
  version: number,
  up: (slot: number, self: Ref<SoakMessage>) => void = () => {},
): AgentDefinition<number, SoakMessage, number> {
  return agent<number, SoakMessage, number>({
    name: `soaked ${version}`,
    init(slot, { self }) {
      up(slot, self);
      return slot;
    },
    handle({ id, ask }, slot, context) {
      if (ask === "crash") throw new Error(`crash of ${slot}`);
      if (ask === "echo") context.reply(id);
      if (ask !== "later" && ask !== "late") return slot;
      const answer = context.replyLater();
      return context.clock.sleep(ask === "late" ? 2 * callTimeoutMs : 1).then(() => {
        answer(id);
        return slot;
      });
    },
  });
}

/** For worker hosts, which import their agents. */
export const soakedInWorker: AgentDefinition<number, SoakMessage, number> = soakedVersion(0);
