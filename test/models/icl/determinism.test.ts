import { expect, test } from "vitest";
import { mapConcurrently, seededRng, shuffle } from "#foundation";
import { iclModel } from "#models/icl";
import type { ModelReply, ModelRequest } from "#programs";
import { answers, choice, prompt, shown } from "./asking.ts";
import { cases, kindCount, opaqueLabels } from "./intents.ts";

const labels = opaqueLabels;
const demos = cases("demos", 18);

function request(text: string, options: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: prompt({ signature: choice(labels), demos: shown(demos, labels), inputs: { text } }), ...options };
}

test("at temperature 0, and without one, the same request has the same answer in every model", async () => {
  const [one, other] = [iclModel({ seed: 1 }), iclModel({ seed: 2 })];
  for (const { text } of cases("asked", 10)) {
    const first = await one.generate(request(text));
    expect(await one.generate(request(text))).toEqual(first);
    expect(await other.generate(request(text, { temperature: 0 }))).toEqual(first);
  }
});

test("above 0 the seed decides: equal models draw alike, call by call", async () => {
  const drawn = async (seed: number | string): Promise<string[]> => {
    const model = iclModel({ seed });
    const texts: string[] = [];
    for (const { text } of [...cases("asked", 12), ...cases("asked", 12)])
      texts.push((await model.generate(request(text, { temperature: 2 }))).text);
    return texts;
  };
  const first = await drawn(7);
  expect(await drawn(7)).toEqual(first);
  expect(await drawn(8)).not.toEqual(first);
  expect(await drawn("7")).not.toEqual(first);
});

test("a prompt that comes again is drawn anew, a request that pins its draw is not", async () => {
  const model = iclModel();
  const texts = async (options: readonly Partial<ModelRequest>[]): Promise<Set<string>> => {
    const all = new Set<string>();
    for (const one of options) all.add((await model.generate(request("hello there", { temperature: 2, ...one }))).text);
    return all;
  };
  const twenty = Array.from({ length: 20 }, (_, index) => index);
  expect((await texts(twenty.map(() => ({})))).size).toBeGreaterThan(1);
  expect((await texts(twenty.map(() => ({ seed: 5 })))).size).toBe(1);
  expect((await texts(twenty.map(() => ({ rollout: 3 })))).size).toBe(1);
  expect((await texts(twenty.map((rollout) => ({ rollout })))).size).toBeGreaterThan(1);
  expect((await texts(twenty.map((seed) => ({ seed })))).size).toBeGreaterThan(1);
});

test("1,000 requests, 50 at once, are answered as one after the other", async () => {
  const requests = Array.from({ length: 1000 }, (_, index) =>
    request(cases("load", 40)[index % 40]?.text ?? "", { temperature: 1 }),
  );
  const sequential: ModelReply[] = [];
  const model = iclModel();
  for (const one of requests) sequential.push(await model.generate(one));
  const parallel = iclModel();
  const together: ModelReply[] = [];
  const work = (one: ModelRequest): Promise<ModelReply> => parallel.generate(one);
  for await (const reply of mapConcurrently(requests, work, { concurrency: 50, ordered: true })) together.push(reply);
  expect(together).toEqual(sequential);
});

test("permuting opaque labels permutes the answers", async () => {
  const asked = cases("asked", 60);
  const permuted = shuffle(seededRng("labels"), labels);
  const renamed = new Map(labels.map((label, index) => [label, permuted[index]]));
  const plain = await answers(iclModel(), asked, { labels, demos });
  const messages = asked.map(({ text }) =>
    prompt({ signature: choice(labels), demos: shown(demos, permuted), inputs: { text } }),
  );
  const model = iclModel();
  const texts = await Promise.all(messages.map(async (one) => (await model.generate({ messages: one })).text));
  for (const [index, text] of texts.entries()) expect(text).toContain(`\n${renamed.get(String(plain[index]))}\n`);
});

test("opaque labels without demonstrations are answered at chance level", async () => {
  const rng = seededRng("chance");
  const asked = shuffle(rng, cases("chance", 600)).slice(0, 300);
  const given = await answers(iclModel(), asked, { labels });
  const right = asked.filter(({ kind }, index) => given[index] === labels[kind]).length / asked.length;
  const chance = 1 / kindCount;
  expect(Math.abs(right - chance)).toBeLessThan(3 * Math.sqrt((chance * (1 - chance)) / asked.length));
});

test("an aborted signal rejects with its reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(iclModel().generate(request("hello"), { signal })).rejects.toThrow("enough");
});
