import assert from "node:assert/strict";
import { HostError } from "#foundation/agents";
import type { AgentEvent } from "#foundation/agents";
import type { Contract } from "../contract.ts";
import { narrowSubject, outcomeOf, plainSubject, startSubject, turns } from "./harness.ts";
import type { AgentHostHarness } from "./harness.ts";

const megabyte = 2 ** 20;

/** How messages reach an agent at a host, and answers come back. */
export const messageClaims: Contract<AgentHostHarness> = {
  "messages of one sender arrive in their order, calls among them": async (harness) => {
    const ref = await startSubject(harness);
    const sent = Array.from({ length: 2000 }, (_, note) => note);
    for (const note of sent) assert.ok(ref.send({ do: "note", note }));
    assert.deepEqual(await ref.call({ do: "notes" }), sent);
  },

  "structured data comes back as it was": async (harness) => {
    const ref = await startSubject(harness);
    const value = {
      map: new Map([["a", new Set([1])]]),
      bytes: new Uint8Array([1, 2, 3]),
      pattern: /a+/gi,
      big: 2n ** 70n,
      nothing: undefined,
      list: [null, Number.NaN, -0],
    };
    assert.deepEqual(await ref.call({ do: "echo", value }), value);
  },

  "a big message comes back whole": async (harness) => {
    const ref = await startSubject(harness);
    const value = { text: "é".repeat(4 * megabyte), bytes: new Uint8Array(4 * megabyte).fill(7) };
    const echoed = await ref.call<typeof value>({ do: "echo", value });
    assert.equal(echoed.text, value.text);
    assert.equal(echoed.bytes.length, value.bytes.length);
    assert.ok(echoed.bytes.every((byte) => byte === 7));
  },

  "a message that cannot be cloned fails its call alone, or is taken as it is": async (harness) => {
    const ref = await startSubject(harness, 1);
    const calls = [1, () => {}, 3].map((value) => outcomeOf(ref.call({ do: "echo", value })));
    const odd = harness.isIsolated ? "unclonable" : "answer";
    assert.deepEqual(await Promise.all(calls), ["answer", odd, "answer"]);
    const lost: AgentEvent[] = [];
    const end = harness.runtime.events.subscribe((event) => event.type === "message_lost" && lost.push(event));
    assert.ok(ref.send({ do: "note", note: () => {} }));
    assert.equal(await ref.call({ do: "total" }), 1);
    end();
    assert.equal(lost.length, harness.isIsolated ? 1 : 0);
  },

  "an answer that cannot be cloned fails its call alone, or is taken as it is": async (harness) => {
    const ref = await startSubject(harness, 1);
    const answer = ref.call({ do: "answer_a_function" });
    if (harness.isIsolated)
      await assert.rejects(answer, (error) => error instanceof HostError && error.code === "unclonable");
    else assert.equal(typeof (await answer), "function");
    assert.equal(await ref.call({ do: "total" }), 1);
  },

  "a call without an answer in time ends with timeout; the late answer is dropped and the agent goes on": async (
    harness,
  ) => {
    const ref = await startSubject(harness, 5);
    await assert.rejects(ref.call({ do: "answer_later", ms: 120 }, { timeoutMs: 30 }), { code: "timeout" });
    assert.equal(await ref.call({ do: "answer_later", ms: 120 }), "late");
    assert.equal(await ref.call({ do: "total" }), 5);
  },

  "a call that is given up rejects with the signal's reason": async (harness) => {
    const ref = await startSubject(harness);
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const call = ref.call({ do: "keep_silent" }, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
  },

  "a postponed call is answered after the state has changed": async (harness) => {
    const ref = await startSubject(harness, 1);
    const waiting = ref.call({ do: "await_change" });
    assert.equal(await ref.call({ do: "total" }), 1);
    ref.send({ do: "add", amount: 4 });
    assert.equal(await waiting, 5);
  },

  "the state can be read and replaced from outside": async (harness) => {
    const ref = await startSubject(harness, 3, plainSubject);
    assert.deepEqual(await ref.state(), { total: 3 });
    await ref.replaceState({ total: 8 });
    assert.equal(await ref.call({ do: "total" }), 8);
  },

  "a full mailbox refuses a call and a send, and lets a post wait": async (harness) => {
    const ref = await startSubject(harness, 0, narrowSubject);
    assert.equal(await ref.call({ do: "hold", ms: 200 }), "held");
    await turns();
    assert.ok(ref.send({ do: "note", note: 1 }));
    assert.ok(ref.send({ do: "note", note: 2 }));
    assert.equal(ref.send({ do: "note", note: 3 }), false);
    await assert.rejects(ref.call({ do: "notes" }), { code: "mailbox_full" });
    await ref.post({ do: "note", note: 4 });
    await ref.post({ do: "note", note: 5 });
    assert.deepEqual(await answered(() => ref.call({ do: "notes" })), [1, 2, 4, 5]);
  },

  "many agents at one host do not mix": async (harness) => {
    const refs = await Promise.all(Array.from({ length: 40 }, (_, total) => startSubject(harness, total * 1000)));
    for (let round = 0; round < 10; round++) for (const ref of refs) ref.send({ do: "add", amount: 1 });
    const totals = await Promise.all(refs.map((ref) => ref.call({ do: "total" })));
    assert.deepEqual(
      totals,
      refs.map((_, place) => place * 1000 + 10),
    );
    assert.equal(new Set(refs.map(({ pid }) => pid)).size, refs.length);
  },
};

/** The answer of a call, made again while the mailbox is full. */
async function answered<R>(call: () => Promise<R>): Promise<R> {
  for (;;)
    try {
      return await call();
    } catch (error) {
      if (Reflect.get(error as object, "code") !== "mailbox_full") throw error;
      await turns();
    }
}
