import { describe, expect, test } from "vitest";
import { execute, module, program, ProgramError, signature } from "#programs";
import type { StageCall } from "#programs";
import { UsageError } from "#foundation";
import { scriptedModel } from "#testing";

const upper = signature("word -> loud");
const shouting = (name: string): ReturnType<typeof program<{ word: string }, { loud: string }>> =>
  program({ name: "p", signature: upper, pipeline: [name], configuration: { times: 2, "shout.times": 3 } });

describe("a module from a function", () => {
  test("turns the context into outputs, at once or later", async () => {
    const now = module("shout", ({ inputs }) => ({ loud: String(inputs["word"]).toUpperCase() }));
    const later = module("shout", async ({ inputs }) => ({ loud: String(inputs["word"]).toUpperCase() }));
    for (const own of [now, later])
      expect((await execute(shouting("shout"), { word: "a" }, { modules: [own] })).outputs).toEqual({ loud: "A" });
  });

  test("learns its id, signature, settings, rollout, signal and model", async () => {
    let seen: StageCall | undefined;
    const look = module("shout", (_context, stage) => ((seen = stage), { loud: "" }));
    const { signal } = new AbortController();
    const model = scriptedModel([]);
    await execute(shouting("shout"), { word: "a" }, { modules: [look], signal, rollout: 4, model });
    expect(seen).toMatchObject({ id: "shout", signature: upper, signal, rollout: 4 });
    expect([seen?.setting("times"), seen?.setting("volume")]).toEqual([3, undefined]);
    expect(seen?.model()).toBe(model);
  });

  test("has no setting that only every object has", async () => {
    const look = module("shout", (_context, stage) => ({ loud: String(stage.setting("constructor")) }));
    expect((await execute(shouting("shout"), { word: "a" }, { modules: [look] })).outputs).toEqual({
      loud: "undefined",
    });
  });

  test("that throws fails its stage with the error as cause", async () => {
    const error = new Error("no voice");
    const broken = module("shout", () => {
      throw error;
    });
    const run = execute(shouting("shout"), { word: "a" }, { modules: [broken] });
    await expect(run).rejects.toMatchObject({
      code: "stage_failed",
      message: "stage shout failed: no voice",
      cause: error,
    });
    await expect(run).rejects.toBeInstanceOf(ProgramError);
  });

  test("that gives no outputs is its author's mistake", async () => {
    const silent = module("shout", () => undefined as unknown as object as Record<string, unknown>);
    await expect(execute(shouting("shout"), { word: "a" }, { modules: [silent] })).rejects.toThrow(
      new UsageError("module shout: expected an object of outputs, got nothing"),
    );
  });

  test("has a name", () => {
    expect(() => module("", () => ({}))).toThrow(new UsageError('module: expected a name, got ""'));
  });
});
