import type { AgentContestant } from "../parts/agent-contestant.ts";
import { timeIsUp } from "../parts/agent-contestant.ts";
import { BareMailbox } from "./bare-mailbox.ts";

export const contestant: AgentContestant = {
  async counter() {
    const counter = new BareMailbox<number, "next">(0, count1);
    return () => counter.call("next");
  },

  async idle(count) {
    const mailboxes = Array.from({ length: count }, () => new BareMailbox(0, count1));
    for (const mailbox of mailboxes) await mailbox.call("next");
    return mailboxes;
  },

  /** "Supervised" is a callback that makes the next one. */
  async crasher() {
    let up: () => void = () => {};
    const start = (): BareMailbox<number, "crash"> =>
      new BareMailbox<number, "crash">(0, fail, () => {
        current = start();
        up();
      });
    let current = start();
    return () =>
      new Promise((resolve) => {
        up = resolve;
        current.send("crash");
      });
  },

  async supervised(count) {
    const children = new Map<number, BareMailbox<number, "next">>();
    for (let id = 0; id < count; id++) children.set(id, new BareMailbox<number, "next">(id, count1));
    return async () => {
      for (const child of children.values()) child.stop();
      children.clear();
    };
  },

  selfFeeding(ms) {
    const isOver = timeIsUp(ms);
    return new Promise((resolve) => {
      const feeder: BareMailbox<number, "next"> = new BareMailbox<number, "next">(0, (message, count) => {
        if (isOver()) resolve(count);
        else feeder.send(message);
        return count + 1;
      });
      feeder.send("next");
    });
  },
};

function count1(_: "next", count: number, reply: ((count: number) => void) | undefined): number {
  reply?.(count + 1);
  return count + 1;
}

function fail(): number {
  throw new Error("crash");
}
