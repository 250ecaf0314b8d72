import { describe, expect, test } from "vitest";
import { teleprompterNamed, teleprompters } from "#optimize";
import type { CompleteWork, EvaluateWork, ExampleResult, Task } from "#optimize";
import type { Json, JsonObject } from "#foundation";
import { noUsage, predict, program, signature } from "#programs";
import { choice, demos, integer, space, text } from "#variables";
import type { Configuration, Demo, Variable } from "#variables";
import { playSearch } from "./scripted-search.ts";
import type { Outputs } from "./world.ts";

/** Two stages, each with a model of its own. */
const relay = program({
  name: "relay",
  signature: signature("question -> answer", { instructions: "Answer." }),
  pipeline: [predict({ id: "plan", signature: signature("question -> plan", { instructions: "Plan." }) }), "predict"],
});

const examples = (from: number, count: number): Task["train"] =>
  Array.from({ length: count }, (_, at) => ({
    inputs: { question: `question ${from + at}` },
    expected: { answer: `answer ${from + at}` },
  }));

const train = examples(0, 24);
const pool = train.slice(0, 12).map(({ inputs, expected }) => ({ inputs, outputs: expected }) as unknown as Demo);

const mixed = space([
  text("plan.instructions", { candidates: ["Plan.", "Plan, GOOD."], default: "Plan." }),
  demos("predict.demos", { pool, max: 4 }),
  choice("plan.model", ["small", "large"]),
  choice("predict.model", ["small", "large"]),
  integer("predict.effort", { min: 0, max: 4 }),
]);

const baseline: Configuration = {
  "plan.instructions": "Plan.",
  "predict.demos": [],
  "plan.model": "small",
  "predict.model": "small",
  "predict.effort": 0,
};

const task: Task = { program: relay, space: mixed, baseline, train, validation: examples(100, 24) };

/** Every kind that is set well helps with another fifth of the examples. */
function quality(configuration: Configuration): number {
  const isGood = String(configuration["plan.instructions"]).includes("GOOD");
  const shown = (configuration["predict.demos"] ?? []) as readonly unknown[];
  const models = ["plan.model", "predict.model"].filter((name) => configuration[name] === "large").length / 2;
  return (
    (2 + Number(isGood) * 2 + Number(shown.length > 0) * 2 + models * 2 + Number(configuration["predict.effort"]) / 2) /
    10
  );
}

function result(configuration: Configuration, index: number, work: EvaluateWork): ExampleResult {
  const score = ((index * 7) % 10) / 10 < quality(configuration) - 1e-9 ? 1 : 0;
  const { inputs, expected } = (work.split === "train" ? task.train : task.validation)[index] as Task["train"][number];
  const plan = { plan: "think" };
  const trace = [
    { stage: "plan", inputs, outputs: plan },
    { stage: "predict", inputs, outputs: score === 1 ? expected : { answer: "wrong" } },
  ] as const;
  const usage = { ...noUsage, calls: 2 };
  return {
    ok: true,
    score,
    feedback: score === 1 ? "right" : "wrong",
    index,
    usage,
    ...(work.trace && { trace }),
  } as ExampleResult;
}

/** Every text that is asked for is another good one. */
function reply({ program: asked, id }: CompleteWork): Outputs {
  return Object.fromEntries(
    asked.signature.outputs.map(({ name, type }) => {
      if (type.kind === "list") return [name, [`GOOD rule of ${id}.`]];
      return [name, type.kind === "string" ? `Plan, GOOD, ${id}.` : type.kind === "bool" ? true : 1];
    }),
  );
}

function longer(value: Json | undefined): Json {
  if (typeof value === "string") return value.padEnd(300, " and on");
  return Array.isArray(value) ? value.map(longer) : (value ?? null);
}

/** As configurations count them: three characters of JSON to a token. */
function demoTokens(shown: Json): number {
  return (shown as readonly Json[]).reduce<number>((sum, demo) => sum + Math.ceil(JSON.stringify(demo).length / 3), 0);
}

const everything: readonly Variable["kind"][] = ["text", "demos", "choice", "integer"];

/** What they need to be told here; the usual options otherwise. */
const told: Readonly<Record<string, JsonObject>> = {
  stages: {
    stages: [
      { name: "labeled_few_shot", options: { k: 4 }, kinds: ["demos"] },
      { name: "tpe", options: { candidates: 60 } },
    ],
  },
  gepa: { candidates: 80, moveShare: 0.4 },
  gp: { candidates: 40 },
  auto: { candidates: 40 },
};

/** One lists its whole space, which one with demonstrations has no end of; the other only wraps one of these. */
const others = ["grid_search", "learner"];

describe.each(Object.keys(teleprompters).filter((name) => !others.includes(name)))("%s", (name) => {
  const kinds = teleprompterNamed(name, told[name]).kinds ?? everything;

  test(`tunes ${kinds.join(", ")} of two stages with models of their own, and nothing else`, () => {
    const teleprompter = teleprompterNamed(name, told[name]);
    const { incumbent, evaluations, reason } = playSearch(teleprompter, task, { score: result, reply });
    expect(reason).toEqual(expect.any(String));
    const found = incumbent?.configuration ?? {};
    const isChanged = ({ name: path }: Variable): boolean =>
      JSON.stringify(found[path]) !== JSON.stringify(baseline[path]);
    expect(new Set(mixed.variables.filter(isChanged).map(({ kind }) => kind))).toEqual(new Set(kinds));
    const left = mixed.variables.filter(({ kind }) => !kinds.includes(kind));
    for (const { configuration, split } of evaluations)
      for (const { name: path } of left)
        if (split === "validation") expect(configuration[path] ?? baseline[path]).toEqual(baseline[path]);
    expect(incumbent?.score).toBeGreaterThan(quality(baseline));
  });

  test("makes no candidate with longer prompts than the run allows, and still uses what fits", () => {
    const limit = 50;
    const wordy = (work: CompleteWork): Outputs => {
      const texts = Object.entries(reply(work));
      const isLong = work.id.length % 2 === 0;
      return Object.fromEntries(texts.map(([path, value]) => [path, isLong ? longer(value) : value]));
    };
    const teleprompter = teleprompterNamed(name, told[name]);
    const limited = { ...task, maxPromptTokens: limit };
    const { incumbent, evaluations } = playSearch(teleprompter, limited, { score: result, reply: wordy });
    const lengths = evaluations.flatMap(({ configuration }) => [
      Math.ceil(String(configuration["plan.instructions"] ?? "").length / 4),
      demoTokens(configuration["predict.demos"] ?? []),
    ]);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(limit);
    expect(incumbent?.score).toBeGreaterThan(quality(baseline));
  });
});
