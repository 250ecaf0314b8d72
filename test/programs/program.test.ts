import { describe, expect, expectTypeOf, test } from "vitest";
import { chainOfThought, predict, program, signature } from "#programs";
import type { Program, ProgramOptions } from "#programs";
import { UsageError } from "#foundation";

const qa = signature("question -> answer");

describe("a program", () => {
  test("R158: has the pipeline [predict] and an empty configuration unless told", () => {
    expect(program({ name: "qa", signature: qa })).toEqual({
      name: "qa",
      signature: qa,
      pipeline: [{ id: "predict", module: "predict" }],
      configuration: {},
    });
    expectTypeOf(program({ name: "qa", signature: qa })).toEqualTypeOf<
      Program<{ question: string }, { answer: string }>
    >();
  });

  test("numbers its stages from the second of a module on, around the ids that were chosen", () => {
    const ids = (pipeline: ProgramOptions<object, object>["pipeline"]): string[] =>
      program({ name: "p", signature: qa, ...(pipeline === undefined ? {} : { pipeline }) }).pipeline.map(
        ({ id }) => id,
      );
    expect(ids(["predict", "predict", "predict"])).toEqual(["predict", "predict_2", "predict_3"]);
    expect(ids([predict({ id: "predict_2" }), "predict", "predict"])).toEqual(["predict_2", "predict", "predict_3"]);
    expect(ids([chainOfThought(), predict({ id: "last" })])).toEqual(["chain_of_thought", "last"]);
  });

  test("spreads the settings of a stage over its paths and leaves other values as they are", () => {
    const { configuration } = program({
      name: "p",
      signature: qa,
      pipeline: [predict({ id: "ask" })],
      configuration: { ask: { temperature: 1, stopWords: ["a"] }, "ask.model": "m", predict: { a: 1 }, demos: [] },
    });
    expect(configuration).toEqual({
      "ask.temperature": 1,
      "ask.stopWords": ["a"],
      "ask.model": "m",
      predict: { a: 1 },
      demos: [],
    });
  });

  test("R163: is plain data", () => {
    const rich = program({
      name: "p",
      signature: qa,
      pipeline: [predict({ signature: qa })],
      configuration: { a: [1] },
    });
    expect(JSON.parse(JSON.stringify(rich))).toEqual(rich);
  });

  test("takes a configuration from JSON without letting it reach the prototype", () => {
    const foreign = JSON.parse('{"__proto__": {"temperature": 2}}') as { [path: string]: never };
    const { configuration } = program({ name: "p", signature: qa, configuration: foreign });
    expect(Object.getPrototypeOf(configuration)).toBe(Object.prototype);
    expect(configuration["temperature"]).toBeUndefined();
  });

  test.each<[options: object, message: string]>([
    [{ name: "" }, 'program.name: expected a name, got ""'],
    [{ name: undefined }, "program.name: expected a name, got nothing"],
    [{ signature: "a -> b" }, 'program p: expected signature(…) as its signature, got "a -> b"'],
    [{ pipeline: [] }, "program p.pipeline: expected at least one module, got a list of 0"],
    [{ pipeline: "predict" }, 'program p.pipeline: expected at least one module, got "predict"'],
    [{ pipeline: ["predict", 5] }, "program p.pipeline[1]: expected a module, got 5"],
    [
      { pipeline: ["predict", { module: "predict", id: "predict" }] },
      "program p.pipeline[1]: two stages have the id predict",
    ],
    [{ configuration: { f: () => 1 } }, "configuration: expected an object of JSON values, but f is a function f"],
    [{ configuration: [] }, "configuration: expected an object of JSON values, but a list of 0 came"],
  ])("with %o is refused", (options, message) => {
    expect(() => program({ name: "p", signature: qa, ...options })).toThrow(new UsageError(message));
  });
});
