import { expect, test } from "vitest";
import { iclModel } from "#models/icl";
import type { Message, ModelRequest, ToolSpecification } from "#programs";

const text = { type: "string" };
const tools: readonly ToolSpecification[] = [
  {
    name: "get_weather",
    description: "The weather in a city",
    inputSchema: { type: "object", properties: { city: text }, required: ["city"] },
  },
  {
    name: "sendMail",
    description: "Sends a mail to an address",
    inputSchema: { type: "object", properties: { email: text, urgent: { type: "boolean" } }, required: ["email"] },
  },
];

function asked(content: string, options: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: "user", content }], tools, ...options };
}

test("calls the tool whose description is most like the question, with arguments taken from it", async () => {
  const { toolCalls, finishReason, text: said } = await iclModel().generate(asked("What is the weather in Oslo?"));
  expect(finishReason).toBe("tool_calls");
  expect(said).toBe("");
  expect(toolCalls).toEqual([{ id: expect.stringMatching(/^call_/), name: "get_weather", input: '{"city":"Oslo"}' }]);
  const mail = await iclModel().generate(asked("Send a mail to ann@example.org"));
  expect(mail.toolCalls?.[0]).toMatchObject({ name: "sendMail" });
  expect(JSON.parse(mail.toolCalls?.[0]?.input ?? "")).toMatchObject({ email: "ann@example.org" });
});

test("calls none that does not fit, none when told so, and the named one when told so", async () => {
  const model = iclModel();
  expect((await model.generate(asked("Say good morning."))).toolCalls).toBeUndefined();
  expect((await model.generate(asked("The weather in Oslo?", { toolChoice: "none" }))).toolCalls).toBeUndefined();
  expect((await model.generate(asked("Good morning.", { toolChoice: "required" }))).toolCalls).toHaveLength(1);
  const named = await model.generate(asked("The weather in Oslo?", { toolChoice: { name: "sendMail" } }));
  expect(named.toolCalls?.[0]?.name).toBe("sendMail");
});

test("answers from what the tool found", async () => {
  const messages: Message[] = [
    { role: "user", content: "What is the weather in Oslo?" },
    { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "get_weather", input: '{"city":"Oslo"}' }] },
    { role: "tool", content: "It snows in Oslo.", toolCallId: "c1" },
  ];
  const reply = await iclModel().generate({ messages, tools });
  expect(reply.toolCalls).toBeUndefined();
  expect(reply.text).toBe("It snows in Oslo.");
});

test("earlier calls of the conversation show what arguments look like", async () => {
  const [tool] = [
    {
      name: "tag",
      description: "tags a ticket with its queue",
      inputSchema: { type: "object", properties: { queue: text } },
    },
  ];
  const shown = (content: string, queue: string): Message[] => [
    { role: "user", content },
    { role: "assistant", content: "", toolCalls: [{ id: "c", name: "tag", input: JSON.stringify({ queue }) }] },
  ];
  const messages: Message[] = [
    ...shown("tag the ticket: app crash", "tech"),
    ...shown("tag the ticket: invoice twice", "billing"),
    ...shown("tag the ticket: crash of the screen", "tech"),
    { role: "user", content: "tag the ticket: wrong invoice" },
  ];
  const { toolCalls } = await iclModel().generate({ messages, tools: [tool].filter((one) => one !== undefined) });
  expect(toolCalls?.[0]?.input).toBe('{"queue":"billing"}');
});
