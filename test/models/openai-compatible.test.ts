import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "#foundation";
import { openAiCompatible } from "#models";
import type { Endpoint } from "#models";
import type { LanguageModel, ModelRequest } from "#programs";
import { languageModelContract } from "#testing";
import { openAiServer } from "./fixtures/openai-server.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };
const key = "sk-planted-key-123";

type Answer = (body: Record<string, unknown>, response: ServerResponse, request: IncomingMessage) => void;

const completion = (content: string, more = {}): string =>
  JSON.stringify({ choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }], ...more });

/** An endpoint on loopback that answers as it is told. */
async function endpoint(answer: Answer, changes: Partial<Endpoint> = {}): Promise<LanguageModel> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    answer(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>, response, incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  return openAiCompatible({ id: "local", url, apiKey: key, ...changes });
}

const echo: Answer = ({ messages }, response) => {
  const { content } = (messages as { content: string }[]).at(-1) ?? {};
  response.end(completion(content ?? "", { usage: { prompt_tokens: 5, completion_tokens: 2 } }));
};

for (const [claim, check] of Object.entries(languageModelContract))
  test(claim, async () => {
    await using server = await openAiServer(({ asked }) => ({ does: "answer", text: `you said ${asked}` }));
    await check(() => openAiCompatible({ id: "local", url: server.url, apiKey: key }));
  });

test("the request arrives in OpenAI's form, with the key as a bearer token", async () => {
  let seen: unknown;
  const model = await endpoint((body, response, { url, headers }) => {
    seen = { body, url, authorization: headers.authorization };
    response.end(completion("ok"));
  });
  const responseFormat = { type: "json", name: "outputs", schema: { type: "object" } } as const;
  await model.generate({ ...request, temperature: 0.5, maxTokens: 9, topP: 0.9, seed: 4, responseFormat });
  expect(seen).toEqual({
    url: "/v1/chat/completions",
    authorization: `Bearer ${key}`,
    body: {
      model: "local",
      messages: [{ role: "user", content: "Hi" }],
      temperature: 0.5,
      max_tokens: 9,
      top_p: 0.9,
      seed: 4,
      response_format: { type: "json_schema", json_schema: { name: "outputs", schema: { type: "object" } } },
    },
  });
});

test("a strict form is asked for as one", async () => {
  const seen: unknown[] = [];
  const model = await endpoint((body, response) => {
    seen.push(body["response_format"]);
    response.end(completion("{}"));
  });
  const responseFormat = { type: "json", name: "outputs", schema: { type: "object" } } as const;
  for (const strict of [true, false])
    await model.generate({ ...request, responseFormat: { ...responseFormat, strict } });
  expect(seen).toEqual(
    [true, false].map((strict) => ({
      type: "json_schema",
      json_schema: { name: "outputs", schema: { type: "object" }, strict },
    })),
  );
});

/** What the endpoint is sent of a request that wants all that presets of programs can vary. */
async function sent(changes: Partial<Endpoint>): Promise<{ readonly body: unknown; readonly warnings: unknown }> {
  let body: unknown;
  const model = await endpoint((seen, response) => {
    body = seen;
    response.end(completion("ok"));
  }, changes);
  const settings = { temperature: 0.1, topP: 0.8, maxTokens: 64, presencePenalty: 0.2, frequencyPenalty: 0.3 };
  const { warnings } = await model.generate({ ...request, ...settings, provider: "azure" });
  return { body, warnings };
}

const sentAlways = {
  model: "local",
  messages: request.messages,
  temperature: 0.1,
  top_p: 0.8,
  max_tokens: 64,
  presence_penalty: 0.2,
  frequency_penalty: 0.3,
};

test("all that presets vary is sent; a provider only where the endpoint takes one, else the reply says so", async () => {
  const warnings = ["provider was ignored: the endpoint is not known to route to azure"];
  expect(await sent({})).toEqual({ body: sentAlways, warnings });
});

test("an endpoint that routes is told the provider in its own fields, and nothing else is lost to them", async () => {
  const providerFields = (provider: string): Record<string, JsonObject | string> => ({
    provider: { order: [provider] },
    model: "another",
  });
  expect(await sent({ providerFields })).toEqual({
    body: { ...sentAlways, provider: { order: ["azure"] } },
    warnings: undefined,
  });
});

test("a price turns the usage into money", async () => {
  const model = await endpoint(echo, { usdPerMillionTokens: { input: 2, output: 10 } });
  expect((await model.generate(request)).usage).toEqual({ calls: 1, inputTokens: 5, outputTokens: 2, usd: 0.00003 });
});

test.each([
  [401, {}, { error: { message: `Incorrect API key provided: ${key}` } }, "unauthorized", false],
  [404, {}, { error: { message: "no such model" } }, "unknown_model", false],
  [400, {}, { error: { message: "too long", code: "context_length_exceeded" } }, "context_length", false],
  [400, {}, { error: { message: "bad temperature" } }, "invalid_request", false],
  [402, {}, { error: { message: "no credit left" } }, "unavailable", false],
  [429, { "retry-after": "3" }, { error: { message: "slow down" } }, "rate_limited", true],
  [500, {}, "<html>oops</html>", "unavailable", true],
])("status %i with %j %j becomes %s", async (status, headers, body, code, retryable) => {
  const model = await endpoint((_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  const error: unknown = await model.generate(request).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "ModelError", code, retryable });
  expect(String(error)).toContain(String(status));
  expect(String(error)).not.toContain(key);
  if (status === 429) expect(error).toMatchObject({ retryAfterMs: 3000 });
});

test("an answer without content is an empty text", async () => {
  const model = await endpoint((_, response) => response.end('{"choices":[{"message":{"content":null}}]}'));
  expect((await model.generate(request)).text).toBe("");
});

test("a key at the edge of a long error text is not cut into pieces that show", async () => {
  const model = await endpoint((_, response) => {
    response.writeHead(500);
    response.end(`${"x".repeat(190)}${key}`);
  });
  const error: unknown = await model.generate(request).catch((thrown: unknown) => thrown);
  expect(String(error)).not.toContain("sk-pl");
});

test.each(["not json", "{}", '{"choices":[]}', '{"choices":[{"message":{}}]}'])(
  "%s with status 200 is a bad response that shows what came",
  async (text) => {
    const model = await endpoint((_, response) => response.end(text));
    await expect(model.generate(request)).rejects.toMatchObject({ code: "bad_response" });
    await expect(model.generate(request)).rejects.toThrow(text);
  },
);

test("a connection that breaks is a failure that another try may mend", async () => {
  const model = await endpoint((_, response) => response.destroy());
  await expect(model.generate(request)).rejects.toMatchObject({ code: "unavailable", retryable: true });
});

test("nobody at the address is said with the address", async () => {
  const model = openAiCompatible({ id: "absent", url: "http://127.0.0.1:9/v1" });
  await expect(model.generate(request)).rejects.toThrow(/absent: no answer from http:\/\/127\.0\.0\.1:9/);
});

test("an abort ends the call under way with its reason", async () => {
  const model = await endpoint(() => {});
  const controller = new AbortController();
  const call = model.generate(request, { signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test("an endpoint that hangs is given up in time, and may be tried again", async () => {
  const model = await endpoint(() => {}, { timeoutMs: 20 });
  await expect(model.generate(request)).rejects.toMatchObject({ code: "timeout", retryable: true });
  await expect(model.generate(request)).rejects.toThrow(/within 20 ms/);
});

test("a faulty address is refused at once", () => {
  expect(() => openAiCompatible({ id: "x", url: "localhost/v1" })).toThrow(
    /expected a URL like .* got "localhost\/v1"/,
  );
});
