import { expect, test } from "vitest";
import { iclModel } from "#models/icl";
import { ask } from "./asking.ts";
import type { Asked } from "./asking.ts";

async function values(asked: Asked): Promise<Readonly<Record<string, unknown>>> {
  return (await ask(iclModel(), asked)).values;
}

test("values are extracted where the demonstrations have theirs", async () => {
  const demos = [
    { inputs: { text: "book a flight to Oslo for Anna" }, outputs: { city: "Oslo", people: ["Anna"] } },
    { inputs: { text: "a train to Rome for Bob and Cleo" }, outputs: { city: "Rome", people: ["Bob", "Cleo"] } },
    { inputs: { text: "a bus to Bern for Dora please" }, outputs: { city: "Bern", people: ["Dora"] } },
  ];
  const asked = {
    signature: "text -> city: string, people: list[str]",
    demos,
    inputs: { text: "a ship to Turku for Emil and Fay" },
  };
  expect(await values(asked)).toEqual({ city: "Turku", people: ["Emil", "Fay"] });
});

test("an optional output that the text lacks is left out", async () => {
  const demos = [
    { inputs: { text: "send it to Oslo please" }, outputs: { city: "Oslo" } },
    { inputs: { text: "send it to Rome please" }, outputs: { city: "Rome" } },
  ];
  const asked = { signature: "text -> city?: string", demos, inputs: { text: "nothing here" } };
  expect(await values(asked)).toEqual({});
});

test("without demonstrations the name of a field tells the form of its value", async () => {
  const text = "Invoice: Anna Smith paid $45.20 on 2024-05-06, write to anna@example.org.";
  const signature = "text -> email: string, date: string, amount: string, customer_name: string";
  const found = { email: "anna@example.org", date: "2024-05-06", amount: "$45.20", customer_name: "Anna Smith" };
  expect(await values({ signature, inputs: { text } })).toEqual(found);
});

test("arithmetic of one step is done at once; of two steps only where the work can be written down", async () => {
  const product = [
    { inputs: { a: 2, b: 3 }, outputs: { total: 6 } },
    { inputs: { a: 4, b: 5 }, outputs: { total: 20 } },
  ];
  expect(await values({ signature: "a: int, b: int -> total: int", demos: product, inputs: { a: 7, b: 8 } })).toEqual({
    total: 56,
  });
  const demos = [
    { inputs: { q: "3 boxes with 4 pens and 5 more" }, outputs: { total: 17 } },
    { inputs: { q: "2 boxes with 10 pens and 1 more" }, outputs: { total: 21 } },
    { inputs: { q: "5 boxes with 6 pens and 3 more" }, outputs: { total: 33 } },
  ];
  const inputs = { q: "7 boxes with 8 pens and 2 more" };
  expect(await values({ signature: "q -> reasoning, total: int", demos, inputs })).toEqual({
    reasoning: "total: 7 * 8 = 56; 56 + 2 = 58.",
    total: 58,
  });
  expect(await values({ signature: "q -> total: int", demos, inputs })).not.toEqual({ total: 58 });
});

test("numbers that nothing computes follow the most similar demonstrations", async () => {
  const demos = [
    { inputs: { text: "fire in the kitchen, help" }, outputs: { urgency: 0.9 } },
    { inputs: { text: "a typo on the page" }, outputs: { urgency: 0.1 } },
    { inputs: { text: "the colour is odd" }, outputs: { urgency: 0.2 } },
  ];
  const { urgency } = await values({
    signature: "text -> urgency: float",
    demos,
    inputs: { text: "help, there is a fire" },
  });
  expect(urgency).toBeGreaterThan(0.8);
});

test("transformations are learnt from two demonstrations", async () => {
  const demos = [
    { inputs: { name: "Anna Smith" }, outputs: { handle: "@anna_smith!" } },
    { inputs: { name: "Bob Ray Jones" }, outputs: { handle: "@bob_ray_jones!" } },
  ];
  expect(await values({ signature: "name -> handle", demos, inputs: { name: "Carl Gauss" } })).toEqual({
    handle: "@carl_gauss!",
  });
});

test("lists of labels name every label whose evidence passes its threshold", async () => {
  const demos = [
    ["the button is ugly", ["ui"]],
    ["the colour is ugly", ["ui"]],
    ["the page loads for ages", ["slow"]],
    ["it loads and loads", ["slow"]],
    ["an ugly button that loads for ages", ["ui", "slow"]],
    ["hello, who is there", []],
  ].map(([text, tags]) => ({ inputs: { text: text as string }, outputs: { tags: tags as string[] } }));
  const signature = 'text -> tags: list[Literal["ui", "slow", "legal"]]';
  expect(await values({ signature, demos, inputs: { text: "an ugly colour" } })).toEqual({ tags: ["ui"] });
  expect(await values({ signature, demos, inputs: { text: "the ugly page loads for ages" } })).toEqual({
    tags: ["ui", "slow"],
  });
  expect(await values({ signature, inputs: { text: "a legal matter" } })).toEqual({ tags: ["legal"] });
});

test("a rule that names one of two booleans does not touch the other", async () => {
  const instructions = "If the text mentions prize or money, set spam to true.";
  const asked = { signature: "text -> urgent: bool, spam: bool", instructions, inputs: { text: "a prize for you" } };
  expect(await values(asked)).toEqual({ urgent: false, spam: true });
});

test("reasoning is the evidence, confidence the probability of the answer before it", async () => {
  const demos = [
    { inputs: { text: "I was charged twice" }, outputs: { queue: "billing" } },
    { inputs: { text: "the app crashes" }, outputs: { queue: "tech" } },
  ];
  const signature = 'text -> reasoning, queue: "billing" | "tech", confidence: float';
  const instructions = "If the text mentions crash or screen, answer tech.";
  const told = await values({ signature, instructions, demos, inputs: { text: "charged twice by the app" } });
  expect(told["reasoning"]).toMatch(/^queue: closest examples: #1 \(0\.\d\d\) billing/);
  expect(told["queue"]).toBe("billing");
  const ruled = await values({ signature, instructions, demos, inputs: { text: "crash on the first screen" } });
  expect(ruled["reasoning"]).toContain('matched rule words "crash", "screen"');
  expect(ruled["confidence"]).toBeGreaterThan(0.8);
  const blank = await values({ signature, inputs: { text: "hm" } });
  expect(blank).toMatchObject({ reasoning: expect.stringMatching(/^No rule/), confidence: 0.5 });
});

test("allowed values in a description, and few short values of demonstrations, are labels", async () => {
  const inputs = { text: "the red ball" };
  expect(
    await values({ signature: "text -> colour", instructions: "Answer one of: blue, red, green.", inputs }),
  ).toEqual({ colour: "red" });
  const demos = [
    { inputs: { text: "a ball to throw" }, outputs: { kind: "toy" } },
    { inputs: { text: "soup to eat" }, outputs: { kind: "food" } },
  ];
  expect(await values({ signature: "text -> kind", demos, inputs })).toEqual({ kind: "toy" });
});

test("a plain conversation is answered by the most similar exchange, else by an extract, never by invention", async () => {
  const model = iclModel();
  const exchange = (user: string, assistant: string) => [
    { role: "user" as const, content: user },
    { role: "assistant" as const, content: assistant },
  ];
  const long = "You will find the opening hours of the whole library on the door.";
  const messages = [
    ...exchange("when does the library open", long),
    ...exchange("where do I park", "Behind the old brewery, any time of the day."),
  ];
  const question = { role: "user" as const, content: "when is the library open on Monday" };
  expect((await model.generate({ messages: [...messages, question] })).text).toBe(long);
  const alone = { role: "user" as const, content: "The shop is closed. Come back tomorrow." };
  expect(alone.content).toContain((await model.generate({ messages: [alone] })).text);
  expect((await model.generate({ messages: [] })).text).toBe("");
});

test("a schema alone says what to answer", async () => {
  const schema = {
    type: "object",
    properties: {
      mood: { enum: ["sad", "happy"] },
      age: { type: "integer", minimum: 18 },
      email: { type: "string" },
      tags: { type: "array", items: { type: "string" } },
      where: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
    required: ["mood", "age", "email", "tags", "where"],
  };
  const messages = [{ role: "user" as const, content: "I am happy, 7 years old, in Oslo: kid@example.org" }];
  const { text } = await iclModel().generate({ messages, responseFormat: { type: "json", name: "person", schema } });
  expect(JSON.parse(text)).toEqual({
    mood: "happy",
    age: 18,
    email: "kid@example.org",
    tags: [],
    where: { city: "Oslo" },
  });
});
