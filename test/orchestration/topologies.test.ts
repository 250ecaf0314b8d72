import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { customTopology, topologies, topologyNamed } from "#orchestration";
import type { CallRecord, CallRequest, Plan, RunSoFar, TeamReply, Topology } from "#orchestration";
import { topologyContract } from "#testing";

fc.configureGlobal({ seed: 20 });

/** What a call says that fails. */
const fails = "(fails)";

const diamond = customTopology("diamond", pairs("a b, a c, b d, c d"));
const circle = customTopology("circle", pairs("a b, b c, c a, c d"));

describe.each([...Object.values(topologies), diamond, circle])("the $name topology", (topology) => {
  for (const [claim, check] of Object.entries(topologyContract))
    test(claim, () => check(() => ({ topology, agents: ["a", "b", "c", "d", "e"] })));
});

describe("edges", () => {
  const teams = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 12 });

  test.each<[string, (n: number) => number]>([
    ["broadcast", (n) => n - 1],
    ["ring", (n) => n],
    ["star", (n) => 2 * (n - 1)],
    ["mesh", (n) => n * (n - 1)],
    ["chain", (n) => n - 1],
  ])("a %s has as many as its kind has, and none in a team of one or none", (name, expected) => {
    const property = fc.property(teams, fc.nat(), (members, choice) => {
      const edges = topologyNamed(name).edges(members, members[choice % members.length]);
      expect(edges).toHaveLength(members.length < 2 ? 0 : expected(members.length));
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("a ring and a chain follow the members' order, a ring of two goes both ways", () => {
    expect(edgesOf("ring", "b c a")).toBe("b→c data, c→a data, a→b data");
    expect(edgesOf("ring", "a b")).toBe("a→b data, b→a data");
    expect(edgesOf("chain", "b c a")).toBe("b→c data, c→a data");
  });

  test("a hub commands its spokes and hears from them; spokes never talk to each other", () => {
    expect(edgesOf("star", "a b c", "b")).toBe("b→a command, a→b data, b→c command, c→b data");
  });

  test("a broadcast goes out from its hub, or from the first member", () => {
    expect(edgesOf("broadcast", "a b c", "b")).toBe("b→a command, b→c command");
    expect(edgesOf("broadcast", "a b c")).toBe("a→b command, a→c command");
  });

  test("a mesh has every ordered pair", () => {
    expect(edgesOf("mesh", "a b c")).toBe("a→b data, a→c data, b→a data, b→c data, c→a data, c→b data");
  });

  test("a custom one has the given edges among those who are there, with their types", () => {
    const own = customTopology("own", [{ from: "a", to: "b", type: "feedback" }, ...pairs("b c, c d")]);
    expect(text(own.edges(["c", "a", "b"], undefined))).toBe("a→b feedback, b→c data");
  });

  test("a hub that is no member is refused", () => {
    for (const hub of [undefined, "x"]) expect(() => topologyNamed("star").edges(["a", "b"], hub)).toThrow(UsageError);
    expect(() => topologyNamed("broadcast").edges(["a", "b"], "x")).toThrow(/one of a, b, got x/);
  });

  test("a custom edge given twice, to oneself or of an unknown type is refused", () => {
    expect(() => customTopology("own", pairs("a b, b a, a b"))).toThrow(/own\.edges: .*a → b again/);
    expect(() => customTopology("own", pairs("a b, b b"))).toThrow(/own\.edges\[1\]: .*b on both ends/);
    const typed = [{ from: "a", to: "b", type: "gossip" }] as never;
    expect(() => customTopology("own", typed)).toThrow(/command, data, .* got "gossip"/);
    expect(() => customTopology("", [])).toThrow(UsageError);
  });

  test("two ends with the same text together are still two edges", () => {
    const own = customTopology("own", [
      { from: "ab", to: "c" },
      { from: "a", to: "bc" },
    ]);
    expect(own.edges(["a", "bc", "ab", "c"], undefined)).toHaveLength(2);
  });

  test("only what goes round asks for rounds, and only a star needs a hub", () => {
    const all = [...Object.values(topologies), diamond, circle];
    expect(all.filter(({ goesRound }) => goesRound).map(({ name }) => name)).toEqual([
      "ring",
      "star",
      "mesh",
      "circle",
    ]);
    expect(all.filter(({ needsHub }) => needsHub).map(({ name }) => name)).toEqual(["star"]);
  });

  test.each(["toString", "nowhere"])("a topology named %s is unknown", (name) => {
    expect(() => topologyNamed(name)).toThrow(`expected one of ${Object.keys(topologies).join(", ")}, got ${name}`);
  });
});

describe("broadcast", () => {
  test("asks everyone at once, nobody sees anybody, and all that answered count", () => {
    const script = { a: ["A"], b: [fails], c: ["C"] };
    expect(played("broadcast", { members: "a b c", script })).toBe("0 a, 1 b, 2 c; finish 0 2");
  });
});

describe("ring", () => {
  test("hands on in the members' order through all rounds; without evaluators the last answer counts", () => {
    const script = { a: ["A", "A2"], b: ["B", "B2"] };
    expect(played("ring", { members: "a b", rounds: 2, script })).toBe(
      "0 a; 1 b sees 0; 2 a sees 1; 3 b sees 2; finish 3",
    );
  });

  test("goes on past a failure, whose successor sees nothing, and falls back on the last answer", () => {
    const script = { a: ["A"], b: [fails], c: ["C"], d: [null] };
    expect(played("ring", { members: "a b c d", script })).toBe("0 a; 1 b sees 0; 2 c; 3 d sees 2; finish 2");
  });

  test("has all answers so far judged after each, and stops when they are accepted", () => {
    const script = { a: ["A"], b: [null], c: ["C"] };
    expect(played("ring", { members: "a b c", rounds: 3, script, verdicts: ["no", "yes"] })).toBe(
      "0 a; judge 0; 2 b sees 0; 3 c; judge 0 3; finish 0 3",
    );
  });

  test("goes on when the evaluators fail, and finishes with all answers after the last round", () => {
    expect(played("ring", { members: "a b", script: { a: ["A"], b: ["B"] }, verdicts: [fails, "no"] })).toBe(
      "0 a; judge 0; 2 b sees 0; judge 0 2; finish 0 2",
    );
  });
});

describe("chain", () => {
  test("passes once, however many rounds there are and whoever could judge; the last answer counts", () => {
    const script = { a: ["A"], b: ["B"], c: ["C"] };
    expect(played("chain", { members: "a b c", rounds: 3, script, verdicts: ["yes"] })).toBe(
      "0 a; 1 b sees 0; 2 c sees 1; finish 2",
    );
  });

  test("falls back on the latest answer when the end of it fails", () => {
    const script = { a: ["A"], b: ["B"], c: [fails], d: [null] };
    expect(played("chain", { members: "a b c d", script })).toBe("0 a; 1 b sees 0; 2 c sees 1; 3 d; finish 1");
  });
});

describe("star", () => {
  const plans = (assignments: Record<string, number | string>, output: string | null = "plan"): TeamReply => ({
    output,
    assignments,
  });

  test("gives the spokes that the hub chose their tasks, strangers none, and the hub decides", () => {
    const script = { h: [plans({ c: "half", x: "other half" }), "decision"], c: ["C"] };
    expect(played("star", { members: "h b c", script })).toBe(
      '0 h plan; 1 c sees 0 task "half"; 2 h decide sees 1; finish 2',
    );
  });

  test("takes a hub's own output for the answer when it gives no work", () => {
    expect(played("star", { members: "h b", script: { h: ["mine"] } })).toBe("0 h plan; finish 0");
  });

  test.each([
    ["fails", fails],
    ["finds nothing", null],
    ["only knows strangers", plans({ x: 1 }, null)],
  ])("gives every spoke the team's task when the hub's planning %s", (_, planning) => {
    const script = { h: [planning, "decision"], b: ["B"], c: [fails] };
    expect(played("star", { members: "h b c", script })).toBe("0 h plan; 1 b, 2 c; 3 h decide sees 1; finish 3");
  });

  test("gives tasks of a hub that has no output of its own, which then is not sent on", () => {
    const script = { h: [plans({ b: 7 }, null), "decision"], b: ["B"] };
    expect(played("star", { members: "h b", script })).toBe("0 h plan; 1 b task 7; 2 h decide sees 1; finish 2");
  });

  test("finishes with the spokes' answers when the hub decides nothing", () => {
    const script = { h: [fails, null], b: ["B"], c: ["C"], d: [null] };
    expect(played("star", { members: "b h c d", hub: "h", script })).toBe(
      "0 h plan; 1 b, 2 c, 3 d; 4 h decide sees 1 2; finish 1 2",
    );
  });

  test("plans again with what the spokes said while the decision is rejected and rounds are left", () => {
    const script = { h: [plans({ b: 1 }), "D", plans({ b: 2 }), "D2"], b: ["B", "B2"] };
    expect(played("star", { members: "h b", rounds: 2, script, verdicts: ["no"] })).toBe(
      "0 h plan; 1 b sees 0 task 1; 2 h decide sees 1; judge 2; 4 h plan sees 1; 5 b sees 4 task 2; 6 h decide sees 5; finish 6",
    );
  });

  test.each<[string, "yes" | typeof fails]>([
    ["accept the decision", "yes"],
    ["fail", fails],
  ])("does not plan again when the evaluators %s", (_, said) => {
    const script = { h: [plans({ b: 1 }), "D"], b: ["B"] };
    expect(played("star", { members: "h b", rounds: 2, script, verdicts: [said] })).toBe(
      "0 h plan; 1 b sees 0 task 1; 2 h decide sees 1; judge 2; finish 2",
    );
  });

  test("keeps what an earlier round decided when everything fails in the last", () => {
    const script = { h: [plans({ b: 1 }), "D", fails, fails], b: ["B", fails] };
    expect(played("star", { members: "h b", rounds: 2, script, verdicts: ["no"] })).toMatch(/; finish 2$/);
  });

  test("refuses a hub that is no member", () => {
    expect(() => played("star", { members: "a b", hub: "x", script: {} })).toThrow(UsageError);
  });
});

describe("mesh", () => {
  test("lets each see what all others said last, and finishes after the last round", () => {
    const script = { a: ["A", "A2", "A3"], b: ["B", fails, "B3"], c: ["C", "C2", null] };
    expect(played("mesh", { members: "a b c", rounds: 3, script })).toBe(
      "0 a, 1 b, 2 c; 3 a sees 1 2, 4 b sees 0 2, 5 c sees 0 1; 6 a sees 1 5, 7 b sees 3 5, 8 c sees 1 3; finish 6 7",
    );
  });

  test("stops when all that have an answer agree", () => {
    const script = { a: [{ x: 1, y: 2 }], b: [{ y: 2, x: 1 }], c: [fails] };
    expect(played("mesh", { members: "a b c", rounds: 3, script })).toBe("0 a, 1 b, 2 c; finish 0 1");
  });

  test("takes silence for no agreement, and keeps the last round that had answers", () => {
    const script = { a: [fails, "A", fails], b: [null, "B", fails] };
    expect(played("mesh", { members: "a b", rounds: 3, script })).toBe(
      "0 a, 1 b; 2 a, 3 b; 4 a sees 3, 5 b sees 2; finish 2 3",
    );
  });
});

describe("a custom topology", () => {
  test("without a circle is passed a level at a time, and those who send to nobody answer", () => {
    const script = { a: ["A"], b: ["B"], c: ["C"], d: ["D"] };
    expect(played(diamond, { members: "d c b a", rounds: 5, script })).toBe(
      "0 a; 1 c sees 0, 2 b sees 0; 3 d sees 1 2; finish 3",
    );
  });

  test("has everyone answer who sends to nobody, on whichever level", () => {
    const tree = customTopology("tree", pairs("a b, b c, a d"));
    const script = { a: ["A"], b: ["B"], c: ["C"], d: ["D"] };
    expect(played(tree, { members: "a b c d", script })).toBe("0 a; 1 b sees 0, 2 d sees 0; 3 c sees 1; finish 2 3");
  });

  test("waits for all who send to an agent, not for their outputs, and falls back on the latest answers", () => {
    const script = { a: ["A"], b: ["B"], c: [fails], d: [fails] };
    expect(played(diamond, { members: "a b c d", script })).toBe("0 a; 1 b sees 0, 2 c sees 0; 3 d sees 1; finish 1");
  });

  test("without edges asks all at once", () => {
    const script = { a: ["A"], b: ["B"] };
    expect(played(customTopology("loose", []), { members: "a b", script })).toBe("0 a, 1 b; finish 0 1");
  });

  test("closes up around members who are not there", () => {
    const script = { a: ["A"], c: ["C"], d: ["D"] };
    expect(played(diamond, { members: "a c d", script })).toBe("0 a; 1 c sees 0; 2 d sees 1; finish 2");
  });

  test("with a circle has everyone work in every round on what came last", () => {
    const script = { a: ["A", "A2"], b: ["B", fails], c: [null, "C2"], d: ["D", "D2"] };
    expect(played(circle, { members: "a b c d", rounds: 2, script })).toBe(
      "0 a, 1 b, 2 c, 3 d; 4 a, 5 b sees 0, 6 c sees 1, 7 d; finish 7",
    );
  });

  test("with a circle that sends to nobody else, all of the last round answer", () => {
    const both = customTopology("both", pairs("a b, b a"));
    const script = { a: ["A", "A2", "A3"], b: ["B", fails, "B3"] };
    expect(played(both, { members: "a b", rounds: 3, script })).toBe(
      "0 a, 1 b; 2 a sees 1, 3 b sees 0; 4 a sees 1, 5 b sees 2; finish 4 5",
    );
  });
});

type Said = TeamReply | TeamReply["output"];

interface Game {
  /** Names with blanks between; the first is the hub unless told. */
  readonly members: string;
  readonly hub?: string;
  readonly rounds?: number;
  /** What each says, call by call: outputs, replies of a hub with assignments, failures. */
  readonly script: Readonly<Record<string, readonly Said[]>>;
  /** What one evaluator says, time by time; without it there is no evaluator. */
  readonly verdicts?: readonly ("yes" | "no" | typeof fails)[];
}

/** Plays a run and tells its steps: the calls of each, what they see, and with which the run finishes. */
function played(which: string | Topology, game: Game): string {
  const topology = typeof which === "string" ? topologyNamed(which) : which;
  const plan = planFor(topology, game);
  const told: string[] = [];
  let run: RunSoFar = { calls: [], verdict: undefined };
  for (;;) {
    expect(told.length).toBeLessThan(50);
    const step = topology.next(plan, run);
    const first = run.calls.length;
    if (step.type === "call") {
      told.push(step.calls.map((request, place) => line(first + place, request)).join(", "));
      run = { ...run, calls: [...run.calls, ...answered(step.calls, run.calls, game)] };
    } else {
      told.push(`${step.type === "finish" ? "finish" : "judge"} ${step.answers.join(" ")}`);
      if (step.type === "finish") return told.join("; ");
      run = judged(run, step.answers, game);
    }
  }
}

function planFor(topology: Topology, { members, hub, rounds = 1, verdicts }: Game): Plan {
  const names = members.split(" ");
  const center = hub ?? names[0];
  return {
    pattern: topology.name,
    members: names,
    hub: center,
    rounds,
    aggregate: "vote",
    edges: topology.edges(names, center),
    evaluators: verdicts === undefined ? [] : ["judge"],
    grants: {},
    parameters: {},
    roles: {},
  };
}

function answered(requests: readonly CallRequest[], before: readonly CallRecord[], { script }: Game): CallRecord[] {
  return requests.map(({ agent, kind, round, sees }, place) => {
    const turn = before.filter((call) => call.agent === agent).length;
    return record({ agent, kind, round, sees, id: before.length + place }, script[agent]?.[turn] ?? null);
  });
}

function judged({ calls, verdict }: RunSoFar, on: readonly number[], { verdicts = [] }: Game): RunSoFar {
  const said = verdicts[calls.filter(({ kind }) => kind === "evaluate").length] ?? fails;
  const call = record({ id: calls.length, agent: "judge", kind: "evaluate", round: 0, sees: on }, said);
  return {
    calls: [...calls, call],
    verdict: said === fails ? verdict : { accepted: said === "yes", output: null, on },
  };
}

type Asked = Pick<CallRecord, "id" | "agent" | "kind" | "round" | "sees">;

function record(asked: Asked, said: Said): CallRecord {
  const when = { startedAt: 0, endedAt: 0, used: {}, attempts: 1 };
  if (said === fails) return { ...asked, ...when, outcome: { ok: false, code: "timeout", message: "no answer" } };
  return { ...asked, ...when, outcome: { ok: true, reply: isReply(said) ? said : { output: said } } };
}

function isReply(said: Said): said is TeamReply {
  return typeof said === "object" && said !== null && "assignments" in said;
}

function line(id: number, { agent, kind, sees, task }: CallRequest): string {
  return [
    `${id} ${agent}`,
    ...(kind === "work" ? [] : [kind]),
    ...(sees.length === 0 ? [] : [`sees ${sees.join(" ")}`]),
    ...(task === undefined ? [] : [`task ${JSON.stringify(task)}`]),
  ].join(" ");
}

function pairs(list: string): { from: string; to: string }[] {
  return list.split(", ").map((pair) => {
    const [from = "", to = ""] = pair.split(" ");
    return { from, to };
  });
}

function edgesOf(name: string, members: string, hub?: string): string {
  return text(topologyNamed(name).edges(members.split(" "), hub));
}

function text(edges: readonly { from: string; to: string; type: string }[]): string {
  return edges.map(({ from, to, type }) => `${from}→${to} ${type}`).join(", ");
}
