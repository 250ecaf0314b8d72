import { expect, test } from "vitest";
import { ModelError, noUsage } from "#programs";
import type { LanguageModel, ModelRequest } from "#programs";
import { withKeyHint } from "../../../src/cli/code/key-hint.ts";
import { watchedModel } from "../../../src/cli/code/watched-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

class Model implements LanguageModel {
  readonly id = "own";
  #key = "good";

  refuseKey(): void {
    this.#key = "bad";
  }

  #ask(): void {
    if (this.#key === "bad") throw new ModelError("unauthorized", "own: 401");
  }

  async generate(): ReturnType<LanguageModel["generate"]> {
    this.#ask();
    return { text: "ab", finishReason: "stop", usage: noUsage };
  }

  async *stream(): ReturnType<NonNullable<LanguageModel["stream"]>> {
    this.#ask();
    yield { type: "text", text: "a" };
    yield { type: "text", text: "b" };
    yield { type: "reply", reply: await this.generate() };
  }

  async embed(): ReturnType<NonNullable<LanguageModel["embed"]>> {
    this.#ask();
    return { vectors: [[1]], usage: noUsage };
  }
}

/** A call of each verb. */
function calls(model: LanguageModel): readonly (() => Promise<unknown>)[] {
  const streamed = async (): Promise<string> => {
    let text = "";
    for await (const chunk of model.stream?.(request) ?? []) text += chunk.type === "text" ? chunk.text : "!";
    return text;
  };
  return [async () => model.generate(request), streamed, async () => model.embed?.(["a"])];
}

test("a model with a hint about its key keeps all its verbs, and hints in each", async () => {
  const model = new Model();
  const hinting = calls(withKeyHint(model, "set KEY"));
  const answers = await Promise.all(hinting.map((call) => call()));
  expect(answers).toMatchObject([{ text: "ab" }, "ab!", { vectors: [[1]] }]);
  model.refuseKey();
  for (const call of hinting)
    await expect(call()).rejects.toMatchObject({ code: "unauthorized", message: "own: 401\nset KEY" });
});

test("a watched model counts the calls under way, streams included", async () => {
  const watched = watchedModel(new Model());
  for await (const chunk of watched.model.stream?.(request) ?? []) {
    expect(watched.underWay()).toBe(1);
    if (chunk.type === "text") break;
  }
  expect(watched.underWay()).toBe(0);
});

test.each([0, 1, 2])("a watched model tells when the key is refused, whatever was asked (%i)", async (verb) => {
  const model = new Model();
  const watched = watchedModel(model);
  const call = calls(watched.model)[verb];
  await call?.();
  expect(watched.keyRefused.aborted).toBe(false);
  model.refuseKey();
  await expect(call?.()).rejects.toMatchObject({ code: "unauthorized" });
  expect(watched.keyRefused.aborted).toBe(true);
});
