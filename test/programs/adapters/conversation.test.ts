import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { execute, program, signature } from "#programs";
import type { Message, ModelSupport, Program } from "#programs";
import { scriptedModel } from "#testing";

const adapters = ["chat", "json", "xml"] as const;
const answers = {
  chat: "[[ ## answer ## ]]\nyes\n[[ ## completed ## ]]",
  json: '{"answer":"yes"}',
  xml: "<answer>yes</answer>",
};

/** The messages of one call. */
async function asked<I extends object, O extends object>(
  source: Program<I, O>,
  inputs: I,
  adapter: (typeof adapters)[number],
  supports?: ModelSupport,
): Promise<readonly Message[]> {
  const model = scriptedModel([answers[adapter]]);
  await execute(source, inputs, {
    model: supports === undefined ? model : { ...model, supports },
    overrides: { adapter },
  });
  return model.calls[0]?.messages ?? [];
}

describe.each(adapters)("a conversation so far, by the %s adapter", (adapter) => {
  const demos = [{ inputs: { question: "demo?" }, outputs: { answer: "yes" } }];
  const talk = program({
    name: "talk",
    signature: signature("history: history, question -> answer", { instructions: "Talk." }),
    configuration: { demos },
  });

  test("is turns in the form of questions and answers, after the demos and before the question", async () => {
    const history = [{ question: "demo?", answer: "yes" }, { question: "and now?" }, { answer: "yes" }];
    const messages = await asked(talk, { history, question: "last?" }, adapter);
    const [system, demo, demoAnswer, turn, turnAnswer, halfTurn, halfAnswer, question, ...rest] = messages;
    expect(rest).toEqual([]);
    expect(system?.content).not.toContain("history");
    expect([turn, turnAnswer]).toEqual([demo, demoAnswer]);
    expect(turnAnswer).toEqual({ role: "assistant", content: answers[adapter] });
    expect(halfAnswer).toEqual(turnAnswer);
    expect([halfTurn?.role, question?.role]).toEqual(["user", "user"]);
    expect(halfTurn?.content).toContain("and now?");
    expect(question?.content).toContain("last?");
    expect(question?.content).not.toContain("history");
    expect(question?.content).not.toContain("now");
  });

  test("that has not begun is none", async () => {
    expect(await asked(talk, { history: [], question: "last?" }, adapter)).toHaveLength(4);
  });
});

describe.each(adapters)("images and files, by the %s adapter", (adapter) => {
  const look = program({
    name: "look",
    signature: signature("photo: image, more?: list[image], doc?: file, question -> answer"),
  });
  const photo = "https://example.com/cat.png";

  test("are attached, and referred to in the text by number", async () => {
    const more = [{ data: "aGk=", mediaType: "image/jpeg" }, "data:image/png;base64,aGk="];
    const doc = { url: "https://example.com/a.pdf", filename: "a.pdf" };
    const message = (await asked(look, { photo, more, doc, question: "what?" }, adapter)).at(-1);
    expect(message?.attachments).toEqual([
      { kind: "image", mediaType: "image/png", url: photo },
      { kind: "image", mediaType: "image/jpeg", data: "aGk=" },
      { kind: "image", mediaType: "image/png", data: "aGk=" },
      { kind: "file", mediaType: "application/pdf", url: "https://example.com/a.pdf", filename: "a.pdf" },
    ]);
    const references = [...(message?.content.matchAll(/\(attached \w+ \d\)/g) ?? [])].map(([text]) => text);
    const images = ["(attached image 1)", "(attached image 2)", "(attached image 3)"];
    expect(references).toEqual([...images, "(attached file 1)"]);
    expect(message?.content).not.toContain("aGk=");
    expect(message?.content).not.toContain("example.com");
  });

  test("of demonstrations belong to their message", async () => {
    const demos = [{ inputs: { photo, question: "demo?" }, outputs: { answer: "yes" } }];
    const messages = await asked({ ...look, configuration: { demos } }, { photo, question: "what?" }, adapter);
    expect(messages.map(({ attachments = [] }) => attachments.length)).toEqual([0, 1, 0, 1]);
    expect(messages[1]?.content).toContain("(attached image 1)");
  });

  test("that are not there leave the message as it is", async () => {
    const optional = program({ name: "o", signature: signature("photo?: image, question -> answer") });
    const messages = await asked(optional, { question: "what?" }, adapter, { images: false });
    expect(messages.at(-1)).not.toHaveProperty("attachments");
  });

  test("are refused, before it is asked, where a model is known not to take them", async () => {
    const model = scriptedModel([]);
    const doc = "https://example.com/a.pdf";
    const run = (supports: ModelSupport): Promise<unknown> =>
      execute(look, { photo, doc, question: "?" }, { model: { ...model, supports }, overrides: { adapter } });
    await expect(run({ images: false })).rejects.toThrow(
      new UsageError("stage predict: model scripted takes no images, and the inputs have one"),
    );
    await expect(run({ images: true, files: false })).rejects.toThrow("takes no files, and the inputs have one");
    expect(model.calls).toEqual([]);
    expect(await asked(look, { photo, question: "?" }, adapter, { images: true, files: false })).toHaveLength(2);
  });
});

test("the usual instructions speak of the case, not of the turns before it", () => {
  expect(signature("history: history, question -> answer, mood").instructions).toBe(
    "Given question, produce answer, mood.",
  );
  expect(signature("history: history -> answer").instructions).toBe("Produce answer.");
});
