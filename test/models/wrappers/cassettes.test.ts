import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { UsageError } from "#foundation";
import { cassette, cassetteFile, recorded, replayed } from "#models/wrappers";
import { ModelError } from "#programs";
import type { LanguageModel, ModelChunk, ModelRequest } from "#programs";
import { talkingModel } from "../fixtures/talking-model.ts";

const ask = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [
    { role: "system", content: "Answer in one short sentence, and be kind to whoever asks." },
    { role: "user", content },
  ],
  ...more,
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tutti-cassette-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function chunksOf(model: LanguageModel, request: ModelRequest): Promise<ModelChunk[]> {
  const chunks: ModelChunk[] = [];
  for await (const chunk of model.stream?.(request) ?? []) chunks.push(chunk);
  return chunks;
}

describe("what was recorded is replayed", () => {
  test("with the n-th answer for the n-th time, in any order of the requests", async () => {
    const tape = cassette();
    const model = recorded(
      talkingModel((_, index) => `answer ${index}`),
      tape,
    );
    for (const word of ["a", "b", "a"]) await model.generate(ask(word));
    const replay = replayed(cassette(JSON.parse(JSON.stringify(tape))));
    expect(replay.id).toBe("talking");
    const texts = [];
    for (const word of ["a", "a", "b"]) texts.push((await replay.generate(ask(word))).text);
    expect(texts).toEqual(["answer 0", "answer 2", "answer 1"]);
  });

  test("with failures, as they were", async () => {
    const tape = cassette();
    const limit = new ModelError("rate_limited", "slow down", { retryable: true, retryAfterMs: 700 });
    const model = recorded(
      talkingModel(() => {
        throw limit;
      }),
      tape,
    );
    await expect(model.generate(ask("a"))).rejects.toBe(limit);
    await expect(replayed(tape).generate(ask("a"))).rejects.toMatchObject({
      code: "rate_limited",
      message: "slow down",
      retryable: true,
      retryAfterMs: 700,
    });
  });

  test("with the pieces of a stream, and the vectors of texts", async () => {
    const tape = cassette();
    const model = recorded(talkingModel(), tape);
    const chunks = await chunksOf(model, ask("a"));
    const vectors = await model.embed?.(["x", "yy"]);
    const replay = replayed(tape);
    expect(await chunksOf(replay, ask("a"))).toEqual(chunks);
    expect(await replay.embed?.(["x", "yy"])).toEqual(vectors);
  });

  test("with calls at once in the order in which they began", async () => {
    const tape = cassette();
    const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const model = recorded(
      talkingModel((_, index) => gates[index]?.promise ?? ""),
      tape,
    );
    const answers = [model.generate(ask("a")), model.generate(ask("a"))];
    gates[1]?.resolve("second");
    await answers[1];
    gates[0]?.resolve("first");
    await answers[0];
    const replay = replayed(tape);
    expect([(await replay.generate(ask("a"))).text, (await replay.generate(ask("a"))).text]).toEqual([
      "first",
      "second",
    ]);
  });

  test("with later recordings of the same after the earlier ones", async () => {
    const tape = cassette();
    for (const text of ["first", "second", "third"])
      await recorded(
        talkingModel(() => text),
        tape,
      ).generate(ask("a"));
    expect(tape.recordings.map(({ repetition }) => repetition)).toEqual([0, 1, 2]);
    const replay = replayed(cassette(JSON.parse(JSON.stringify(tape))));
    const texts = [];
    for (let time = 0; time < 3; time++) texts.push((await replay.generate(ask("a"))).text);
    expect(texts).toEqual(["first", "second", "third"]);
  });

  test("but not what its caller aborted", async () => {
    const tape = cassette();
    await recorded(talkingModel(), tape)
      .generate(ask("a"), { signal: AbortSignal.abort() })
      .catch(() => {});
    for await (const _ of recorded(talkingModel(), tape).stream?.(ask("a")) ?? []) break;
    expect(tape.recordings).toEqual([]);
  });
});

describe("what was not recorded", () => {
  const tape = cassette();
  const model = recorded(talkingModel(), tape);

  test("is refused with what differs from the nearest recording", async () => {
    await model.generate(ask("What is the capital of Switzerland?", { temperature: 0 }));
    await model.generate(ask("Name a fruit.", { temperature: 1, maxTokens: 5 }));
    const asked = replayed(tape).generate(ask("What is the capital of Sweden?", { temperature: 0, rollout: 2 }));
    await expect(asked).rejects.toBeInstanceOf(UsageError);
    await expect(asked).rejects.toThrow(
      [
        'cassette of talking: not recorded: "What is the capital of Sweden?". The nearest recording differs:',
        "  - rollout: recorded 0, asked 2",
        '  - messages[1].content: recorded …"is the capital of Switzerland?", asked …"is the capital of Sweden?"',
      ].join("\n"),
    );
  });

  test("so often is refused too, or, if that is wished, answered as the last time", async () => {
    await replayed(tape).generate(ask("Name a fruit.", { temperature: 1, maxTokens: 5 }));
    const strict = replayed(tape);
    const loose = replayed(tape, { strict: false });
    const again = ask("Name a fruit.", { temperature: 1, maxTokens: 5 });
    await strict.generate(again);
    await expect(strict.generate(again)).rejects.toThrow(/recorded 1 times, asked once more: "Name a fruit\."/);
    const first = await loose.generate(again);
    expect(await loose.generate(again)).toEqual(first);
  });

  test("by this model is refused, and with several models one must be named", async () => {
    const mixed = cassette();
    await recorded(
      talkingModel(() => "from a", { id: "a" }),
      mixed,
    ).generate(ask("x"));
    await recorded(
      talkingModel(() => "from b", { id: "b" }),
      mixed,
    ).generate(ask("x"));
    expect(() => replayed(mixed)).toThrow(/the cassette has a, b/);
    expect(() => replayed(cassette())).toThrow(/the cassette has none/);
    expect((await replayed(mixed, { id: "b" }).generate(ask("x"))).text).toBe("from b");
    await expect(replayed(mixed, { id: "c" }).generate(ask("x"))).rejects.toThrow(/nothing is recorded/);
  });
});

describe("a cassette in a file", () => {
  test("has every recording when its call has ended, and is read back", async () => {
    const path = join(await temporaryFolder(), "tape.json");
    const model = recorded(talkingModel(), await cassetteFile(path));
    await Promise.all(["a", "b", "c"].map((word) => model.generate(ask(word))));
    const replay = replayed(await cassetteFile(path));
    expect((await replay.generate(ask("b"))).text).toBe("you said b");
    await recorded(talkingModel(), await cassetteFile(path)).generate(ask("d"));
    expect((await cassetteFile(path)).recordings).toHaveLength(4);
    expect(await readdir(join(path, ".."))).toEqual(["tape.json"]);
  });

  test("is the same file whatever the order of the calls", async () => {
    const folder = await temporaryFolder();
    const write = async (name: string, words: readonly string[]): Promise<string> => {
      const model = recorded(talkingModel(), await cassetteFile(join(folder, name)));
      for (const word of words) await model.generate(ask(word));
      return readFile(join(folder, name), "utf8");
    };
    expect(await write("one.json", ["a", "b", "c"])).toBe(await write("two.json", ["c", "a", "b"]));
  });

  test.each([
    ["text", "not json at all", /not JSON/],
    ["other JSON", '{"version": 2}', /expected \{ version: 1, recordings \}/],
    [
      "a recording without an answer",
      '{"version": 1, "recordings": [{"key": "k"}]}',
      /recordings\[0\] is no recording/,
    ],
  ])("that holds %s is refused", async (_, text, message) => {
    const path = join(await temporaryFolder(), "tape.json");
    await writeFile(path, text);
    await expect(cassetteFile(path)).rejects.toThrow(UsageError);
    await expect(cassetteFile(path)).rejects.toThrow(message);
  });
});

test("a cassette holds neither keys of the environment nor what looks like one, wherever they stood", async () => {
  const key = "planted_key_of_the_environment";
  const shaped = "sk-proj-0123456789abcdefghij";
  vi.stubEnv("SOMEBODYS_API_KEY", key);
  onTestFinished(() => void vi.unstubAllEnvs());
  const tape = cassette();
  const model = recorded(
    talkingModel(({ messages }) => {
      if (messages[1]?.content === "fail") throw new ModelError("unauthorized", `no: ${key} ${shaped}`);
      return `the keys are ${key} and ${shaped}`;
    }),
    tape,
  );
  await model.generate(ask(`use ${key} or ${shaped}`));
  await model.generate(ask("fail")).catch(() => {});
  expect(JSON.stringify(tape)).not.toContain(key);
  expect(JSON.stringify(tape)).not.toContain(shaped);
  // It is found by the hash of what was asked in truth.
  expect((await replayed(tape).generate(ask(`use ${key} or ${shaped}`))).text).toBe("the keys are [key] and [key]");
});
