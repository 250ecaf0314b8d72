import assert from "node:assert/strict";
import { AgentError, agentModule } from "#foundation/agents";
import type { Contract } from "../contract.ts";
import { startSubject, subject } from "./harness.ts";
import type { AgentHostHarness } from "./harness.ts";

/** How agents start at a host. */
export const startClaims: Contract<AgentHostHarness> = {
  "an agent starts with its argument and answers calls": async (harness) => {
    const ref = await startSubject(harness, 7);
    assert.equal(await ref.call({ do: "total" }), 7);
    assert.ok(ref.isAlive);
    assert.equal(ref.name, "subject");
  },

  "an agent that has nothing to do starts as nobody": async ({ host }) => {
    assert.equal(await host.start(subject, { total: 0, start: "ignore" }), undefined);
  },

  "a start that throws rejects with start_failed; the cause keeps its name, message and code": async (harness) => {
    await assert.rejects(harness.host.start(subject, { total: 0, start: "throw" }), (error) => {
      assert.ok(error instanceof AgentError);
      assert.equal(error.code, "start_failed");
      assert.ok(error.cause instanceof RangeError);
      assert.equal(error.cause.message, "no such subject");
      assert.equal(Reflect.get(error.cause, "code"), "no_subject");
      return true;
    });
    assert.equal(await (await startSubject(harness, 1)).call({ do: "total" }), 1);
  },

  "a start that takes too long rejects with start_timeout and harms no other agent": async (harness) => {
    const ref = await startSubject(harness, 3);
    const slow = harness.host.start(subject, { total: 0, start: "hang" }, { startTimeoutMs: 100 });
    await assert.rejects(slow, { code: "start_timeout" });
    assert.equal(await ref.call({ do: "total" }), 3);
  },

  "a start can be called off": async (harness) => {
    await startSubject(harness);
    const controller = new AbortController();
    const slow = harness.host.start(subject, { total: 0, start: "hang" }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(slow, (error) => error instanceof AgentError && error.code.startsWith("start_"));
  },

  "a module that exports no such agent rejects with start_failed, and the cause says bad_module": async ({ host }) => {
    for (const module of [agentModule(subject.module, "nobody"), agentModule("file:///no/such/module.js", "subject")])
      await assert.rejects(host.start(module, undefined), (error) => {
        assert.ok(error instanceof AgentError);
        assert.equal(error.code, "start_failed");
        assert.equal(Reflect.get(error.cause as object, "code"), "bad_module");
        return true;
      });
  },
};
