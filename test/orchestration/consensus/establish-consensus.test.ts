import { describe, expect, test } from "vitest";
import { seededRng } from "#foundation";
import { consensusAlgorithms, establishConsensus, recount } from "#orchestration";
import type { AgentVote, AskForVote, ConsensusResult, EstablishConsensusOptions } from "#orchestration";
import { fakeClock } from "#testing";

const five = ["ann", "bob", "cy", "dee", "eve"];
const changes = { temperature: 0.4, model: "small" };

type Said = AgentVote | "throws" | "never" | "rubbish";

/** Agents that say this, in order. */
function saying(agents: readonly string[], said: readonly Said[]): AskForVote {
  return async (agent) => {
    const word = said[agents.indexOf(agent)] ?? null;
    if (word === "throws") throw new Error("no model");
    if (word === "never") await new Promise(() => undefined);
    return word as AgentVote;
  };
}

/** Lets time pass until the result is there. */
async function settled(
  said: readonly Said[],
  options: Partial<EstablishConsensusOptions> = {},
  what: Parameters<typeof establishConsensus>[1] = changes,
): Promise<ConsensusResult> {
  const clock = fakeClock();
  const agents = five.slice(0, said.length);
  const vote = saying(agents, said);
  let isOver = false;
  const result = establishConsensus(agents, what, { vote, clock, rng: seededRng(1), timeoutMs: 1_000, ...options });
  void result.finally(() => (isOver = true)).catch(() => undefined);
  for (let ms = 0; ms < 4_000 && !isOver; ms += 5) await clock.advance(5);
  return result;
}

const codeOf = (result: ConsensusResult): string => (result.ok ? "ok" : result.error.code);

describe("a simple majority", () => {
  test("of 3 of 5 agrees with confidence 0.6 and a certificate that recounts", async () => {
    const result = await settled([true, true, true, false, false]);
    expect(result).toMatchObject({ ok: true, value: { changes, confidence: 0.6, absent: [] } });
    if (result.ok) expect(recount(result.value.certificate)).toMatchObject({ ok: true, value: { winner: "yes" } });
  });

  test("2-2-1 is no majority, of yes, no and abstentions as of three alternatives", async () => {
    expect(codeOf(await settled([true, true, false, false, null]))).toBe("no_majority");
    const three = [{ a: 1 }, { a: 2 }, { a: 3 }];
    expect(codeOf(await settled([0, 0, 1, 1, 2], {}, three))).toBe("no_majority");
    expect(await settled([1, 1, 1, 0, 2], {}, three)).toMatchObject({ value: { changes: { a: 2 }, confidence: 0.6 } });
  });

  test("against the changes is no majority for them, with the votes as proof", async () => {
    const result = await settled([true, false, false, false, false]);
    expect(result).toMatchObject({ error: { code: "no_majority", certificate: { winner: "no" } } });
  });

  test("one answer of five decides nothing", async () => {
    expect(codeOf(await settled([true, "throws", "throws", "throws", "throws"]))).toBe("no_quorum");
  });
});

describe("weights", () => {
  const weights = { ann: 3 };
  const algorithm = "weighted_voting";

  test("split at exactly half decide nothing, above half they do", async () => {
    expect(codeOf(await settled([true, false, false, false], { algorithm, weights }))).toBe("no_majority");
    const result = await settled([true, true, false, false], { algorithm, weights });
    expect(result).toMatchObject({ value: { confidence: 4 / 6 } });
  });

  test("that change while the vote is on do not matter to it", async () => {
    const changing = { ann: 3, bob: 1, cy: 1 };
    const vote: AskForVote = (agent) => {
      Object.assign(changing, { ann: 0 });
      return agent === "ann";
    };
    const result = await establishConsensus(["ann", "bob", "cy"], changes, { algorithm, weights: changing, vote });
    expect(result).toMatchObject({ ok: true, value: { confidence: 0.6 } });
  });

  test("that are wrong are an invalid configuration", async () => {
    for (const bad of [{ ann: Number.NaN }, { ann: -1 }, { ann: Infinity }, { mallory: 1 }, { ann: 0, bob: 0 }]) {
      expect(codeOf(await settled([true, true], { algorithm, weights: bad }))).toBe("invalid_configuration");
    }
    expect(codeOf(await settled([true, true], { weights }))).toBe("invalid_configuration");
  });
});

test("unanimous is all or nothing", async () => {
  const algorithm = "unanimous";
  expect(await settled([true, true, true], { algorithm })).toMatchObject({ value: { confidence: 1 } });
  expect(codeOf(await settled([true, true, false], { algorithm }))).toBe("no_majority");
  expect(codeOf(await settled([true, true, "throws"], { algorithm }))).toBe("no_quorum");
  expect(codeOf(await settled([true, true, "never"], { algorithm }))).toBe("timeout");
});

describe("an agent", () => {
  test("that throws, is late or talks rubbish is absent by name; the others decide", async () => {
    const result = await settled([true, true, true, "throws", "never"]);
    expect(result).toMatchObject({
      value: {
        confidence: 0.6,
        absent: [
          { agent: "dee", reason: "failed", message: "no model" },
          { agent: "eve", reason: "late", message: "no vote within 1000 ms" },
        ],
      },
    });
    for (const rubbish of ["rubbish", 0, Number.NaN] as Said[]) {
      expect(await settled([true, true, rubbish])).toMatchObject({
        value: { absent: [{ agent: "cy", reason: "invalid" }] },
      });
    }
    const alternatives = [{ a: 1 }, { a: 2 }];
    expect(await settled([0, 0, 2], {}, alternatives)).toMatchObject({ value: { absent: [{ reason: "invalid" }] } });
  });

  test("that is late where its vote would decide makes it a timeout", async () => {
    expect(codeOf(await settled([true, true, false, false, "never"]))).toBe("timeout");
    expect(codeOf(await settled([true, true, false, false, "throws"]))).toBe("no_majority");
  });

  test("is told when the time is over", async () => {
    const clock = fakeClock();
    let told: unknown;
    const vote: AskForVote = (_, __, { signal }) =>
      new Promise(() => signal.addEventListener("abort", () => (told = signal.aborted)));
    const result = establishConsensus(["ann"], changes, { vote, clock, timeoutMs: 50 });
    await clock.advance(50);
    expect([codeOf(await result), told, clock.pending()]).toEqual(["timeout", true, 0]);
  });
});

test("what cannot be put to the vote is an invalid configuration, and nobody is asked", async () => {
  const vote = (): never => {
    throw new Error("asked");
  };
  const put = async (agents: readonly string[], what: unknown, options: object = {}): Promise<string> =>
    codeOf(await establishConsensus(agents, what as typeof changes, { vote, ...options }));
  expect(
    await Promise.all([
      put([], changes),
      put(["ann", "ann"], changes),
      put(five, []),
      put(five, "rubbish"),
      put(five, { a: Number.NaN }),
      put(five, changes, { algorithm: "proof_of_work" }),
      put(five, changes, { timeoutMs: 0 }),
      put(five, changes, { timeoutMs: Number.NaN }),
    ]),
  ).toEqual(Array.from({ length: 8 }, () => "invalid_configuration"));
});

test("a signal that aborts ends the vote with its reason", async () => {
  const stop = new AbortController();
  const vote = saying(five, ["never"]);
  const result = establishConsensus(five, changes, { vote, clock: fakeClock(), signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(result).rejects.toThrow("enough");
});

describe("raft", () => {
  const algorithm = "raft";

  test("brings the votes of all to all and decides by majority", async () => {
    const result = await settled([true, true, true, false, false], { algorithm });
    expect(result).toMatchObject({ ok: true, value: { changes, confidence: 0.6 } });
    expect(codeOf(await settled([true, true, false, false, null], { algorithm }))).toBe("no_majority");
  });

  test("goes on without a minority and has no quorum without a majority", async () => {
    const result = await settled([true, true, true, "throws", "never"], { algorithm });
    expect(result).toMatchObject({
      ok: true,
      value: { confidence: 0.6, absent: [{ agent: "dee" }, { agent: "eve" }] },
    });
    expect(codeOf(await settled([true, true, "throws", "throws", "throws"], { algorithm }))).toBe("no_quorum");
  });

  test("agrees over a network that loses and repeats messages", async () => {
    const chance = seededRng(3);
    const link = (): number[] => (chance.next() < 0.2 ? [] : chance.next() < 0.2 ? [1, 4] : [chance.next() * 3]);
    expect(await settled([true, true, true, false, null], { algorithm, link })).toMatchObject({
      value: { confidence: 0.6 },
    });
  });

  test("over a network that carries nothing runs out of time", async () => {
    expect(await settled([true, true, true], { algorithm, link: () => [] })).toMatchObject({
      error: { code: "timeout" },
    });
  });
});

test("where nobody votes there is no quorum, by whichever algorithm", async () => {
  for (const { name } of consensusAlgorithms) {
    const result = await settled(["throws", "throws", "throws", "throws"], { algorithm: name });
    expect([name, codeOf(result)]).toEqual([name, "no_quorum"]);
  }
});

test("agents may be called anything", async () => {
  const agents = ["__proto__", "constructor", "a b", ""];
  const rng = seededRng(2);
  expect(await establishConsensus(agents, changes, { algorithm: "raft", vote: () => true, rng })).toMatchObject({
    value: { confidence: 1, absent: [] },
  });
});

test("all algorithms that can be named decide a unanimous vote alike", async () => {
  for (const { name } of consensusAlgorithms) {
    expect([name, await settled([true, true, true, true, true], { algorithm: name })]).toMatchObject([
      name,
      { ok: true, value: { changes, confidence: 1 } },
    ]);
  }
});
