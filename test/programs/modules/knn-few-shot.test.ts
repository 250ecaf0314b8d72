import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { evaluate, exactMatch, execute, program, ProgramError, signature } from "#programs";
import type { Example, ModelRequest } from "#programs";
import { iclModel } from "#models/icl";
import { knnFewShot } from "#programs/modules";
import type { KnnFewShotOptions } from "#programs/modules";
import { standardSpace } from "#programs/presets";
import { scriptedModel } from "#testing";

const desks = { red: "apple cherry", blue: "sea sky", green: "grass leaf" };
const examples: readonly Example[] = Object.entries(desks).flatMap(([desk, words]) =>
  words.split(" ").map((word) => ({ inputs: { message: `about the ${word} please` }, expected: { desk } })),
);
const sort = signature('message -> desk: "red" | "blue" | "green"');

function sorter(options: Partial<KnnFewShotOptions> = {}) {
  const stage = knnFewShot({ examples, ...options });
  return { stage, sorter: program({ name: "sorter", signature: sort, pipeline: [stage] }) };
}

const red = "[[ ## desk ## ]]\nred\n[[ ## completed ## ]]";

/** The messages that the prompt shows before the one it asks about. */
function shown({ messages }: ModelRequest): readonly string[] {
  const asked = messages.filter(({ role }) => role === "user").slice(0, -1);
  return asked.map(({ content }) => /the (\w+) please/.exec(content)?.[1] ?? "");
}

test("shows the nearest examples, the nearest one next to the question", async () => {
  const model = scriptedModel(() => red);
  const { stage, sorter: it } = sorter({ k: 2 });
  await execute(it, { message: "the sea, the sea and some grass" }, { model, modules: [stage] });
  expect(shown(model.calls[0] as ModelRequest)).toEqual(["grass", "sea"]);
});

test("goes by meaning where a model embeds, and says what that cost", async () => {
  const model = scriptedModel(() => red);
  const embed = async (texts: readonly string[]) => {
    const vectors = texts.map((text) => (/leaf|forest/.test(text) ? [1, 0.1] : [0, 1]));
    return { vectors, usage: { calls: 1, inputTokens: texts.length, outputTokens: 0, cachedTokens: 0, usd: 0 } };
  };
  const { stage, sorter: it } = sorter({ k: 1, model: { embed } });
  const ask = () => execute(it, { message: "forest" }, { model, modules: [stage] });
  expect((await ask()).usage).toMatchObject({ calls: 3, inputTokens: 7 });
  expect((await ask()).usage).toMatchObject({ calls: 2, inputTokens: 1 });
  expect(model.calls.map(shown)).toEqual([["leaf"], ["leaf"]]);
});

test("never shows the very request with its answer", async () => {
  const model = scriptedModel(() => red);
  const { stage, sorter: it } = sorter({ k: 4 });
  await execute(it, { message: "about the sea please" }, { model, modules: [stage] });
  expect(shown(model.calls[0] as ModelRequest)).toHaveLength(4);
  expect(shown(model.calls[0] as ModelRequest)).not.toContain("sea");
});

test("k is a setting that spaces vary and calls override; 0 shows nothing", async () => {
  const model = scriptedModel(() => red);
  const { stage, sorter: it } = sorter({ k: 3 });
  expect(it.configuration).toEqual({ "knn_few_shot.k": 3 });
  const space = standardSpace(it, { modules: [stage] });
  expect(space.variables.map(({ name }) => name)).toContain("knn_few_shot.k");
  await execute(it, { message: "about it" }, { model, modules: [stage], overrides: { "knn_few_shot.k": 0 } });
  expect(shown(model.calls[0] as ModelRequest)).toEqual([]);
});

test("demonstrations that are configured win", async () => {
  const model = scriptedModel(() => red);
  const { stage, sorter: it } = sorter();
  const demo = { inputs: { message: "the moon please" }, outputs: { desk: "blue" } };
  await execute(it, { message: "about the sea" }, { model, modules: [stage], overrides: { demos: [demo] } });
  expect(shown(model.calls[0] as ModelRequest)).toEqual(["moon"]);
});

test("what the look-up cost is told with the failure of what is asked", async () => {
  const model = scriptedModel(() => "nonsense");
  const embed = async (texts: readonly string[]) => {
    return {
      vectors: texts.map(() => [1]),
      usage: { calls: 1, inputTokens: 5, outputTokens: 0, cachedTokens: 0, usd: 0 },
    };
  };
  const { stage, sorter: it } = sorter({ model: { embed } });
  const failed = await execute(it, { message: "x" }, { model, modules: [stage] }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ProgramError);
  expect((failed as ProgramError).usage).toMatchObject({ calls: 4 });
});

test("offline, the nearest examples teach what none can guess", async () => {
  const { stage, sorter: it } = sorter();
  const asked = Object.entries(desks).map(([desk, words]) => ({
    inputs: { message: `please, about the ${words.split(" ")[0]}` },
    expected: { desk },
  }));
  const score = async (k: number): Promise<number> =>
    (await evaluate(it, asked as never, exactMatch("desk") as never, { model: iclModel(), modules: [stage], overrides: { "knn_few_shot.k": k } }).summary()).score; // prettier-ignore
  expect(await score(6)).toBeGreaterThan(await score(0));
});

test("no examples are refused", () => {
  expect(() => knnFewShot({ examples: [] })).toThrow(UsageError);
});
