import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import { evolveAgreement } from "#orchestration";
import { choice, float, space, subset } from "#variables";

type Utility = Parameters<typeof evolveAgreement>[1][string];

const dials = space([
  float("temperature", { min: 0, max: 2 }),
  choice("style", ["plain", "ornate"]),
  subset("tools", ["search", "shell", "mail"], { max: 2 }),
]);
const coder: Utility = ({ temperature, style }) => (style === "plain" ? 1 : 0) - Number(temperature);
const poet: Utility = ({ temperature, tools }) => Number(temperature) / 2 + (tools as string[]).length;
const idle = new AbortController().signal;
const small = { population: 12, generations: 8 };

describe("an agreement that is bred", () => {
  test("is the same for the same seed, whoever answers first and however many are asked at once", async () => {
    const slow =
      (utility: Utility, turns: number): Utility =>
      async (configuration) => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        return utility(configuration, idle);
      };
    const first = await evolveAgreement(dials, { coder, poet }, { ...small, rng: seededRng(1), concurrency: 1 });
    const agents = { coder: slow(coder, 9), poet: slow(poet, 2) };
    const second = await evolveAgreement(dials, agents, { ...small, rng: seededRng(1), concurrency: 20 });
    expect(second).toEqual(first);
    const other = await evolveAgreement(dials, { coder, poet }, { ...small, rng: seededRng(2) });
    expect(other).not.toEqual(first);
  });

  test("is on a front that nothing seen betters, asks each configuration once and keeps to the budget", async () => {
    const seen = new Map<string, readonly [number, number]>();
    const watched: Utility = (configuration) => {
      const key = canonicalJson(configuration);
      expect(seen.has(key)).toBe(false);
      seen.set(key, [Number(coder(configuration, idle)), Number(poet(configuration, idle))]);
      return coder(configuration, idle);
    };
    const found = await evolveAgreement(dials, { coder: watched, poet }, { ...small, maxEvaluations: 50 });
    if (!found.ok) throw new Error(found.error.message);
    expect(found.evaluations).toBe(seen.size);
    expect(found.evaluations).toBeLessThanOrEqual(50);
    for (const { utilities } of found.front) {
      const [a = 0, b = 0] = utilities.map(Number);
      for (const [x, y] of seen.values()) expect(x >= a && y >= b && (x > a || y > b)).toBe(false);
    }
    const best = Math.max(...[...seen.values()].map(([a, b]) => a + b));
    expect(Number(found.utilities["coder"]) + Number(found.utilities["poet"])).toBeCloseTo(best, 12);
  });

  test("never gets worse with more generations, nor than a proposal", async () => {
    const proposal = { temperature: 0.25, style: "plain", tools: ["search"] };
    let before = Number(coder(proposal, idle)) + Number(poet(proposal, idle));
    for (const generations of [1, 2, 4, 8]) {
      const found = await evolveAgreement(
        dials,
        { coder, poet },
        { population: 8, generations, proposals: [proposal] },
      );
      if (!found.ok) throw new Error(found.error.message);
      const fitness = Number(found.utilities["coder"]) + Number(found.utilities["poet"]);
      expect(fitness).toBeGreaterThanOrEqual(before - 1e-12);
      before = fitness;
    }
  });

  test("leaves nobody below what they have without it", async () => {
    const found = await evolveAgreement(dials, { coder, poet }, { ...small, disagreement: { coder: 0.8, poet: 2 } });
    if (!found.ok) throw new Error(found.error.message);
    for (const { utilities } of found.front) {
      expect(utilities[0]).toBeGreaterThanOrEqual(0.8);
      expect(utilities[1]).toBeGreaterThanOrEqual(2);
    }
    const none = await evolveAgreement(dials, { coder, poet }, { ...small, disagreement: { coder: 1, poet: 3 } });
    expect(none).toMatchObject({ ok: false, error: { code: "no_consensus" } });
  });

  test("does without an answer that fails: worst, named, no crash", async () => {
    const shaky: Utility = (configuration) => {
      if (configuration["style"] === "plain") throw new Error("cannot judge plain");
      return coder(configuration, idle);
    };
    const found = await evolveAgreement(dials, { shaky, poet }, small);
    if (!found.ok) throw new Error(found.error.message);
    expect(found.value["style"]).toBe("ornate");
    expect(found.absent[0]).toMatchObject({ agent: "shaky", reason: "threw", message: "cannot judge plain" });
    const dumb = await evolveAgreement(dials, { dumb: () => "fine", poet }, small);
    expect(dumb).toMatchObject({ ok: false, error: { code: "no_consensus" } });
    expect(await evolveAgreement(dials, {}, small)).toMatchObject({ ok: false, error: { code: "no_preferences" } });
  });

  test("of utilities by chance, elites are asked about again and means count", async () => {
    const rng = seededRng("noise");
    const noisy: Utility = (configuration) => Number(coder(configuration, idle)) + rng.next() - 0.5;
    const found = await evolveAgreement(dials, { noisy, poet }, { ...small, elites: 3, concurrency: 1 });
    if (!found.ok) throw new Error(found.error.message);
    expect(Math.max(...found.front.map(({ samples }) => samples))).toBeGreaterThan(3);
  });

  test("needs options that make sense", async () => {
    await expect(evolveAgreement(dials, { coder }, { population: 0 })).rejects.toThrow(UsageError);
    await expect(evolveAgreement(dials, { coder }, { weights: { bob: 1 } })).rejects.toThrow(UsageError);
    await expect(evolveAgreement(dials, { coder }, { proposals: [{ temperature: 9 }] })).rejects.toThrow(UsageError);
  });
});
