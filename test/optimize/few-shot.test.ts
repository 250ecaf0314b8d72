import { describe, expect, test } from "vitest";
import { iclModel } from "#models/icl";
import { bootstrapFewShot, bootstrapRandomSearch, labeledFewShot, leadingConfigurations, optimize } from "#optimize";
import type { EvaluateWork, Report, Task, Teleprompter } from "#optimize";
import { predict, program, signature } from "#programs";
import type { Example } from "#programs";
import { memoryStore } from "#storage/memory";
import { demos, space } from "#variables";
import type { Demo } from "#variables";
import { desk, deskExamples, deskMetric } from "./desk.ts";
import { playSearch, tracedResult } from "./scripted-search.ts";
import type { Script } from "./scripted-search.ts";

const task: Task = {
  program: desk,
  space: space([demos("predict.demos", { max: 8 })]),
  baseline: {},
  train: deskExamples("train", 24),
  validation: deskExamples("validation", 64),
};

function demosIn({ configuration }: EvaluateWork): readonly Demo[] {
  return (configuration["predict.demos"] ?? []) as unknown as readonly Demo[];
}

/** The teacher is right on even examples; a set is worth the more the more different desks it shows. */
const score: Script["score"] = (_, index, work) => {
  if (work.split === "train") return tracedResult(task, work, index, index % 2 === 0 ? 1 : 0);
  return (new Set(demosIn(work).map(({ outputs }) => outputs["desk"])).size * 16 + (index % 8)) / 80;
};

describe("labeledFewShot", () => {
  test("measures the baseline and one set that covers the answers", () => {
    const { evaluations, incumbent, reason } = playSearch(labeledFewShot({ k: 4 }), task, { score });
    expect(evaluations.map(({ id }) => id)).toEqual(["baseline", "labelled"]);
    expect(new Set(demosIn(evaluations[1] as EvaluateWork).map(({ outputs }) => outputs["desk"])).size).toBe(4);
    expect(incumbent?.work).toBe("labelled");
    expect(reason).toBeDefined();
  });

  test("takes the first ones where it is told not to draw, within the tokens", () => {
    const first = (options: object): readonly Demo[] =>
      demosIn(
        playSearch(labeledFewShot({ sample: false, ...options }), task, { score }).evaluations[1] as EvaluateWork,
      );
    expect(first({ k: 3 }).map(({ inputs }) => inputs)).toEqual(task.train.slice(0, 3).map(({ inputs }) => inputs));
    expect(first({ k: 8, maxDemoTokens: 120 }).length).toBeLessThan(first({ k: 8 }).length);
  });

  test("says what is missing where no training example shows what a stage does", () => {
    const pipeline = [predict({ id: "plan", signature: signature("message -> plan") }), "predict"];
    const staged = program({ name: "staged", signature: desk.signature, pipeline });
    const start = (): unknown =>
      labeledFewShot().start({ ...task, program: staged, space: space([demos("plan.demos")]) });
    expect(start).toThrow(/give the demos variable a pool/);
  });
});

describe("bootstrapping", () => {
  const small = { batch: 6, maxBootstrapped: 8, maxDemos: 8, candidates: 3 };

  test("asks what defeats one teacher of the next", () => {
    const teachers = [{}, { "predict.temperature": 1 }];
    const { evaluations } = playSearch(bootstrapFewShot({ ...small, teachers }), task, { score });
    const second = evaluations.filter(({ id }) => /^teach-\d+\/2$/.test(id));
    expect(second.length).toBeGreaterThan(0);
    for (const { examples, configuration } of second) {
      expect(examples.every((index) => index % 2 === 1)).toBe(true);
      expect(configuration["predict.temperature"]).toBe(1);
    }
  });

  test("keeps a set within its tokens", () => {
    const sizes = (maxDemoTokens: number): number[] =>
      playSearch(bootstrapFewShot({ ...small, maxDemoTokens }), task, { score })
        .evaluations.filter(({ id }) => id.startsWith("candidate"))
        .map((work) => JSON.stringify(demosIn(work)).length);
    expect(Math.max(...sizes(150))).toBeLessThan(150 * 3 + 20);
    expect(Math.max(...sizes(8000))).toBeGreaterThan(150 * 3 + 20);
  });
});

describe("bootstrapRandomSearch", () => {
  const search = (candidates = 8): Teleprompter =>
    bootstrapRandomSearch({ batch: 6, maxBootstrapped: 4, maxDemos: 6, candidates });

  test("the sets made without chance are measured whole at once; half of all climb each rung, on the same examples", () => {
    const { evaluations, reason } = playSearch(search(), task, { score });
    const sets = evaluations.filter(({ split, id }) => split === "validation" && id !== "baseline");
    const isGiven = ({ purpose }: EvaluateWork): boolean => /^(labelled examples|the first successes)$/.test(purpose);
    // The set without demonstrations is the baseline, and is not measured again.
    expect(sets.filter(isGiven).map(({ id, examples }) => [id, examples.length])).toEqual([
      ["member-1/1", 64],
      ["member-2/1", 64],
    ]);
    const drawn = sets.filter((work) => !isGiven(work));
    const rungs = [1, 2, 3].map((rung) => drawn.filter(({ id }) => id.endsWith(`/${rung}`)));
    const climbed = rungs.map(({ length }) => length);
    expect(climbed[0]).toBe(5);
    // Of the seven sets four go on, and two of these; the whole ones need no further examples.
    expect(climbed[1]).toBeGreaterThanOrEqual(2);
    expect(climbed[1]).toBeLessThanOrEqual(4);
    expect(climbed[2]).toBeLessThanOrEqual(2);
    for (const rung of rungs) expect(new Set(rung.map(({ examples }) => examples.join())).size).toBeLessThanOrEqual(1);
    expect(reason).toBe(`7 sets of demonstrations were measured, ${2 + (climbed[2] ?? 0)} of them on all examples`);
  });

  test("a set is the incumbent before any drawn one is run", () => {
    const { evaluations, incumbent } = playSearch(search(), task, { score, until: "member-1/1" });
    expect(incumbent?.work).toBe("member-1/1");
    expect(evaluations.some(({ purpose }) => purpose.startsWith("drawn set"))).toBe(false);
  });

  test("no order of answers changes which sets there are and which wins", () => {
    // More successes are wanted than there are, so that all training examples are run whatever comes first.
    const all = bootstrapRandomSearch({ batch: 6, maxBootstrapped: 8, maxDemos: 8, candidates: 8 });
    const results = ["one", "two", "three"].map((scrambled) => {
      const { evaluations, incumbent } = playSearch(all, task, { score, scrambled, capacity: 4 });
      const asked = evaluations.map(({ id, configuration }) => JSON.stringify({ id, configuration })).toSorted();
      return { asked, configuration: incumbent?.configuration };
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

test("offline, an unmeasured set costs the teacher's calls and is judged where there are test examples", async () => {
  const run = async (tested: readonly Example[]): Promise<Report> => {
    const { report } = await optimize(desk, {
      store: memoryStore(),
      space: space([demos("predict.demos", { max: 16 })]),
      teleprompter: bootstrapFewShot({ measure: false, batch: 4, maxBootstrapped: 4 }),
      model: iclModel(),
      metric: deskMetric,
      train: deskExamples("train", 40),
      validation: deskExamples("validation", 64),
      test: tested as never,
      seed: 1,
      deterministic: true,
    });
    return report;
  };
  const alone = await run([]);
  expect(alone.spend.calls).toBeLessThanOrEqual(16);
  expect(alone).toMatchObject({ significant: false, configuration: {}, validation: undefined });
  const judged = await run(deskExamples("test", 60));
  expect(judged.heldOut?.gain.mean).toBeGreaterThan(0.1);
  expect(judged.significant).toBe(true);
  expect(judged.configuration["predict.demos"]).toHaveLength(16);
});

test("offline, labelled examples beat none, and a race of sets costs fewer calls than measuring them all", async () => {
  const run = async (teleprompter: Teleprompter): Promise<Report> => {
    const { report } = await optimize(desk, {
      store: memoryStore(),
      space: space([demos("predict.demos", { max: 16 })]),
      teleprompter,
      model: iclModel(),
      metric: deskMetric,
      train: deskExamples("train", 40),
      validation: deskExamples("validation", 64),
      test: deskExamples("test", 60),
      seed: 1,
      deterministic: true,
    });
    return report;
  };
  const options = { maxBootstrapped: 8, maxDemos: 16, candidates: 8 };
  const labelled = await run(labeledFewShot({ k: 16 }));
  const bootstrapped = await run(bootstrapFewShot(options));
  const raced = await run(bootstrapRandomSearch(options));
  expect(labelled.heldOut?.gain.mean).toBeGreaterThan(0.1);
  expect(raced.heldOut?.gain.mean).toBeGreaterThan(0.1);
  expect(raced.spend.calls).toBeLessThan(0.8 * bootstrapped.spend.calls);
  const members = leadingConfigurations(raced, { size: 2 });
  expect(members).toHaveLength(2);
  expect(members[0]).toEqual(raced.configuration);
});
