import assert from "node:assert/strict";
import { agent, crash, killed, shutdown } from "#foundation/agents";
import type { ExitReason, Ref } from "#foundation/agents";
import type { Contract } from "../contract.ts";
import { downsOf, outcomeOf, startSubject, subject, trappingSubject, turns } from "./harness.ts";
import type { AgentHostHarness, SubjectRef } from "./harness.ts";

/** How agents at a host end. */
export const endClaims: Contract<AgentHostHarness> = {
  "a crash reaches every monitor once, with the error": async (harness) => {
    const ref = await startSubject(harness);
    const downs = [downsOf(ref), downsOf(ref)];
    ref.send({ do: "crash", message: "it broke" });
    for (const { first } of downs) {
      const reason = await first;
      assert.ok(reason.kind === "crash" && reason.error instanceof TypeError, "it crashed with the error");
      assert.equal(reason.error.message, "it broke");
      assert.equal(Reflect.get(reason.error, "code"), "subject_crashed");
    }
    await turns();
    assert.deepEqual(
      downs.map(({ all }) => all.length),
      [1, 1],
    );
    assert.deepEqual(await downsOf(ref).first, { kind: "noproc" });
  },

  "calls under way when the agent crashes end once, with exit and the reason": async (harness) => {
    const ref = await startSubject(harness);
    const calls = [
      ref.call({ do: "keep_silent" }),
      ref.call({ do: "crash", message: "it broke" }),
      ...Array.from({ length: 100 }, () => ref.call({ do: "total" })),
    ];
    for (const result of await Promise.allSettled(calls)) {
      assert.ok(result.status === "rejected");
      assert.equal(Reflect.get(result.reason as object, "code"), "exit");
      assert.equal((Reflect.get(result.reason as object, "reason") as ExitReason).kind, "crash");
    }
  },

  "nobody lives at the address of an agent that has ended": async (harness) => {
    const ref = await startSubject(harness);
    const { first } = downsOf(ref);
    ref.send({ do: "stop", reason: { kind: "normal" } });
    assert.deepEqual(await first, { kind: "normal" });
    assert.equal(ref.isAlive, false);
    assert.equal(ref.send({ do: "total" }), false);
    await assert.rejects(ref.call({ do: "total" }), { code: "noproc" });
    await assert.rejects(ref.post({ do: "total" }), { code: "noproc" });
  },

  "an agent that stops itself says why": async (harness) => {
    const ref = await startSubject(harness);
    const { first } = downsOf(ref);
    ref.send({ do: "stop", reason: { kind: "shutdown", info: "enough" } });
    assert.deepEqual(await first, { kind: "shutdown", info: "enough" });
  },

  "an agent that is told to end cleans up first and takes nothing more meanwhile": async (harness) => {
    const ref = await startSubject(harness);
    const { first, all } = downsOf(ref);
    const farewell = ref.call({ do: "farewell" });
    await ref.call({ do: "total" });
    ref.cell.exit(shutdown);
    await turns(1);
    assert.deepEqual(all, []);
    await assert.rejects(ref.call({ do: "total" }), { code: "stopping" });
    assert.equal(await farewell, "goodbye");
    assert.deepEqual(await first, shutdown);
  },

  "an agent that is killed does not clean up": async (harness) => {
    const [ref, other] = [await startSubject(harness), await startSubject(harness, 2)];
    const { first } = downsOf(ref);
    const farewell = outcomeOf(ref.call({ do: "farewell" }));
    await ref.call({ do: "total" });
    ref.cell.exit(killed);
    assert.deepEqual(await first, killed);
    assert.equal(await farewell, "exit");
    assert.equal(await other.call({ do: "total" }), 2);
  },

  "an agent ends with those it is linked to, or hears of their ends": async (harness) => {
    const [ref, trapping] = [await startSubject(harness), await startSubject(harness, 1, trappingSubject)];
    const down = downsOf(ref);
    const peer = await linkedTo(harness, [ref, trapping]);
    const end = crash(new Error("the peer broke"));
    peer.cell.exit(end);
    assert.deepEqual(await down.first, end);
    assert.equal(await trapping.call({ do: "total" }), 1);
    const [heard] = await trapping.call<ExitReason[]>({ do: "notes" });
    assert.ok(heard?.kind === "crash");
  },

  "a host that is terminated ends its agents with killed, and can be used again": async (harness) => {
    const refs = [await startSubject(harness), await startSubject(harness)];
    const downs = refs.map(downsOf);
    const calls = refs.map((ref) => outcomeOf(ref.call({ do: "keep_silent" })));
    await harness.host.terminate();
    for (const { first } of downs) assert.deepEqual(await first, killed);
    assert.deepEqual(await Promise.all(calls), ["exit", "exit"]);
    assert.equal(await (await startSubject(harness, 9)).call({ do: "total" }), 9);
  },

  "a host that is disposed of lets its agents clean up, and starts nobody any more": async (harness) => {
    const host = harness.another();
    const ref = await startSubject({ host });
    const { first } = downsOf(ref);
    const farewell = ref.call({ do: "farewell" });
    await ref.call({ do: "total" });
    await host[Symbol.asyncDispose]();
    assert.equal(await farewell, "goodbye");
    assert.deepEqual(await first, shutdown);
    await assert.rejects(host.start(subject, { total: 0 }), { code: "disposed" });
    await host[Symbol.asyncDispose]();
  },
};

/** An agent of this thread that is linked to the others. */
async function linkedTo({ runtime }: AgentHostHarness, refs: readonly SubjectRef[]): Promise<Ref<never>> {
  const peer = agent<null, never>({
    name: "peer",
    init: (_, context) => {
      for (const ref of refs) context.link(ref);
      return null;
    },
    handle: () => null,
  });
  return (await runtime.start(peer, undefined)) as Ref<never>;
}
