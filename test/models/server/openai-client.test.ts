import OpenAI, { APIConnectionTimeoutError, BadRequestError, RateLimitError } from "openai";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { LoggedCall, ModelServerOptions } from "#models/server";
import { served, shots } from "./serving.ts";

const model = "icl-base-1";
const messages = [{ role: "user" as const, content: shots }];

async function client(options: Partial<ModelServerOptions> = {}, more: object = {}): Promise<OpenAI> {
  return new OpenAI({ baseURL: await served(options), apiKey: "any", maxRetries: 0, ...more });
}

describe("the official client", () => {
  test("chats, and reads usage and several answers", async () => {
    const openai = await client();
    const answer = await openai.chat.completions.create({ model, messages, n: 2, seed: 1 });
    expect(answer.choices.map(({ message }) => message.content)).toEqual(["good", "good"]);
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
  });

  test("streams, with the usage last", async () => {
    const openai = await client();
    const content = "The library opens at nine. Bring a card.";
    const asked = { model, messages: [{ role: "user" as const, content }], stream: true as const };
    const stream = await openai.chat.completions.create({ ...asked, stream_options: { include_usage: true } });
    let [text, pieces, usage, end] = ["", 0, 0, ""];
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if ((choice?.delta.content ?? "") !== "") pieces++;
      text += choice?.delta.content ?? "";
      end = choice?.finish_reason ?? end;
      usage = chunk.usage?.total_tokens ?? usage;
    }
    const whole = await openai.chat.completions.create({ ...asked, stream: false });
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(pieces).toBeGreaterThan(1);
    expect([end, usage]).toEqual(["stop", whole.usage?.total_tokens]);
  });

  test("asks for JSON of a schema and reads it", async () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string" }, nights: { type: "integer" } },
      required: ["city", "nights"],
      additionalProperties: false,
    };
    const answer = await (
      await client()
    ).chat.completions.parse({
      model,
      messages: [{ role: "user", content: "We stay in Oslo for 3 nights" }],
      response_format: { type: "json_schema", json_schema: { name: "stay", strict: true, schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ city: "Oslo", nights: 3 });
  });

  test("has tools called, in one piece and streamed, and goes on with what they found", async () => {
    const openai = await client();
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const tools = [
      { type: "function" as const, function: { name: "weather", description: "The weather in a city", parameters } },
    ];
    const question = { role: "user" as const, content: "What is the weather in Oslo?" };
    const { choices } = await openai.chat.completions.create({ model, tools, messages: [question] });
    const called = choices[0]?.message;
    expect(choices[0]?.finish_reason).toBe("tool_calls");
    expect(called?.tool_calls?.[0]).toMatchObject({
      type: "function",
      function: { name: "weather", arguments: '{"city":"Oslo"}' },
    });
    const stream = openai.chat.completions.stream({ model, tools, messages: [question] });
    expect((await stream.finalChatCompletion()).choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: "weather" },
    });
    if (called === undefined) throw new Error("an answer was expected");
    const found = { role: "tool" as const, tool_call_id: called.tool_calls?.[0]?.id ?? "", content: "It snows." };
    const after = await openai.chat.completions.create({ model, tools, messages: [question, called, found] });
    expect(after.choices[0]?.message.content).toBe("It snows.");
  });

  test("completes, embeds and lists models", async () => {
    const openai = await client();
    expect((await openai.completions.create({ model, prompt: shots })).choices[0]?.text).toBe("good");
    const { data } = await openai.embeddings.create({ model, input: ["my card", "my card"] });
    expect(data[0]?.embedding).toHaveLength(256);
    expect(data[0]?.embedding).toEqual(data[1]?.embedding);
    const names: string[] = [];
    for await (const one of openai.models.list()) names.push(one.id);
    expect(names).toEqual([model]);
  });

  test("gets its own errors", async () => {
    const openai = await client();
    const wrong = openai.chat.completions.create({ model, messages, temperature: 9 });
    await expect(wrong).rejects.toBeInstanceOf(BadRequestError);
    await expect(wrong).rejects.toMatchObject({ status: 400, param: "temperature", type: "invalid_request_error" });
    await expect(openai.chat.completions.create({ model: "gpt", messages })).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    const guarded = await client({ token: "secret" });
    await expect(guarded.models.list()).rejects.toMatchObject({ status: 401 });
    const poor = await client({ limits: { run: { calls: 0 } } });
    await expect(poor.chat.completions.create({ model, messages })).rejects.toMatchObject({
      status: 402,
      code: "insufficient_budget",
    });
  });

  test("is told when to come back after a 429", async () => {
    const openai = await client({ limits: { callsPerMinute: 1 } });
    await openai.chat.completions.create({ model, messages });
    const refused = await openai.chat.completions.create({ model, messages }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(Number((refused as RateLimitError).headers?.get("retry-after"))).toBeGreaterThan(50);
  });

  test("retries a simulated 500 by itself", async () => {
    const log: LoggedCall[] = [];
    const openai = await client(
      { faults: { error: 0.5, seed: 4 }, log: (call) => void log.push(call) },
      { maxRetries: 5 },
    );
    expect((await openai.chat.completions.create({ model, messages })).choices[0]?.message.content).toBe("good");
    expect(log.map(({ status }) => status)).toEqual([...log.slice(1).map(() => 500), 200]);
  });

  test("gives up on a server that does not answer, and sees a broken connection", async () => {
    // The HTTP adapter prints what breaks a body.
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    const asked = { model, messages };
    const hanging = await client({ faults: { timeout: 1 } }, { timeout: 100 });
    await expect(hanging.chat.completions.create(asked)).rejects.toBeInstanceOf(APIConnectionTimeoutError);
    const reset = await client({ faults: { reset: 1 } });
    await expect(reset.chat.completions.create(asked)).rejects.toThrow();
    const cut = await client({ faults: { cut: 1 } });
    await expect(cut.chat.completions.create(asked)).rejects.toThrow();
    const stream = await cut.chat.completions.create({ ...asked, stream: true });
    const read = async (): Promise<void> => {
      for await (const _chunk of stream) continue;
    };
    await expect(read()).rejects.toThrow();
  });

  test("is answered slowly on demand, and the answer says that it was simulated", async () => {
    const openai = await client({ delayMs: 20, faults: { slow: 1, slowMs: 20 } });
    const { response } = await openai.chat.completions.create({ model, messages }).withResponse();
    expect(response.headers.get("x-tutti-simulated-delay-ms")).toBe("20");
    expect(response.headers.get("x-tutti-fault")).toBe("slow");
  });

  test("that leaves a stream ends the call at the model", async () => {
    let aborted: (() => void) | undefined;
    const left = new Promise<void>((resolve) => (aborted = resolve));
    const endless = {
      id: "endless",
      generate: () => Promise.reject(new Error("not streamed")),
      async *stream(_request: unknown, { signal }: { signal?: AbortSignal | undefined } = {}) {
        signal?.addEventListener("abort", () => aborted?.());
        while (signal?.aborted !== true) {
          yield { type: "text" as const, text: "again " };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    const openai = await client({ models: [endless] });
    const stream = await openai.chat.completions.create({ model: "endless", messages, stream: true });
    for await (const _chunk of stream) break;
    await expect(left).resolves.toBeUndefined();
  });
});
