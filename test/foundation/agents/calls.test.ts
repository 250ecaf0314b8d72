import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agent, crash, normal } from "#foundation/agents";
import type { Ref } from "#foundation/agents";
import { codeOf, Lab, settle } from "./support/lab.ts";

type Ask = "echo" | "later" | "never" | "throw" | "stop" | "slow";

/** Answers on demand: `answers` are those that it has put off. */
function answering(lab: Lab): {
  definition: ReturnType<typeof agent<number, Ask>>;
  answers: ((value: unknown) => void)[];
} {
  const answers: ((value: unknown) => void)[] = [];
  const definition = agent<number, Ask>({
    name: "answering",
    init: () => 0,
    handle: async (message, state, context) => {
      if (message === "echo") context.reply("echo");
      if (message === "later") answers.push(context.replyLater());
      if (message === "throw") throw new Error("thrown");
      if (message === "stop") context.stop();
      if (message === "slow") {
        await lab.clock.sleep(1000);
        context.reply("slow");
      }
      return state + 1;
    },
  });
  return { definition, answers };
}

async function open(): Promise<{ lab: Lab; ref: Ref<Ask>; answers: ((value: unknown) => void)[] }> {
  const lab = new Lab();
  const { definition, answers } = answering(lab);
  return { lab, ref: (await lab.runtime.start(definition, undefined)) as Ref<Ask>, answers };
}

describe("calls", () => {
  test("R9 the answer; later answers to the same call are dropped", async () => {
    const { ref, answers } = await open();
    expect(await ref.call("echo")).toBe("echo");
    const call = ref.call("later");
    await settle();
    answers[0]?.("first");
    answers[0]?.("second");
    expect(await call).toBe("first");
  });

  test("R9 without an answer it is a timeout after 5000 ms", async () => {
    const { lab, ref } = await open();
    const code = codeOf(ref.call("never"));
    await lab.clock.advance(4999);
    expect(await Promise.race([code, settle().then(() => "pending")])).toBe("pending");
    await lab.clock.advance(1);
    expect(await code).toBe("timeout");
  });

  test("R10 a late answer is dropped; the work is done all the same", async () => {
    const { lab, ref } = await open();
    const code = codeOf(ref.call("slow", { timeoutMs: 500 }));
    await lab.clock.advance(500);
    expect(await code).toBe("timeout");
    await lab.clock.advance(500);
    expect(await ref.state()).toBe(1);
    expect(await ref.call("echo")).toBe("echo");
  });

  test("R9 a call to an agent that ends carries its reason", async () => {
    for (const message of ["throw", "stop"] as const) {
      const { ref } = await open();
      const waiting = ref.call("never").catch((error: unknown) => error);
      const error = await ref.call(message).catch((reason: unknown) => reason);
      const reason =
        message === "stop" ? normal : { kind: "crash", error: expect.objectContaining({ message: "thrown" }) };
      expect(error).toMatchObject({ code: "exit", reason });
      expect(await waiting).toMatchObject({ code: "exit", reason });
      expect(await codeOf(ref.call("echo"))).toBe("noproc");
      expect(ref.send("echo")).toBe(false);
    }
  });

  test("an agent that is ending takes nothing more", async () => {
    const lab = new Lab();
    const ref = (await lab.runtime.start(
      agent<null, null>({
        name: "slow",
        init: () => null,
        handle: (_, s) => s,
        terminate: () => lab.clock.sleep(1000),
      }),
      undefined,
    )) as Ref<null>;
    ref.cell.exit(normal);
    await settle();
    expect(await codeOf(ref.call(null))).toBe("stopping");
    expect(await codeOf(ref.post(null))).toBe("stopping");
    expect(ref.send(null)).toBe(false);
  });

  test("R9 an agent that calls itself fails at once; what it leaves running may", async () => {
    const lab = new Lab();
    const outcomes: unknown[] = [];
    const ref = (await lab.runtime.start(
      agent<null, "self" | "detached" | "answer">({
        name: "self",
        init: () => null,
        handle: async (message, state, context) => {
          const { self } = context;
          if (message === "answer") context.reply("answered");
          if (message === "self") outcomes.push(await codeOf(self.call("answer")));
          if (message === "detached") void settle(3).then(async () => outcomes.push(await self.call("answer")));
          return state;
        },
      }),
      undefined,
    )) as Ref<"self" | "detached" | "answer">;
    ref.send("self");
    ref.send("detached");
    await settle();
    expect(outcomes).toEqual(["calling_self", "answered"]);
  });

  test("a signal gives a call up, before and during it", async () => {
    const { ref } = await open();
    await expect(ref.call("echo", { signal: AbortSignal.abort("before") })).rejects.toBe("before");
    const controller = new AbortController();
    const call = ref.call("never", { signal: controller.signal }).catch((reason: unknown) => reason);
    controller.abort("during");
    expect(await call).toBe("during");
  });

  test("R11 a reply with the stop comes after the clean-up", async () => {
    const lab = new Lab();
    const log: string[] = [];
    const ref = (await lab.runtime.start(
      agent<null, null>({
        name: "last",
        init: () => null,
        handle: (_, state, context) => {
          context.stop(normal, { reply: "done" });
          return state;
        },
        terminate: async () => {
          await lab.clock.sleep(10);
          log.push("clean");
        },
      }),
      undefined,
    )) as Ref<null>;
    const call = ref.call(null).then((value) => log.push(String(value)));
    await settle();
    expect(log).toEqual([]);
    await lab.clock.advance(10);
    await call;
    expect(log).toEqual(["clean", "done"]);
  });

  test("X11 every call has exactly one outcome, whatever order reply, timeout, abort and death come in", async () => {
    const act = fc.constantFrom("reply", "timeout", "abort", "kill", "exit", "turn" as const);
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 6 }), fc.integer({ min: 1, max: 4 }), async (acts, calls) => {
        const { lab, ref, answers } = await open();
        const controller = new AbortController();
        const outcomes: string[][] = Array.from({ length: calls }, () => []);
        for (const own of outcomes)
          ref.call("later", { timeoutMs: 100, signal: controller.signal }).then(
            () => own.push("answer"),
            (error: unknown) => own.push(String((error as { code?: string }).code ?? error)),
          );
        for (const step of acts) {
          if (step === "reply") for (const answer of answers) answer("answer");
          if (step === "timeout") await lab.clock.advance(100);
          if (step === "abort") controller.abort("abort");
          if (step === "kill") ref.cell.exit({ kind: "killed" });
          if (step === "exit") ref.cell.exit(crash("exit"));
          if (step === "turn") await settle(1);
        }
        await lab.clock.advance(100);
        await settle(2);
        for (const own of outcomes) {
          expect(own).toHaveLength(1);
          expect(["answer", "timeout", "abort", "exit"]).toContain(own[0]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
