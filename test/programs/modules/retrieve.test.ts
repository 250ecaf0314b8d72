import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { execute, parallel, predict, program, ProgramError, signature } from "#programs";
import type { Execution, LanguageModel } from "#programs";
import { bm25, embeddingRetriever, retrieve } from "#programs/modules";
import type { Retriever } from "#programs/modules";
import { standardSpace } from "#programs/presets";
import { scriptedModel } from "#testing";

const found = (retriever: Retriever, query: string, k = 10): unknown => retriever(query, k, {});

describe("bm25", () => {
  const documents = ["the cat sat", "the dog sat on the cat", { text: "a bird", id: "bird" }];

  test("scores by the formula, with k1 = 1.2 and b = 0.75", () => {
    // N = 3, mean length (3 + 6 + 2) / 3 = 11/3. "cat" and "sat" each occur once in the first two documents:
    // idf = ln(1 + (3 - 2 + 0.5) / (2 + 0.5)) = ln 1.6.
    const idf = Math.log(1.6);
    const weight = (count: number, length: number): number =>
      (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / (11 / 3)));
    expect(found(bm25(documents), "cat")).toEqual([
      { text: "the cat sat", score: expect.closeTo(idf * weight(1, 3), 12) },
      { text: "the dog sat on the cat", score: expect.closeTo(idf * weight(1, 6), 12) },
    ]);
    // By hand: 0.470004 * 2.2 / (1 + 1.2 * 0.863636) = 0.470004 * 1.080357.
    expect((found(bm25(documents), "cat", 1) as { score: number }[])[0]?.score).toBeCloseTo(0.507772, 6);
    // A word twice in a document: "the" counts 2 in the second.
    expect(found(bm25(documents), "the")).toEqual([
      { text: "the dog sat on the cat", score: expect.closeTo(idf * weight(2, 6), 12) },
      { text: "the cat sat", score: expect.closeTo(idf * weight(1, 3), 12) },
    ]);
  });

  test("adds the words of a query, and a rare word counts more", () => {
    const rare = Math.log(1 + (3 - 1 + 0.5) / (1 + 0.5));
    const weight = 2.2 / (1 + 1.2 * (0.25 + (0.75 * 2) / (11 / 3)));
    expect(found(bm25(documents), "Bird, a?")).toEqual([
      { text: "a bird", id: "bird", score: expect.closeTo(2 * rare * weight, 12) },
    ]);
  });

  test("takes other constants: with b = 0 the length does not matter, with k1 = 0 neither does the count", () => {
    const scores = (options: object, query: string): readonly number[] =>
      (found(bm25(documents, options), query) as { score: number }[]).map(({ score }) => score);
    const [first, second] = scores({ b: 0 }, "cat");
    expect(first).toBe(second);
    expect(scores({ k1: 0 }, "the")).toEqual([Math.log(1.6), Math.log(1.6)]);
  });

  test("finds nothing where nothing fits, and at most k", () => {
    expect(found(bm25(documents), "fish")).toEqual([]);
    expect(found(bm25(documents), "")).toEqual([]);
    expect(found(bm25([]), "cat")).toEqual([]);
    expect(found(bm25(["", ""]), "cat")).toEqual([]);
    expect(found(bm25(documents), "cat", 1)).toHaveLength(1);
    expect(found(bm25(documents), "constructor __proto__")).toEqual([]);
  });

  test("reads words of any script, and takes a splitter of one's own", () => {
    expect(found(bm25(["Über Köln", "Rom"]), "KÖLN")).toMatchObject([{ text: "Über Köln" }]);
    expect(found(bm25(["abc"], { words: (text) => text.split("") }), "c")).toHaveLength(1);
  });

  test("refuses what is no document or constant", () => {
    expect(() => bm25("text" as never)).toThrow(
      new UsageError('bm25.documents: expected a list of documents, got "text"'),
    );
    expect(() => bm25(["a", 1 as never])).toThrow("bm25.documents[1]: expected a text or { text, id }, got 1");
    expect(() => bm25([], { k1: -1 })).toThrow("bm25.k1");
    expect(() => bm25([], { b: 2 })).toThrow("bm25.b");
  });
});

describe("an embedding retriever", () => {
  type Embed = NonNullable<LanguageModel["embed"]>;
  const vectors: Readonly<Record<string, readonly number[]>> = { x: [1, 0], y: [0, 2], both: [3, 3], none: [0, 0] };
  const usage = { calls: 1, inputTokens: 5, outputTokens: 0, usd: 1 };
  const asked: string[][] = [];
  const embed: Embed = (texts) => {
    asked.push([...texts]);
    return Promise.resolve({ vectors: texts.map((text) => vectors[text] ?? []), usage });
  };

  test("finds by cosine, embeds the documents once and tells what it cost", async () => {
    asked.length = 0;
    const retriever = embeddingRetriever(["x", "y", "both", "none"], { embed }, { batchSize: 3 });
    expect(await found(retriever, "x", 3)).toEqual({
      passages: [
        { text: "x", score: 1 },
        { text: "both", score: expect.closeTo(Math.SQRT1_2, 12) },
        { text: "y", score: 0 },
      ],
      usage: { calls: 3, inputTokens: 15, outputTokens: 0, usd: 3 },
    });
    expect(await found(retriever, "y", 1)).toEqual({ passages: [{ text: "y", score: 1 }], usage });
    expect(asked).toEqual([["x", "y", "both"], ["none"], ["x"], ["y"]]);
  });

  test("tries again after a failure", async () => {
    let failures = 1;
    const flaky: Embed = (texts, options) =>
      failures-- > 0 ? Promise.reject(new Error("503")) : embed(texts, options);
    const retriever = embeddingRetriever(["x"], { embed: flaky });
    await expect(found(retriever, "x")).rejects.toThrow("503");
    expect(await found(retriever, "x")).toMatchObject({ passages: [{ text: "x" }] });
  });

  test("refuses vectors that do not go together, and a model without embed", async () => {
    await expect(found(embeddingRetriever(["x"], { embed }), "unknown")).rejects.toThrow(
      "vectors of one length, got 2 and 0",
    );
    const fewer: Embed = () => Promise.resolve({ vectors: [], usage });
    await expect(found(embeddingRetriever(["x"], { embed: fewer }), "x")).rejects.toThrow(
      "embed gave 0 vectors for 1 texts",
    );
    expect(() => embeddingRetriever([], scriptedModel([]))).toThrow("expected a model that embeds, got an object with");
    expect(await found(embeddingRetriever([], { embed }), "x")).toEqual([]);
  });
});

describe("retrieve", () => {
  const answering = signature("question, passages: list[str] -> answer");
  const rag = (from: Retriever, options: object = {}): Promise<Execution<{ answer: string }>> => {
    const stage = retrieve({ from, ...options });
    const target = program({
      name: "rag",
      signature: signature("question -> answer"),
      pipeline: [stage, predict({ signature: answering })],
    });
    const model = scriptedModel(["[[ ## answer ## ]]\na"], { usage: { usd: 1 } });
    return execute(target, { question: "where?" }, { model, modules: [stage] });
  };

  test("looks the first input up and gives the texts of the passages, and what it cost", async () => {
    const queries: unknown[] = [];
    const usage = { calls: 1, inputTokens: 1, outputTokens: 0, usd: 2 };
    const { history, usage: total } = await rag((query, k, { signal }) => {
      queries.push([query, k, signal]);
      return { passages: ["one", { text: "two", score: 1 }, "three", "four"], usage };
    });
    expect(queries).toEqual([["where?", 3, undefined]]);
    expect(history[0]).toMatchObject({ stage: "retrieve", outputs: { passages: ["one", "two", "three"] }, usage });
    expect(total).toMatchObject({ calls: 2, usd: 3 });
  });

  test("nothing found is an empty list", async () => {
    const { history, outputs } = await rag(() => []);
    expect([history[0]?.outputs, outputs]).toEqual([{ passages: [] }, { answer: "a" }]);
  });

  test("has its fields and its k in the configuration", async () => {
    const stage = retrieve({ from: bm25(["a cat", "a dog"]), k: 1, query: "animal", passages: "texts" });
    const target = program({
      name: "p",
      signature: signature("animal -> texts: list[str]"),
      pipeline: [stage],
    });
    expect(target.configuration).toEqual({ "retrieve.k": 1, "retrieve.query": "animal", "retrieve.passages": "texts" });
    const texts = async (overrides: object): Promise<unknown> =>
      (await execute(target, { animal: "a" }, { modules: [stage], overrides: { ...overrides } })).outputs.texts;
    expect(await texts({})).toEqual(["a cat"]);
    expect(await texts({ "retrieve.k": 2 })).toEqual(["a cat", "a dog"]);
    await expect(texts({ "retrieve.k": 0 })).rejects.toThrow(UsageError);
    const { variables } = standardSpace(target, { modules: [stage] });
    expect(Object.values(variables)).toMatchObject([{ name: "retrieve.k", min: 1, max: 16, default: 1 }]);
  });

  test("two of them run in parallel, each under a name of its own", async () => {
    const cats = retrieve({ name: "cats", from: () => ["cat"], query: "q", passages: "cats" });
    const dogs = retrieve({ name: "dogs", from: () => ["dog"], query: "q", passages: "dogs" });
    const target = program({
      name: "p",
      signature: signature("q -> cats: list[str], dogs: list[str]"),
      pipeline: [parallel({ cats, dogs })],
    });
    const { outputs } = await execute(target, { q: "?" }, { modules: [cats, dogs] });
    expect(outputs).toEqual({ cats: ["cat"], dogs: ["dog"] });
  });

  test("a retriever that fails, or gives no passages, is the stage's failure", async () => {
    const failing = rag(() => Promise.reject(new Error("index gone")));
    await expect(failing).rejects.toThrow("stage retrieve failed: index gone");
    await expect(rag(() => [1] as never)).rejects.toThrow("passages[0]: expected a text or { text }, got 1");
    await expect(rag(() => "text" as never)).rejects.toThrow(ProgramError);
    expect(() => retrieve({ from: [] as never })).toThrow("retrieve.from: expected a function");
  });
});
