import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProviderRegistry } from "ai";
import { MockLanguageModelV4, MockProviderV4 } from "ai/test";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { UsageError } from "#foundation";
import { languageModelFrom } from "#models";
import type { LanguageModel, ModelRequest } from "#programs";
import { languageModelContract } from "#testing";
import { openAiServer } from "./fixtures/openai-server.ts";
import type { OpenAiServer } from "./fixtures/openai-server.ts";
import { talkingModel } from "./fixtures/talking-model.ts";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

beforeEach(() => {
  for (const name of ["OPENAI_API_KEY", "OPENAI_BASE_URL", "AI_GATEWAY_API_KEY"]) vi.stubEnv(name, undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  Reflect.deleteProperty(globalThis, "AI_SDK_DEFAULT_PROVIDER");
});

async function server(): Promise<OpenAiServer> {
  const running = await openAiServer(({ asked }) => ({ does: "answer", text: `you said ${asked}` }));
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

/** A project that has the package `@ai-sdk/<provider>`, with this source. */
async function projectWith(provider: string, source: string, manifest: object = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tutti-project-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const folder = join(directory, "node_modules/@ai-sdk", provider);
  await mkdir(join(folder, "dist"), { recursive: true });
  await writeFile(join(directory, "package.json"), "{}");
  const exports = { ".": { types: "./dist/index.d.ts", import: "./dist/index.js", default: "./no.js" } };
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", exports, ...manifest }));
  await writeFile(join(folder, "dist/index.js"), source);
  return directory;
}

const providerSource = (name: string): string => `
  const languageModel = (modelId) => ({
    specificationVersion: "v4", provider: "${name}", modelId,
    doGenerate: async () => ({ content: [{ type: "text", text: "${name} " + modelId }], finishReason: { unified: "stop" }, usage: {}, warnings: [] }),
  });
  export const create = () => {};
  export const ${name} = Object.assign(languageModel, {
    languageModel,
    embeddingModel: (modelId) => ({
      specificationVersion: "v4", provider: "${name}", modelId, maxEmbeddingsPerCall: 9,
      doEmbed: async ({ values }) => ({ embeddings: values.map((value) => [value.length]), warnings: [] }),
    }),
  });
`;

describe("a name means, in this order,", () => {
  test("a model of one's own of that name", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-test");
    const own = talkingModel(() => "own");
    expect(languageModelFrom("openai/gpt-5-mini", { names: { "openai/gpt-5-mini": own } })).toBe(own);
    expect(languageModelFrom("fast", { names: { fast: "cheap", cheap: own } })).toBe(own);
    expect(() => languageModelFrom("loop", { names: { loop: "loop" } })).toThrow(UsageError);
  });

  test("what the AI SDK's default provider calls so", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    const model = new MockLanguageModelV4({
      doGenerate: {
        content: [{ type: "text", text: "default" }],
        finishReason: "stop",
        usage: {},
        warnings: [],
      } as never,
    });
    const registry = createProviderRegistry({ lab: new MockProviderV4({ languageModels: { m: model } }) as never });
    Object.assign(globalThis, { AI_SDK_DEFAULT_PROVIDER: registry });
    // The registry's own separator is ":".
    for (const name of ["lab:m", "lab/m"]) {
      const found = languageModelFrom(name);
      expect(found.id).toBe(name);
      expect((await found.generate(request)).text).toBe("default");
    }
    const { url } = await server();
    vi.stubEnv("OPENAI_BASE_URL", url);
    expect((await languageModelFrom("lab/unknown").generate(request)).text).toBe("you said Hi");
  });

  test("the package of its provider, if the project has it", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    const directory = await projectWith("lab", providerSource("lab"));
    const model = languageModelFrom("lab/big-1", { directory });
    expect(model.id).toBe("lab/big-1");
    expect((await model.generate(request)).text).toBe("lab big-1");
    expect((await languageModelFrom("lab:big-1", { directory }).generate(request)).text).toBe("lab big-1");
    expect((await model.embed?.(["abc"]))?.vectors).toEqual([[3]]);
  });

  test("the endpoint at OPENAI_BASE_URL, with or without a key", async () => {
    const { url, requests } = await server();
    vi.stubEnv("OPENAI_BASE_URL", url);
    vi.stubEnv("AI_GATEWAY_API_KEY", "gateway-key");
    for (const name of ["openai/gpt-5-mini", "openai:gpt-5-mini", "meta/llama-4", "qwen3:8b", "local-model"]) {
      const model = languageModelFrom(name);
      expect(model.id).toBe(name);
      expect((await model.generate(request)).text).toBe("you said Hi");
    }
    expect(requests.map(({ body }) => body["model"])).toEqual([
      "gpt-5-mini",
      "gpt-5-mini",
      "meta/llama-4",
      "qwen3:8b",
      "local-model",
    ]);
    expect(requests[0]?.headers.authorization).toBeUndefined();
    vi.stubEnv("OPENAI_API_KEY", "sk-test-key");
    await languageModelFrom("openai/gpt-5-mini").generate(request);
    expect(requests.at(-1)?.headers.authorization).toBe("Bearer sk-test-key");
  });

  test("OpenAI itself, or else the gateway", async () => {
    const seen: string[] = [];
    vi.stubGlobal("fetch", async (url: URL) => {
      seen.push(url.href);
      return Response.json({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] });
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    vi.stubEnv("AI_GATEWAY_API_KEY", "gateway-key");
    await languageModelFrom("anthropic/claude").generate(request);
    await languageModelFrom("openai/gpt-5-mini").generate(request);
    vi.stubEnv("OPENAI_API_KEY", "sk-test");
    await languageModelFrom("openai/gpt-5-mini").generate(request);
    expect(seen).toEqual([
      "https://ai-gateway.vercel.sh/v1/chat/completions",
      "https://ai-gateway.vercel.sh/v1/chat/completions",
      "https://api.openai.com/v1/chat/completions",
    ]);
  });
});

describe("names that never leave the process", () => {
  test.each(["mock/anything", "mock", "icl/base", "icl", "icl:base"])(
    "%s answers whatever the environment says",
    async (name) => {
      vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
      const model = languageModelFrom(name);
      expect(model.id).toBe(name);
      expect(model.usdPerMillionTokens?.input ?? 0).toBe(0);
      expect((await model.generate(request)).usage.calls).toBe(1);
    },
  );

  test.each(Object.entries(languageModelContract))("mock/echo: %s", async (_, check) => {
    await check(() => languageModelFrom("mock/echo"));
  });

  test("mock repeats what it is told, and writes the least value that fits a schema", async () => {
    const model = languageModelFrom("mock/echo");
    expect((await model.generate(request)).text).toBe("Hi");
    const schema = {
      type: "object",
      required: ["queue", "urgency", "tags", "note", "nested"],
      properties: {
        queue: { enum: ["billing", "tech"] },
        urgency: { type: "number", minimum: 2 },
        tags: { type: "array", items: { type: "string" }, minItems: 1 },
        note: { anyOf: [{ type: "string" }, { type: "null" }] },
        nested: { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] },
        more: { type: "string" },
      },
    };
    const { text } = await model.generate({ ...request, responseFormat: { type: "json", name: "x", schema } });
    expect(JSON.parse(text)).toEqual({ queue: "billing", urgency: 2, tags: [""], note: "", nested: { ok: false } });
  });

  test("a size that icl does not have is refused at once", () => {
    expect(() => languageModelFrom("icl/enormous")).toThrow(UsageError);
    expect(() => languageModelFrom("icl/enormous")).toThrow(
      'model "icl/enormous": the offline model is "icl/base" or "icl/small"',
    );
  });
});

describe("a package", () => {
  test("named in two words exports its provider under one of them", async () => {
    const bedrock = await projectWith("amazon-bedrock", providerSource("bedrock"));
    expect((await languageModelFrom("amazon-bedrock/x", { directory: bedrock }).generate(request)).text).toBe(
      "bedrock x",
    );
    const vertex = await projectWith("google-vertex", providerSource("googleVertex"), {
      exports: undefined,
      main: "dist/index.js",
    });
    expect((await languageModelFrom("google-vertex/x", { directory: vertex }).generate(request)).text).toBe(
      "googleVertex x",
    );
  });

  test("without a provider says so by the first call", async () => {
    const directory = await projectWith("odd", "export const nothing = 1;");
    await expect(languageModelFrom("odd/x", { directory }).generate(request)).rejects.toThrow(
      /@ai-sdk\/odd exports no provider/,
    );
  });

  test.each(["../../etc", "a b", "UPPER", "-x"])("is not looked for under the name %s", (provider) => {
    expect(() => languageModelFrom(`${provider}/m`)).toThrow(UsageError);
  });
});

test("a name that leads nowhere is refused at once, with all the ways to mend it", () => {
  const refusal = (): LanguageModel => languageModelFrom("lab/big-1");
  expect(refusal).toThrow(UsageError);
  expect(refusal).toThrow(
    /"lab\/big-1" cannot be reached[\s\S]*mock\/echo[\s\S]*@ai-sdk\/lab[\s\S]*AI_SDK_DEFAULT_PROVIDER[\s\S]*OPENAI_BASE_URL[\s\S]*AI_GATEWAY_API_KEY/,
  );
});
