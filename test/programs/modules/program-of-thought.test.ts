import { afterAll, describe, expect, test } from "vitest";
import { Sandbox } from "#foundation/sandbox";
import { ensure, execute, program, ProgramError, signature } from "#programs";
import type { Execution } from "#programs";
import { programOfThought } from "#programs/modules";
import type { ProgramOfThoughtOptions } from "#programs/modules";
import { scriptedModel } from "#testing";
import type { ScriptedModel } from "#testing";

const sandbox = new Sandbox({ timeoutMs: 1000 });
afterAll(() => sandbox[Symbol.asyncDispose]());

const writes = (...programs: string[]): ScriptedModel =>
  scriptedModel(
    programs.map((source) => `[[ ## program ## ]]\n${source}\n[[ ## completed ## ]]`),
    {
      usage: { inputTokens: 10, usd: 1 },
    },
  );
const sums = signature("numbers: list[int] -> sum: int, even: bool");

function run(
  model: ScriptedModel,
  options: Partial<ProgramOfThoughtOptions> = {},
): Promise<Execution<{ sum: number; even: boolean }>> {
  const stage = programOfThought({ sandbox, ...options });
  const target = program({ name: "sums", signature: sums, pipeline: [stage] });
  return execute(target, { numbers: [1, 2, 4] }, { model, modules: [stage] });
}

const good =
  "({ numbers }) => { const sum = numbers.reduce((a, b) => a + b, 0); return { sum, even: sum % 2 === 0 }; }";
const shown = (model: ScriptedModel, call: number): string => model.calls[call]?.messages.at(-1)?.content ?? "";

describe("a program that the model writes", () => {
  test("is run on the inputs and gives the outputs; it is in the history", async () => {
    const model = writes(good);
    const { outputs, history, usage } = await run(model);
    expect(outputs).toEqual({ sum: 7, even: false });
    expect(history[0]?.outputs["program"]).toBe(good);
    expect(usage).toMatchObject({ calls: 1, usd: 1 });
    expect(model.calls[0]?.messages[0]?.content).toContain(
      "It takes one object {numbers: list of int} and returns one object {sum: int, even: bool}",
    );
  });

  test("may stand in a fence, and its values are read as the outputs want them", async () => {
    const { outputs } = await run(writes('```js\n() => ({ sum: "7", even: "no", more: 1 });\n```'));
    expect(outputs).toEqual({ sum: 7, even: false });
  });

  test.each([
    ["a mistake in the language", "({ numbers }) => {", "bad_source"],
    ["an error", "() => { throw new Error('no sum') }", "no sum"],
    ["a loop without end", "() => { for (;;) {} }", "timeout"],
    ["something that is no JSON", "() => 10n", "not_json"],
    ["a list", "() => [1]", "it gave a list of 1, not an object with the outputs"],
    ["other outputs", "() => ({ sum: 1.5, even: true })", "sum: expected int, got 1.5"],
    ["a way out", "() => process.exit()", "process is not defined"],
    ["an import", "() => import('node:fs')", "import is not available"],
  ])("that has %s is shown with what was wrong, and mended", async (_, source, problem) => {
    const model = writes(source, good);
    const { outputs, usage } = await run(model, { timeoutMs: 200 });
    expect([outputs.sum, usage.calls]).toEqual([7, 2]);
    expect(shown(model, 1)).toContain(source);
    expect(shown(model, 1)).toContain(problem);
  });

  test("that is never mended is the stage's failure after the repairs, with the spending of all", async () => {
    const bad = "() => { throw new Error('no sum') }";
    const failed = await run(writes(bad, bad, bad)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ProgramError);
    expect(failed).toMatchObject({
      code: "unusable_reply",
      stage: "program_of_thought",
      raw: bad,
      usage: { calls: 3, usd: 3 },
    });
    expect((failed as Error).message).toContain("none of 3 programs gave the outputs: threw: ");
    await expect(run(writes(bad), { maxRepairs: 0 })).rejects.toThrow("the program did not give the outputs");
  });
});

test("a value alone will do for one output, and the signature's assertions hold", async () => {
  const one = signature("n: int -> double: int", {
    ensure: [ensure<{ double: number }, { n: number }>(({ double }, { n }) => double === 2 * n, "twice n")],
  });
  const stage = programOfThought({ sandbox });
  const target = program({ name: "one", signature: one, pipeline: [stage] });
  const model = writes("({ n }) => n + 1", "({ n }) => n * 2");
  const { outputs } = await execute(target, { n: 4 }, { model, modules: [stage] });
  expect(outputs).toEqual({ double: 8 });
  expect(shown(model, 1)).toContain("expected twice n");
});

test("the caller's abort reaches the sandbox", async () => {
  const controller = new AbortController();
  let signal: AbortSignal | undefined;
  const hanging: ProgramOfThoughtOptions["sandbox"] = {
    run: (_, options) => {
      ({ signal } = options);
      controller.abort(new Error("enough"));
      return new Promise(() => {});
    },
  };
  const stage = programOfThought({ sandbox: hanging });
  const target = program({ name: "sums", signature: sums, pipeline: [stage] });
  const run = execute(target, { numbers: [1] }, { model: writes(good), modules: [stage], signal: controller.signal });
  await expect(run).rejects.toThrow("enough");
  expect(signal?.aborted).toBe(true);
});

test("nothing is run without a sandbox", () => {
  expect(() => programOfThought({} as never)).toThrow("programOfThought.sandbox: expected a Sandbox, got nothing");
});
