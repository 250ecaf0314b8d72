import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { evaluate, exactMatch, execute, predict, program, ProgramError, signature } from "#programs";
import type { ModelRequest } from "#programs";
import { ensemble } from "#programs/modules";
import type { EnsembleOptions } from "#programs/modules";
import { scriptedModel } from "#testing";
import type { ScriptedModel } from "#testing";

const qa = program({ name: "qa", signature: signature("question -> answer, why"), configuration: { maxTokens: 50 } });

/** Answers with the two words of the instructions, or with nonsense where there are not two. */
function echo(): ScriptedModel {
  const instructions = ({ messages }: ModelRequest): readonly string[] =>
    (/say (\w+) (\w+)/.exec(messages.map(({ content }) => content).join("\n")) ?? []).slice(1);
  return scriptedModel((request) => {
    const [answer, why] = instructions(request);
    return answer === undefined ? "?" : `[[ ## answer ## ]]\n${answer}\n[[ ## why ## ]]\n${why}\n[[ ## completed ## ]]`;
  });
}

const saying = (...texts: string[]) => texts.map((text) => ({ "predict.instructions": text }));

function ask(texts: readonly string[], options: EnsembleOptions = {}, model: ScriptedModel = echo()) {
  const { program: all, modules } = ensemble(qa, saying(...texts), options);
  return execute(all, { question: "?" }, { model, modules });
}

describe("an ensemble", () => {
  test("answers what most of its members say, and pays for all", async () => {
    const { outputs, usage, history } = await ask(["say a x", "say b y", "say b y"]);
    expect(outputs).toEqual({ answer: "b", why: "y" });
    expect(usage.calls).toBe(3);
    expect(history.map(({ stage }) => stage)).toContain("ensemble.member_2.predict");
  });

  test("takes the first member's answer where as many say another", async () => {
    expect((await ask(["say a x", "say b y"])).outputs).toEqual({ answer: "a", why: "x" });
  });

  test("votes on every output by itself, or by a function of one's own", async () => {
    const texts = ["say a x", "say b y", "say a y"];
    expect((await ask(texts)).outputs).toEqual({ answer: "a", why: "x" });
    expect((await ask(texts, { reduce: "fields" })).outputs).toEqual({ answer: "a", why: "y" });
    const last = await ask(texts, { reduce: (answers) => answers.at(-1) as object as Record<string, unknown> });
    expect(last.outputs).toEqual({ answer: "a", why: "y" });
  });

  test("a member that fails has no vote; when all do, the first failure is the program's", async () => {
    const { outputs, usage } = await ask(["fail", "say b y", "fail"]);
    expect(outputs).toEqual({ answer: "b", why: "y" });
    expect(usage.calls).toBe(5);
    const failed = await ask(["fail", "fail"]).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ProgramError);
    expect((failed as ProgramError).usage.calls).toBe(4);
    expect((failed as ProgramError).message).toContain("ensemble.member_1.predict");
  });

  test("is plain data: stored and read it answers the same, and evaluates as any program", async () => {
    const { program: all, modules } = ensemble(qa, saying("say a x", "say a y"));
    const stored = JSON.parse(JSON.stringify(all)) as typeof all;
    expect(stored).toEqual(all);
    expect(all.configuration["ensemble.member_1.maxTokens"]).toBe(50);
    const model = echo();
    const examples = [{ inputs: { question: "?" }, expected: { answer: "a" } }];
    const { score } = await evaluate(stored, examples, exactMatch("answer"), { model, modules }).summary();
    expect(score).toBe(1);
    expect(model.calls.map(({ maxTokens }) => maxTokens)).toEqual([50, 50]);
  });

  test("a member is the whole pipeline: each of its stages hears what those before it gave", async () => {
    const two = program({
      name: "two",
      signature: signature("question -> answer"),
      pipeline: [
        predict({ id: "plan", signature: signature("question -> plan") }),
        predict({ id: "say", signature: signature("plan -> answer") }),
      ],
    });
    const model = scriptedModel(({ messages, temperature }) => {
      const asked = messages.at(-1)?.content ?? "";
      return asked.includes("made at")
        ? `[[ ## answer ## ]]\n${/made at \S+/.exec(asked)?.[0]}\n[[ ## completed ## ]]`
        : `[[ ## plan ## ]]\nmade at ${temperature}\n[[ ## completed ## ]]`;
    });
    const { program: all, modules } = ensemble(two, [{ "plan.temperature": 0.5 }, { temperature: 0.25 }]);
    const heard: unknown[] = [];
    const reduce: EnsembleOptions["reduce"] = (answers) => {
      heard.push(...answers);
      return answers[0] ?? {};
    };
    const own = ensemble(two, [{ "plan.temperature": 0.5 }, { temperature: 0.25 }], { reduce });
    expect((await execute(all, { question: "?" }, { model, modules })).outputs).toEqual({ answer: "made at 0.5" });
    await execute(own.program, { question: "?" }, { model, modules: own.modules });
    expect(heard).toEqual([{ answer: "made at 0.5" }, { answer: "made at 0.25" }]);
  });

  test("no configuration and an unknown way to reduce are refused", () => {
    expect(() => ensemble(qa, [])).toThrow(UsageError);
    expect(() => ensemble(qa, [{}], { reduce: "mean" as "fields" })).toThrow(UsageError);
  });
});
