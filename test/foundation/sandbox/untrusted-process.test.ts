import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { agentModule, AgentRuntime, processHost } from "#foundation/agents";
import type { DownReason } from "#foundation/agents";
import type { liar as liarDefinition } from "./fixtures/liar.ts";

const liar = agentModule<typeof liarDefinition>(new URL("./fixtures/liar.ts", import.meta.url), "liar");
const root = fileURLToPath(new URL("../../../", import.meta.url));

describe("a process that is not trusted", () => {
  const error = { isError: true, name: "Error", message: "x", cause: null };
  const ring: Record<string, unknown> = { ...error };
  ring["cause"] = ring;
  test.each<[string, unknown]>([
    ["no list", 7],
    ["nothing", [null]],
    ["an unknown report", [{ type: "toString", agent: 1 }]],
    ["an end for no reason", [{ type: "exited", agent: 1, reason: null }]],
    ["an end for another reason", [{ type: "exited", agent: 1, reason: { kind: "bored" } }]],
    ["an error that is none", [{ type: "reply_failed", agent: 1, call: 1, error }]],
    ["an error that is its own cause", [{ type: "start_failed", agent: 1, error: ring }]],
    ["a start of nobody", [{ type: "started", agent: 1, description: { name: "x" } }]],
    ["a reply to nobody", [{ type: "beat" }, { type: "reply", agent: 1 }]],
  ])("and says %s instead of a report is ended; this one goes on", async (_, lie) => {
    await using host = processHost({ runtime: new AgentRuntime(), permission: { read: [root] } });
    const ref = await host.start(liar, undefined);
    const end = new Promise<DownReason>((resolve) => ref?.monitor(resolve));
    ref?.send(lie);
    expect(await end).toMatchObject({ kind: "crash", error: { name: "HostError", code: "exited" } });
    expect(host.placeId).toBeUndefined();
  });
});
