import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { chainOfThought, ensure, execute, program, ProgramError, signature } from "#programs";
import type { ExecuteOptions, Program, StageDraft } from "#programs";
import { bestOfN, majority, refine } from "#programs/modules";
import type { BroughtStage } from "#programs/modules";
import { standardSpace } from "#programs/presets";
import { scriptedModel } from "#testing";
import type { ScriptedModel } from "#testing";

const answer = (text: string): string => `[[ ## answer ## ]]\n${text}\n[[ ## completed ## ]]`;
const qa = signature("question -> answer");
const asks = (stage: StageDraft): Program<{ question: string }, { answer: string }> =>
  program({ name: "qa", signature: qa, pipeline: [stage] });
/** Answers the attempt of each rollout with its text; an empty one cannot be read. */
const answers = (...texts: string[]): ScriptedModel =>
  scriptedModel(({ rollout = 0 }) => (texts[rollout] === "" ? "" : answer(texts[rollout] ?? "?")), {
    usage: { inputTokens: 10, usd: 1 },
  });
const run = (
  stage: BroughtStage,
  model: ScriptedModel,
  options: ExecuteOptions = {},
): ReturnType<typeof execute<{ question: string }, { answer: string }>> =>
  execute(asks(stage), { question: "?" }, { model, modules: [stage], ...options });
const length = ({ answer: text }: Readonly<Record<string, unknown>>): number => String(text).length;

describe("bestOfN", () => {
  test("takes the best of distinct attempts, and counts them all", async () => {
    const model = answers("a", "ccc", "bbb");
    const { outputs, history, usage } = await run(bestOfN({ n: 3, score: length }), model);
    expect(outputs).toEqual({ answer: "ccc" });
    expect(model.calls.map(({ rollout }) => rollout)).toEqual([undefined, 1, 2]);
    expect(model.calls.map(({ temperature }) => temperature)).toEqual([1, 1, 1]);
    expect(usage).toMatchObject({ calls: 3, usd: 3 });
    expect(history.map(({ stage }) => stage)).toEqual([
      "best_of_n.predict",
      "best_of_n.predict",
      "best_of_n.predict",
      "best_of_n",
    ]);
  });

  test("its n is the configuration's, and its attempts differ from those of other rollouts", async () => {
    const model = scriptedModel(() => answer("a"));
    const stage = bestOfN({ n: 3, score: length });
    await run(stage, model, { overrides: { "best_of_n.n": 2 }, rollout: 5 });
    expect(model.calls.map(({ rollout }) => rollout)).toEqual([10, 11]);
    await expect(run(stage, model, { overrides: { "best_of_n.n": 0 } })).rejects.toThrow(
      "configuration best_of_n.n: expected a whole number from 1 to 100, got 0",
    );
    expect(asks(stage).configuration).toEqual({ "best_of_n.n": 3 });
  });

  test("with n = 1 it is the stage alone", async () => {
    const model = scriptedModel(() => answer("a"));
    await run(bestOfN({ n: 1, score: length }), model);
    await execute(asks({ module: "predict" }), { question: "?" }, { model });
    expect(model.calls[0]).toEqual(model.calls[1]);
  });

  test("tries the stage that it is given, with the settings said to it or to all of it", async () => {
    const model = scriptedModel(() => `[[ ## reasoning ## ]]\nr\n${answer("a")}`);
    const stage = bestOfN({ n: 2, score: length, stage: chainOfThought() });
    const overrides = { "best_of_n.temperature": 0.7, "best_of_n.chain_of_thought.maxTokens": 9 };
    const { history } = await run(stage, model, { overrides });
    expect(model.calls).toMatchObject(Array(2).fill({ temperature: 0.7, maxTokens: 9 }));
    expect(history.at(-1)?.outputs).toEqual({ reasoning: "r", answer: "a" });
  });

  test("no more attempts run at once than told", async () => {
    let [running, most] = [0, 0];
    const model = scriptedModel(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return answer("a");
    });
    await run(bestOfN({ n: 7, score: length, concurrency: 2 }), model);
    expect([most, model.calls.length]).toEqual([2, 7]);
  });

  test("an attempt that fails is out, and is paid for", async () => {
    const { outputs, usage } = await run(bestOfN({ n: 3, score: length }), answers("aa", "", "b"));
    expect(outputs).toEqual({ answer: "aa" });
    expect(usage.calls).toBe(4);
  });

  test("when all fail, the first failure is the stage's, with the spending of all", async () => {
    const failed = await run(bestOfN({ n: 3, score: length }), answers("", "", "")).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ProgramError);
    expect(failed).toMatchObject({ code: "unusable_reply", stage: "best_of_n.predict", usage: { calls: 6, usd: 6 } });
  });

  test("a score that throws fails the stage with the spending; one that is no number is misuse", async () => {
    const score = (): number => {
      throw new Error("no scale");
    };
    const failed = await run(bestOfN({ n: 2, score }), answers("a", "b")).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "stage_failed", stage: "best_of_n", usage: { calls: 2 } });
    await expect(run(bestOfN({ n: 2, score: () => Number.NaN }), answers("a", "b"))).rejects.toThrow(UsageError);
    expect(() => bestOfN({ score: 3 as never })).toThrow(
      "bestOfN.score: expected a function of outputs and inputs, got 3",
    );
  });

  test("aborts with its caller", async () => {
    const controller = new AbortController();
    const model = scriptedModel(() => (controller.abort(new Error("enough")), new Promise(() => {})));
    await expect(run(bestOfN({ score: length }), model, { signal: controller.signal })).rejects.toThrow("enough");
  });

  test("without the code the error says where it comes from", async () => {
    const stage = bestOfN({ score: length });
    const stored = JSON.parse(JSON.stringify(asks(stage))) as ReturnType<typeof asks>;
    expect(stored.pipeline).toEqual([
      { id: "best_of_n", module: "best_of_n", stages: [{ id: "predict", module: "predict" }] },
    ]);
    await expect(execute(stored, { question: "?" })).rejects.toThrow("tutti/programs/modules");
    const { outputs } = await execute(stored, { question: "?" }, { model: answers("a", "bb", "c"), modules: [stage] });
    expect(outputs).toEqual({ answer: "bb" });
  });

  test("a bare name in a pipeline tries predict", async () => {
    const named = program({ name: "named", signature: qa, pipeline: ["bestOfN"] });
    const { history } = await execute(
      named,
      { question: "?" },
      { model: answers("a", "b", "c"), modules: [bestOfN({ score: length })] },
    );
    expect(history[0]?.stage).toBe("bestOfN.predict");
  });

  test("offers its n, and the settings of the stage inside it", () => {
    const stage = bestOfN({ n: 12, score: length });
    const { variables } = standardSpace(asks(stage), { modules: [stage], settings: ["n", "temperature"] });
    expect(Object.values(variables)).toMatchObject([
      { name: "best_of_n.n", min: 1, max: 12, default: 12 },
      { name: "best_of_n.predict.temperature" },
    ]);
  });
});

describe("refine", () => {
  const lastPrompt = (model: ScriptedModel, call: number): string => model.calls[call]?.messages.at(-1)?.content ?? "";
  const score = (outputs: Readonly<Record<string, unknown>>): { score: number; feedback: string } => ({
    score: length(outputs),
    feedback: "Make it longer.",
  });

  test("shows the score and its feedback to the next attempt, until one is good enough", async () => {
    const model = answers("a", "bbb", "never asked");
    const { outputs, usage } = await run(refine({ n: 3, threshold: 3, score }), model);
    expect(outputs).toEqual({ answer: "bbb" });
    expect(usage.calls).toBe(2);
    expect(lastPrompt(model, 0)).not.toContain("feedback");
    expect(lastPrompt(model, 1)).toContain('{"answer":"a"}');
    expect(lastPrompt(model, 1)).toContain("It scored 1; at least 3 is wanted. Make it longer.");
    expect(model.calls.map(({ rollout }) => rollout)).toEqual([undefined, 1]);
  });

  test("gives the best after n; of equal ones the first", async () => {
    const stage = refine({ n: 4, threshold: 9, score });
    expect((await run(stage, answers("a", "ccc", "ddd", "b"))).outputs).toEqual({ answer: "ccc" });
    const model = answers("a");
    await run(stage, model, { overrides: { "refine.n": 1 } });
    expect(model.calls.length).toBe(1);
  });

  test("goes on past an attempt that fails; when all do, that is its failure", async () => {
    const stage = refine({ n: 3, threshold: 9, score });
    const { outputs, usage } = await run(stage, answers("aa", "", "b"));
    expect([outputs, usage.calls]).toEqual([{ answer: "aa" }, 4]);
    await expect(run(stage, answers("", "", ""))).rejects.toMatchObject({ usage: { calls: 6 } });
  });

  test("keeps the signature's assertions for every attempt", async () => {
    const short = signature("question -> answer", {
      ensure: [ensure<{ answer: string }, object>((outputs) => outputs.answer !== "bbb", "anything but bbb")],
    });
    const stage = refine({ n: 2, threshold: 9, score });
    const target = program({ name: "short", signature: short, pipeline: [stage] });
    const model = scriptedModel([answer("a"), answer("bbb"), answer("cc")]);
    const { outputs } = await execute(target, { question: "?" }, { model, modules: [stage] });
    expect(outputs).toEqual({ answer: "cc" });
  });

  test("needs a threshold", () => {
    expect(() => refine({ score, threshold: undefined as never })).toThrow(
      "refine.threshold: expected a number, got nothing",
    );
  });
});

describe("majority", () => {
  const voted = async (texts: readonly string[], options: Parameters<typeof majority>[0] = {}): Promise<string> =>
    (await run(majority({ n: texts.length, ...options }), answers(...texts))).outputs.answer;

  test.each([
    ["the most frequent answer", ["a", "b", "b"], "b"],
    ["the first of answers with as many votes", ["a", "b", "b", "a"], "a"],
    ["the first where all differ", ["c", "b", "a"], "c"],
    ["the only one with n = 1", ["a"], "a"],
    ["the votes of those that could be read", ["", "b", "a", "", "a"], "a"],
  ])("takes %s", async (_, texts, expected) => {
    expect(await voted(texts)).toBe(expected);
  });

  test("votes on all outputs at once, or on each by itself", async () => {
    const two = signature("question -> x: int, y: list[int]");
    const replies = [
      [1, 1],
      [1, 2],
      [2, 2],
      [3, 3],
      [3, 3],
    ];
    const model = scriptedModel(({ rollout = 0 }) => {
      const [x, y] = replies[rollout] ?? [];
      return `[[ ## x ## ]]\n${x}\n[[ ## y ## ]]\n[${y}]`;
    });
    const stage = majority({ n: 5 });
    const target = program({ name: "two", signature: two, pipeline: [stage] });
    const vote = async (by: string): Promise<unknown> =>
      (await execute(target, { question: "?" }, { model, modules: [stage], overrides: { "majority.vote": by } }))
        .outputs;
    expect(await vote("outputs")).toEqual({ x: 3, y: [3] });
    expect(await vote("fields")).toEqual({ x: 1, y: [2] });
    await expect(vote("weights")).rejects.toThrow("configuration majority.vote: expected one of outputs, fields");
  });

  test("when all fail, the spending of all is told", async () => {
    await expect(voted(["", ""])).rejects.toMatchObject({ code: "unusable_reply", usage: { calls: 4 } });
  });

  test("two of them inside one another keep their settings and their rollouts apart", async () => {
    const inner = majority({ n: 2, name: "inner" });
    const outer = majority({ n: 3, stage: inner });
    const model = scriptedModel(() => answer("a"));
    const { usage } = await execute(asks(outer), { question: "?" }, { model, modules: [outer, inner] });
    expect(usage.calls).toBe(6);
    expect(new Set(model.calls.map(({ rollout = 0 }) => rollout)).size).toBe(6);
  });

  test("a setting of the one around is none of the one inside that reads the same name", async () => {
    const outer = majority({ n: 2, stage: { module: "majority", id: "inner", stages: ["predict"] } });
    const model = scriptedModel(() => answer("a"));
    // The module's own n is 2 in either place; the configuration's is the outer one's.
    const { usage } = await run(outer, model, { overrides: { "majority.n": 5 } });
    expect(usage.calls).toBe(5 * 2);
  });

  test("a module that would be inside itself without end is refused", async () => {
    const endless = majority({ stage: { module: "majority", id: "inner" } });
    const named = program({ name: "named", signature: qa, pipeline: ["majority"] });
    const run = execute(named, { question: "?" }, { modules: [endless] });
    await expect(run).rejects.toThrow(
      new UsageError("stage majority.inner: the module majority is inside itself. Tell the stages inside this one"),
    );
  });

  test("the usual stages inside two of them have settings of their own", async () => {
    const stage = majority({ n: 1 });
    const two = program({ name: "two", signature: qa, pipeline: ["majority", { module: "majority", id: "second" }] });
    const model = scriptedModel(() => answer("a"));
    const overrides = { n: 1, "majority.predict.maxTokens": 1, "second.predict.maxTokens": 2 };
    for (const _ of [1, 2]) await execute(two, { question: "?" }, { model, modules: [stage], overrides });
    expect(model.calls.map(({ maxTokens }) => maxTokens)).toEqual([1, 2, 1, 2]);
  });
});
