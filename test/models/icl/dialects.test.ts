import { ax, AxMockAIService } from "@ax-llm/ax";
import { describe, expect, test } from "vitest";
import { pick, seededRng } from "#foundation";
import type { Json, Rng } from "#foundation";
import { iclModel } from "#models/icl";
import { chat, json, signature, xml } from "#programs";
import type { Adapter, Message, ModelReply } from "#programs";
import { ask, prompt } from "./asking.ts";
import { fixture } from "./fixture.ts";

async function reply(messages: readonly Message[]): Promise<ModelReply> {
  return iclModel().generate({ messages });
}

describe("DSPy's adapters", () => {
  const expected = { desk: "fines", urgent: true, amount: 3.5, note: "pays" };

  test("ChatAdapter: markers in the order that was asked for, Python's True, and the closing marker", async () => {
    const { text, metadata } = await reply(fixture("dspy-chat"));
    expect(metadata).toMatchObject({ dialect: "dspy-chat" });
    const markers = [...text.matchAll(/^\[\[ ## (\w+) ## \]\]$/gm)].map(([, name]) => name);
    expect(markers).toEqual(["desk", "urgent", "amount", "books", "counts", "note", "completed"]);
    expect(text).toContain("[[ ## desk ## ]]\nfines\n\n[[ ## urgent ## ]]\nTrue\n\n[[ ## amount ## ]]\n3.5\n\n");
  });

  test("JSONAdapter: one JSON object with the keys in order", async () => {
    const { text, metadata } = await reply(fixture("dspy-json"));
    expect(metadata).toMatchObject({ dialect: "dspy-json" });
    const values = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(values)).toEqual(["desk", "urgent", "amount", "books", "counts", "note"]);
    expect(values).toMatchObject(expected);
  });

  test("XMLAdapter: an element for each field, lists and records nested", async () => {
    const { text, metadata } = await reply(fixture("dspy-xml"));
    expect(metadata).toMatchObject({ dialect: "dspy-xml" });
    expect(text).toMatch(/^<desk>\nfines\n<\/desk>\n\n<urgent>\nTrue\n<\/urgent>/);
    expect(text).toMatch(/<counts>.*<\/counts>\n\n<note>\npays\n<\/note>$/);
  });

  test("XMLAdapter does not tell the types inside of a record: what is not shown comes out as a number", async () => {
    const system = [
      "Your input fields are:\n1. `text` (str):\nYour output fields are:\n1. `place` (Place):",
      "All interactions will be structured in the following way, with the appropriate values filled in.",
      "\n<text>\n{text}\n</text>\n\n<place><city>...</city><people>...</people></place>",
      "In adhering to this structure, your objective is: \n        Where?",
    ].join("\n");
    const closing = "Respond with the corresponding output fields wrapped in XML tags `<place>`.";
    const question: Message = { role: "user", content: `<text>\n5 of us live in Oslo\n</text>\n\n${closing}` };
    const shown: Message[] = [
      { role: "user", content: "<text>\nRome has 3\n</text>" },
      { role: "assistant", content: "<place><city>Rome</city><people>3</people></place>" },
    ];
    const bare: Message = { role: "system", content: system };
    expect((await reply([bare, question])).text).toBe("<place><city>Oslo</city><people>5</people></place>");
    expect((await reply([bare, ...shown, question])).text).toMatch(/<people>\d+<\/people>/);
  });

  test("a demonstration's missing fields are no values, and the objective is the instruction", async () => {
    const demos = fixture("dspy-chat");
    const texts = await Promise.all(
      ["a penguin sat here", "an umbrella was lost"].map(async (letter) => {
        const last = demos.at(-1)?.content.replace(/an overdue book,\nthe fee is 4.5/, letter) ?? "";
        return (await reply([...demos.slice(0, -1), { role: "user", content: last }])).text;
      }),
    );
    expect(texts[0]).toContain("]]\nit's odd\n");
    expect(texts[1]).toContain("]]\nlost & found\n");
    expect(texts.join("")).not.toContain("Not supplied");
    const unruled = demos.map((one) => ({ ...one, content: one.content.replace(/ {8}If the text mentions.*\n?/, "") }));
    const evidence = async (messages: readonly Message[]): Promise<string> =>
      JSON.stringify((await reply(messages)).metadata);
    expect(await evidence(demos)).toContain("matched rule words");
    expect(await evidence(unruled)).not.toContain("matched rule words");
  });
});

const outputs = [
  'queueName:class "billing, tech support"',
  "reasonText:string",
  "isUrgent:boolean",
  "amountPaid:number",
  "tagList:string[]",
  "numberList:number[]",
  "metaInfo:json",
  "shortNote?:string",
  "dueDate:date",
] as const;
const example: Record<string, unknown> = {
  ticketText: "refund of 5 euros on 2024-05-06",
  queueName: "billing",
  reasonText: "because",
  isUrgent: true,
  amountPaid: 5,
  tagList: ["euros"],
  numberList: [5],
  metaInfo: { a: 1 },
  shortNote: "hm",
  dueDate: "2024-05-06",
};

test("100 random signatures of ax: its own parser reads the answers to its own prompts", async () => {
  const rng = seededRng("ax");
  const model = iclModel();
  const dialects = new Set<unknown>();
  for (let index = 0; index < 100; index++) {
    const chosen = outputs.filter(() => rng.next() < 0.4);
    const wanted = chosen.length === 0 ? [outputs[0]] : chosen;
    const program = ax(`${rng.next() < 0.5 ? '"Sort." ' : ""}ticketText:string -> ${wanted.join(", ")}`);
    const names = ["ticketText", ...wanted.map((field) => field.replace(/[?:].*$/, ""))];
    const shown = Object.fromEntries(Object.entries(example).filter(([name]) => names.includes(name)));
    if (rng.next() < 0.5) program.setExamples([shown] as never);
    const service = new AxMockAIService({
      features: { functions: false, streaming: false, structuredOutputs: rng.next() < 0.3 },
      chatResponse: async ({ chatPrompt }) => {
        const messages = chatPrompt.map(({ role, ...rest }) => ({
          role,
          content: String(Reflect.get(rest, "content")),
        }));
        const { text, metadata } = await model.generate({ messages: messages as Message[] });
        dialects.add(Reflect.get(metadata as object, "dialect"));
        const tokens = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };
        return {
          results: [{ index: 0, content: text, finishReason: "stop" as const }],
          modelUsage: { ai: "m", model: "m", tokens },
        };
      },
    });
    const asked = { ticketText: "refund the 7 dollars of 2024-06-07" } as never;
    const answered = (await program.forward(service as never, asked, { maxRetries: 0, stream: false })) as Record<
      string,
      unknown
    >;
    for (const name of names.slice(1)) if (name !== "shortNote") expect(answered).toHaveProperty(name);
    if (names.includes("queueName")) expect(["billing", "tech support"]).toContain(answered["queueName"]);
  }
  expect([...dialects]).toEqual(["ax"]);
});

describe("prompts made of shots", () => {
  test.each([
    ["Input/Output", "Input: X\nOutput: Y", "\n\n"],
    ["Q/A", "Q: X\nA: Y", "\n"],
    ["Text/Label with ###", "Text: X\nLabel: Y", "\n###\n"],
    ["### Input: ### Response:", "### Input:\nX\n\n### Response:\nY", "\n\n"],
    ["bold cues", "**Review:** X\n**Sentiment:** Y", "\n\n"],
  ])("%s: the last cue is continued by the examples", async (_name, form, separator) => {
    const shots = [
      ["what a great film", "good"],
      ["an awful evening", "bad"],
      ["great music", "good"],
      ["awful seats", "bad"],
    ];
    const shot = (text: string, label: string): string => form.replace("X", text).replace("Y", label).trimEnd();
    const asked = (text: string): string =>
      ["Sort the reviews.", ...shots.map(([one = "", label = ""]) => shot(one, label)), shot(text, "")].join(separator);
    for (const [text, label] of [
      ["a great play", "good"],
      ["awful food", "bad"],
    ] as const) {
      const { text: answer, metadata } = await reply([{ role: "user", content: asked(text) }]);
      expect(answer).toBe(label);
      expect(metadata).toMatchObject({ dialect: "generic" });
    }
  });

  test("the values of the instruction are labels without any shot", async () => {
    const content = "Classify the text as one of: sport, politics.\n\nText: the politics of the election\nLabel:";
    expect((await reply([{ role: "user", content }])).text).toBe("politics");
    const unknown = "Text: the politics of the election\nLabel:";
    expect((await reply([{ role: "user", content: unknown }])).text).toBe("unknown");
  });

  test("the oldest shots of one message are dropped when it is too long", async () => {
    const shots = Array.from(
      { length: 200 },
      (_, index) => `Q: number ${index} of the list\nA: ${index % 2 === 0 ? "even" : "odd"}`,
    );
    const content = [...shots, "Q: number 7 of the list\nA:"].join("\n\n");
    const { usage, warnings } = await iclModel({ contextTokens: 900 }).generate({
      messages: [{ role: "user", content }],
    });
    expect(usage.inputTokens).toBeLessThanOrEqual(900);
    expect(warnings?.[0]).toMatch(/oldest \d+ demonstrations were dropped/);
    const refusing = iclModel({ contextTokens: 900, truncate: "refuse" });
    await expect(refusing.generate({ messages: [{ role: "user", content }] })).rejects.toMatchObject({
      code: "context_length",
    });
  });
});

const types = [
  '"red" | "blue" | "it\'s"',
  "bool",
  "int",
  "float",
  "str",
  "list[str]",
  'list["a" | "b"]',
  "json",
  "float(0..1)",
];
const values: Readonly<Record<string, readonly Json[]>> = {
  [types[0] ?? ""]: ["red", "blue", "it's"],
  bool: [true, false],
  int: [1, 4],
  float: [0.5, 2],
  str: ["hello <b> & go", "two\nlines"],
  "list[str]": [[], ["x", "y z"]],
  'list["a" | "b"]': [["a"], []],
  json: [{ a: [1] }, 3],
  "float(0..1)": [0.5, 1],
};

function randomAsk(rng: Rng): {
  readonly text: string;
  readonly inputs: Record<string, Json>;
  readonly demos: Record<string, Json>[];
} {
  const wanted = Array.from({ length: 1 + Math.floor(rng.next() * 4) }, () => pick(rng, types));
  const inputs = { text: pick(rng, ["red wine for 5", "a <b> blue & \n## out_0 sky", ""]), n: 7 };
  const demo = (): Record<string, Json> =>
    Object.fromEntries(wanted.map((type, index) => [`out_${index}`, pick(rng, values[type] ?? [""])]));
  const text = `text, n: int -> ${wanted.map((type, index) => `out_${index}: ${type}`).join(", ")}`;
  return { text, inputs, demos: Array.from({ length: Math.floor(rng.next() * 4) }, demo) };
}

test("510 prompts of 170 random signatures: every adapter reads answers of the right types, and all three the same", async () => {
  const rng = seededRng("round trips");
  const model = iclModel();
  const adapters: readonly Adapter[] = [chat, json, xml];
  for (let index = 0; index < 170; index++) {
    const { text, inputs, demos } = randomAsk(rng);
    const shown = demos.map((outputs_) => ({ inputs, outputs: outputs_ }));
    const read = await Promise.all(
      adapters.map((adapter) => ask(model, { signature: text, demos: shown, inputs, adapter })),
    );
    const [first] = read;
    const shape = signature(text);
    for (const [at, { values: own, reply: said }] of read.entries()) {
      expect(said.metadata).toMatchObject({ dialect: adapters[at]?.name });
      const defects = shape.outputs.filter(({ name, type }) => !fits(type.kind, own[name]));
      expect(defects, `${text}\n${said.text}`).toEqual([]);
      expect(own).toEqual(first?.values);
    }
  }
});

function fits(kind: string, value: unknown): boolean {
  if (kind === "list") return Array.isArray(value);
  if (kind === "bool") return typeof value === "boolean";
  if (kind === "int" || kind === "float") return typeof value === "number";
  return kind === "json" ? value !== undefined : typeof value === "string";
}

test("what it does not recognise it answers with the most similar exchange or an extract, never with prose of its own", async () => {
  const content = "Dear model, the library opens at nine. Bring a card.";
  const { text, metadata } = await reply([{ role: "user", content }]);
  expect(metadata).toMatchObject({ dialect: "plain" });
  expect(content).toContain(text);
});

test("xml is read with what looks like markup in its values", async () => {
  const demos = [
    { inputs: { text: "<hi> & go" }, outputs: { said: "<hi> & go" } },
    { inputs: { text: "<b>no</b> twice" }, outputs: { said: "<b>no</b> twice" } },
  ];
  const asked = { signature: "text -> said", demos, inputs: { text: "<i>&lt;</i> now" }, adapter: xml };
  expect((await ask(iclModel(), asked)).values).toEqual({ said: "<i>&lt;</i> now" });
  expect(prompt(asked).at(-1)?.content).toContain("&lt;i>");
});
