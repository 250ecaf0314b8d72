import { expect, test } from "vitest";
import { nextTurn } from "#foundation";
import { agentModule, AgentRuntime, workerHost } from "#foundation/agents";
import type { AgentEvent } from "#foundation/agents";
import { communicationTopology, hostedModule, resourceAllocation, team } from "#orchestration";
import type { TeamAnswer } from "#orchestration";
import type { looper } from "./fixtures/hosted-coders.ts";
import { code, started } from "./support/live.ts";

const coders = ["looping", "throwing", "spending", "killed"];

/** How each request came out, by what it asked for: of each coder that did not answer, why. */
const expected: Readonly<Record<string, object>> = {
  loop: { looping: "agent_down" },
  throw: { throwing: "agent_down" },
  spend: { spending: "budget_exceeded" },
  kill: { killed: "agent_down" },
  plain: {},
};

/** What a trace says of the coders that did not answer. */
function faults({ trace }: TeamAnswer): object {
  return Object.fromEntries(trace.calls.flatMap(({ agent, outcome }) => (outcome.ok ? [] : [[agent, outcome.code]])));
}

/** Who exited, and how: `throwing crash`. */
function exits(lives: readonly AgentEvent[]): string[] {
  return lives.flatMap((event) =>
    event.type === "child_exited" ? [`${event.child.replace(/#\d+$/, "")} ${event.reason.kind}`] : [],
  );
}

test(
  "a coder that loops, one that throws, one that overspends and one that is killed, while requests run: " +
    "every request has one outcome, its trace says which, and the supervisors' events tell the story",
  { timeout: 60_000 },
  async () => {
    using runtime = new AgentRuntime();
    await using host = workerHost({ runtime, maxBlockedMs: 4000 });
    const where = new URL("./fixtures/hosted-coders.ts", import.meta.url);
    const threaded = hostedModule("threaded", agentModule<typeof looper>(where, "looper"), { hosts: [host] });
    let kill: (agent: string) => void = () => {};
    const inline = code("inline", async ({ task }, { settings }) => {
      await nextTurn();
      if (settings["on"] === "throw" && task === "throw") throw new Error("no idea");
      if (settings["on"] === "kill" && task === "kill") {
        kill("killed");
        await nextTurn();
      }
      return { output: task, used: { steps: settings["on"] === "spend" && task === "spend" ? 11 : 1 } };
    });
    const agent = (on: string): object => ({ module: "inline", settings: { on } });
    const value = team({
      name: "t",
      agents: {
        looping: { module: "threaded" },
        throwing: { module: "inline", ...agent("throw") },
        spending: { module: "inline", ...agent("spend") },
        killed: { module: "inline", ...agent("kill") },
      },
      variables: [
        communicationTopology("net", { agents: coders, patterns: ["broadcast"], aggregates: ["vote"] }),
        resourceAllocation("share", { agents: coders, resource: "steps", total: 40 }),
      ],
      policies: { retries: 0, startMs: 30_000 },
    });
    await using lab = await started(value, { modules: [threaded, inline], runtime });
    kill = (id) => lab.live.kill(id);
    const tasks = ["plain", "loop", "plain", "throw", "plain", "plain", "spend", "plain", "kill", "plain", "plain"];
    const outcomes: number[] = tasks.map(() => 0);
    const answers = await Promise.all(
      tasks.map(async (task, place) => {
        const answer = await lab.live.ask(task);
        outcomes[place] = (outcomes[place] ?? 0) + 1;
        return answer;
      }),
    );
    expect(outcomes).toEqual(tasks.map(() => 1));
    for (const [place, answer] of answers.entries()) {
      const task = tasks[place] as string;
      expect([task, faults(answer)]).toEqual([task, expected[task]]);
      expect(answer).toMatchObject({ ok: true, output: task, isDegraded: task !== "plain" });
      expect(answer.trace.calls).toHaveLength(4);
    }
    expect(exits(lab.lives).toSorted()).toEqual(["killed killed", "looping crash", "throwing crash"]);
    expect(lab.lives.filter(({ type }) => type === "child_restarted")).toHaveLength(3);
    expect(lab.live.status()).toMatchObject({
      requests: { inFlight: 0, answered: tasks.length, failed: 0 },
      activeAgents: coders,
    });
    expect(await lab.live.ask("plain")).toMatchObject({ ok: true, isDegraded: false });
  },
);
