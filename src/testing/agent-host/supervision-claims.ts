import assert from "node:assert/strict";
import { hostChild, hostedChild, Supervisor } from "#foundation/agents";
import type { AgentEvent, ChildSpec } from "#foundation/agents";
import type { Contract } from "../contract.ts";
import { downsOf, outcomeOf, subject, turns } from "./harness.ts";
import type { AgentHostHarness, SubjectRef } from "./harness.ts";

/** How supervisors deal with agents at a host. */
export const supervisionClaims: Contract<AgentHostHarness> = {
  "a supervisor starts an agent that crashed again, with its argument and a fresh state": async (harness) => {
    await using team = await supervised(harness, (subjectNamed) => ({ children: [subjectNamed("only", 10)] }));
    const before = team.ref("only");
    before.send({ do: "add", amount: 5 });
    assert.equal(await before.call({ do: "total" }), 15);
    before.send({ do: "crash", message: "it broke" });
    const after = await team.next("only", before);
    assert.equal(await after.call({ do: "total" }), 10);
    assert.notEqual(after.pid, before.pid);
    await assert.rejects(before.call({ do: "total" }), { code: "noproc" });
  },

  "a supervisor that stops ends its agents in reverse order and lets them clean up": async (harness) => {
    const team = await supervised(harness, (subjectNamed) => ({
      children: [subjectNamed("first", 1), subjectNamed("second", 2)],
    }));
    const ends: string[] = [];
    for (const id of ["first", "second"]) team.ref(id).monitor((reason) => ends.push(`${id} ${reason.kind}`));
    const farewells = ["first", "second"].map((id) => team.ref(id).call({ do: "farewell" }));
    await team.ref("first").call({ do: "total" });
    await team.ref("second").call({ do: "total" });
    await team[Symbol.asyncDispose]();
    assert.deepEqual(ends, ["second shutdown", "first shutdown"]);
    assert.deepEqual(await Promise.all(farewells), ["goodbye", "goodbye"]);
  },

  "a supervisor kills an agent that takes too long to end": async (harness) => {
    const team = await supervised(harness, (subjectNamed) => ({
      children: [{ ...subjectNamed("slow", 1), shutdownMs: 20 }],
    }));
    const { first } = downsOf(team.ref("slow"));
    await team.ref("slow").call({ do: "hold", ms: 60_000 });
    await team[Symbol.asyncDispose]();
    assert.deepEqual(await first, { kind: "killed" });
  },

  "the end of a host that comes before its agents under rest_for_one counts as one restart": async (harness) => {
    await using team = await supervised(harness, (subjectNamed) => ({
      strategy: "rest_for_one",
      intensity: 1,
      children: [hostChild("host", harness.host), ...["a", "b", "c"].map((id, total) => subjectNamed(id, total))],
    }));
    const before = ["a", "b", "c"].map((id) => team.ref(id));
    await harness.host.terminate();
    const after = await Promise.all(["a", "b", "c"].map((id, place) => team.next(id, before[place] as SubjectRef)));
    assert.deepEqual(await Promise.all(after.map((ref) => ref.call({ do: "total" }))), [0, 1, 2]);
    assert.ok(team.supervisor.isAlive);
  },

  "while an agent crashes and is started again under load every call has one outcome": async (harness) => {
    await using team = await supervised(harness, (subjectNamed) => ({
      intensity: 1000,
      children: [subjectNamed("busy", 0), subjectNamed("calm", 42)],
    }));
    const outcomes: string[] = [];
    let isOver = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const outcome = await outcomeOf(team.ref("busy").call({ do: "total" }));
        outcomes.push(outcome);
        if (outcome !== "answer") await turns(1);
      }
    });
    for (let crashes = 0; crashes < 5; crashes++) {
      const before = team.ref("busy");
      before.send({ do: "crash", message: "it broke" });
      await team.next("busy", before);
      assert.equal(await team.ref("calm").call({ do: "total" }), 42);
    }
    isOver = true;
    await Promise.all(clients);
    const strange = outcomes.filter((outcome) => !["answer", "exit", "noproc", "stopping"].includes(outcome));
    assert.deepEqual(strange, []);
    assert.ok(outcomes.includes("answer"));
  },
};

interface Team extends AsyncDisposable {
  readonly supervisor: Supervisor;
  /** The present address of a child. */
  ref(id: string): SubjectRef;
  /** The address of the incarnation after `before`. */
  next(id: string, before: SubjectRef): Promise<SubjectRef>;
}

type SubjectNamed = (id: string, total: number) => ChildSpec;

/** A supervisor over subjects at the host. */
async function supervised(
  { host, runtime }: AgentHostHarness,
  definition: (subjectNamed: SubjectNamed) => Parameters<typeof Supervisor.start>[0] & object,
): Promise<Team> {
  const refs = new Map<string, SubjectRef>();
  const subjectNamed: SubjectNamed = (id, total) => {
    const spec = hostedChild(id, subject, { total }, { host });
    return {
      ...spec,
      start: async (context) => {
        const started = await spec.start(context);
        refs.set(id, Reflect.get(started, "info") as SubjectRef);
        return started;
      },
    };
  };
  const supervisor = await Supervisor.start(definition(subjectNamed), { runtime });
  assert.ok(supervisor !== undefined);
  const ref = (id: string): SubjectRef => refs.get(id) as SubjectRef;
  return {
    supervisor,
    ref,
    next: async (id, before) => {
      while (ref(id) === before) await restarted(runtime.events);
      return ref(id);
    },
    [Symbol.asyncDispose]: () => supervisor.stop(),
  };
}

/** Resolves at the next start of a child. */
function restarted(events: AgentHostHarness["runtime"]["events"]): Promise<void> {
  return new Promise((resolve) => {
    const end = events.subscribe((event: AgentEvent) => {
      if (event.type !== "child_started") return;
      end();
      void turns(1).then(resolve);
    });
  });
}
