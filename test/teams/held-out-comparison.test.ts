import { expect, test } from "vitest";
import { memoryStore } from "#storage/memory";
import { evaluateTeamPerformance, optimizeTeam, randomSearch } from "#teams";
import { splits, tunedCoder, tunedCoders, tuning } from "./tuned-coders.ts";

test("the held-out comparison runs the two configurations as they are, nothing of the one in the other", async () => {
  const asked = new Map<string, number>();
  const listening = tunedCoder(({ task, parameters, grants }, { settings }) => {
    if ((task as number) < 200) return;
    const how = JSON.stringify({ wrong: settings["wrong"], parameters, grants });
    asked.set(how, (asked.get(how) ?? 0) + 1);
  });
  const { report, team: better } = await optimizeTeam(tunedCoders, {
    ...tuning,
    store: memoryStore(),
    modules: [listening],
    teleprompter: randomSearch({ candidates: 24 }),
  });
  const { configuration } = report;
  expect(configuration).toMatchObject({ "team.who": "coder2", "coder2/mode": "careful" });
  expect(Object.keys(configuration).filter((path) => path.includes("coder0"))).toEqual([]);
  const of = (wrong: number, effort: unknown, steps: unknown): string =>
    JSON.stringify({ wrong, parameters: { mode: "careful", effort }, grants: { steps } });
  expect(Object.fromEntries(asked)).toEqual({
    [of(6, 0.25, 5)]: splits.test.length,
    [of(2, configuration["coder2/effort"], configuration["team.time.total"])]: splits.test.length,
  });

  const evaluated = async (team: typeof better, overrides = {}): Promise<number> => {
    const options = { modules: [tunedCoder()], overrides };
    return (await evaluateTeamPerformance(team, splits.test, tuning.metric, options)).overallScore;
  };
  const { baseline, winner } = report.heldOut ?? {};
  expect([baseline?.score, winner?.score]).toEqual([0.5, 0.9]);
  expect(await evaluated(tunedCoders)).toBe(0.5);
  expect(await evaluated(tunedCoders, configuration)).toBe(0.9);
  expect(await evaluated(better)).toBe(0.9);
});
