import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { UsageError } from "#foundation";
import { ensure, execute, program, ProgramError, signature } from "#programs";
import { scriptedModel } from "#testing";

const reply = (answer: string): string => `[[ ## answer ## ]]\n${answer}\n[[ ## completed ## ]]`;

const short = ensure<{ answer: string }, { question: string }>(
  ({ answer }) => answer.length < 8,
  "an answer below 8 characters",
);

describe("an assertion", () => {
  const brief = program({ name: "brief", signature: signature("question -> answer", { ensure: [short] }) });

  test("is typed by the signature that it is written in", async () => {
    const typed = signature('question, tries: int -> answer, label: "a" | "b"', {
      ensure: [
        ensure((outputs, inputs) => {
          expectTypeOf(outputs).toEqualTypeOf<{ answer: string; label: "a" | "b" }>();
          expectTypeOf(inputs).toEqualTypeOf<{ question: string; tries: number }>();
          return inputs.tries > 0;
        }, "tries"),
      ],
    });
    expect(typed.outputs).toHaveLength(2);
    // @ts-expect-error no such output
    signature("question -> answer", { ensure: [ensure(({ anser }) => anser.length < 80, "short")] });
  });

  test("that does not hold is told to the model, which is asked again", async () => {
    const model = scriptedModel([reply("a very long answer"), reply("short")]);
    const { outputs, usage } = await execute(brief, { question: "?" }, { model });
    expect(outputs).toEqual({ answer: "short" });
    expect(usage.calls).toBe(2);
    expect(model.calls[1]?.messages.at(-1)?.content).toContain("expected an answer below 8 characters");
  });

  test("that never holds fails the program with its message", async () => {
    const run = execute(
      brief,
      { question: "?" },
      { model: scriptedModel([reply("much too long"), reply("too long again")]) },
    );
    await expect(run).rejects.toThrow(ProgramError);
    await expect(run).rejects.toThrow("an answer below 8 characters");
  });

  test("sees the inputs, and may take its time", async () => {
    const echo = signature("question -> answer", {
      ensure: [ensure(async ({ answer }, { question }) => answer !== question, "another text than the question")],
    });
    const model = scriptedModel([reply("why"), reply("because")]);
    const { outputs } = await execute(program({ name: "echo", signature: echo }), { question: "why" }, { model });
    expect(outputs.answer).toBe("because");
  });

  test("that throws does not hold, and the model is told what it threw", async () => {
    const strict = signature("question -> answer", {
      ensure: [
        ensure(({ answer }) => {
          if (answer === "bad") throw new Error("bad is no answer");
          return true;
        }, "a good answer"),
      ],
    });
    const model = scriptedModel([reply("bad"), reply("good")]);
    await execute(program({ name: "strict", signature: strict }), { question: "?" }, { model });
    expect(model.calls[1]?.messages.at(-1)?.content).toContain(
      "expected a good answer, got an error: bad is no answer",
    );
  });

  test("is held by a reasoning stage too, without seeing the reasoning", async () => {
    const seen: string[][] = [];
    const reasoned = program({
      name: "reasoned",
      signature: signature("question -> answer", {
        ensure: [ensure((outputs) => seen.push(Object.keys(outputs)) > 0, "anything")],
      }),
      pipeline: ["chain_of_thought"],
    });
    await execute(reasoned, { question: "?" }, { model: scriptedModel([`[[ ## reasoning ## ]]\nSo.\n${reply("x")}`]) });
    expect(new Set(seen.flat())).toEqual(new Set(["answer"]));
  });

  test("of a schema's signature sees what the schema gives out", async () => {
    const sized = signature(
      {
        input: z.object({ question: z.string() }),
        output: z.object({ answer: z.string().transform((text) => text.length) }),
      },
      { ensure: [ensure(({ answer }, { question }) => answer > question.length, "more characters than the question")] },
    );
    const model = scriptedModel([reply("a"), reply("abcd")]);
    const { outputs } = await execute(program({ name: "sized", signature: sized }), { question: "?" }, { model });
    expect(outputs).toEqual({ answer: 4 });
  });

  test("is not asked about what the schema refuses", async () => {
    const asked: string[] = [];
    const picky = signature(
      {
        input: z.object({ question: z.string() }),
        output: z.object({ answer: z.string().refine((text) => text !== "no") }),
      },
      { ensure: [ensure(({ answer }) => asked.push(answer) > 0, "anything")] },
    );
    const model = scriptedModel([reply("no"), reply("yes")]);
    await execute(program({ name: "picky", signature: picky }), { question: "?" }, { model });
    expect(new Set(asked)).toEqual(new Set(["yes"]));
    expect(model.calls[1]?.messages.at(-1)?.content).not.toContain("anything");
  });

  test("stays where the signature lives: its JSON is the plain data", () => {
    expect(JSON.stringify(brief.signature)).toBe(JSON.stringify(signature("question -> answer")));
  });

  test("that is none is refused", () => {
    expect(() => ensure("short" as never, "short")).toThrow(UsageError);
    expect(() => ensure(() => true, " ")).toThrow("ensure: expected a message");
    expect(() => signature("a -> b", { ensure: [{}] as never })).toThrow("signature.ensure[0]: expected ensure(…)");
    expect(() => signature("a -> b", { ensure: short as never })).toThrow("signature.ensure: expected a list");
  });
});
