import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { aiSdkModel, languageModelFrom, openAiCompatible } from "#models";
import type { Endpoint } from "#models";
import {
  cached,
  cassetteFile,
  circuitBreaker,
  fallback,
  limited,
  metered,
  priced,
  recorded,
  replayed,
  retrying,
  withTimeout,
} from "#models/wrappers";
import { evaluate, program, signature } from "#programs";
import type { LanguageModel, ModelRequest } from "#programs";
import { sqliteStore } from "#storage/sqlite";
import { openAiServer } from "./fixtures/openai-server.ts";
import type { Reaction, SeenRequest } from "./fixtures/openai-server.ts";
import { skippingClock } from "./fixtures/skipping-clock.ts";

const planted = {
  apiKey: "planted-Api+Key/0123456789",
  header: "planted-header-0123456789",
  query: "planted-query-0123456789",
  password: "planted-password-0123456789",
};
const secrets = [...Object.values(planted), ...Object.values(planted).map(encodeURIComponent)];
/** No beginning of a secret either: an error text may be cut anywhere. */
const traces = [...secrets, "planted-A", "planted-h", "planted-q", "planted-p", btoa(`me:${planted.password}`)];

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }] };

/** Everything that somebody could log of a value. */
function shown(value: unknown): string {
  const whole = inspect(value, { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity });
  const causes = value instanceof Error ? `${value.stack} ${shown(value.cause)}` : "";
  return `${whole}${causes}${JSON.stringify(value) ?? ""}${String(value)}`;
}

function expectClean(value: unknown): void {
  const text = shown(value);
  for (const trace of traces) expect(text).not.toContain(trace);
}

/** A server's text with all that it was sent. */
const echo = ({ url, headers }: SeenRequest): string =>
  `You sent ${url} ${JSON.stringify(headers)} and ${planted.password}`;

const leaks: Readonly<Record<string, (seen: SeenRequest) => Reaction>> = {
  "an error's message": (seen) => ({
    does: "refuse",
    status: 401,
    body: JSON.stringify({ error: { message: echo(seen) } }),
  }),
  "an error's text": (seen) => ({ does: "refuse", status: 500, body: echo(seen) }),
  "an error's long text": (seen) => ({ does: "refuse", status: 500, body: "x".repeat(185) + echo(seen) }),
  "a redirect": (seen) => ({
    does: "refuse",
    status: 302,
    headers: {
      location: `http://x.test/?q=${planted.query}&u=${encodeURIComponent(seen.headers.authorization ?? "")}`,
    },
  }),
  "a body that is no completion": (seen) => ({
    does: "say",
    body: JSON.stringify({ echo: echo(seen) }),
    events: [echo(seen)],
  }),
  "an error in a 200": (seen) => {
    const body = JSON.stringify({ error: { message: echo(seen) } });
    return { does: "say", body, events: [body] };
  },
  metadata: (seen) => ({ does: "answer", text: "ok", more: { id: echo(seen), model: echo(seen) } }),
};

/** An endpoint that has a secret in every place that takes one. */
async function leakyEndpoint(
  react: (seen: SeenRequest) => Reaction,
  changes: Partial<Endpoint> = {},
): Promise<Endpoint> {
  const server = await openAiServer(react);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const url = new URL(server.url);
  url.searchParams.set("key", planted.query);
  url.username = "me";
  url.password = planted.password;
  const headers = { "x-api-key": planted.header };
  return { id: "local", url: url.href, apiKey: planted.apiKey, headers, ...changes };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tutti-keys-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** What becomes of a call, a streamed one and one for vectors: replies or errors. */
async function outcomes(model: LanguageModel): Promise<unknown[]> {
  const stream = async (): Promise<unknown> => {
    const chunks = [];
    for await (const chunk of model.stream?.(request) ?? []) chunks.push(chunk);
    return chunks;
  };
  const caught = (thrown: unknown): unknown => thrown;
  return [
    await model.generate(request).catch(caught),
    await stream().catch(caught),
    await model.embed?.(["a"]).catch(caught),
  ];
}

describe.each(Object.entries(leaks))("a server that repeats keys in %s", (_, react) => {
  test("puts none into replies, errors, causes and counters, through all wrappers", async () => {
    const clock = skippingClock();
    const endpoint = await leakyEndpoint(react);
    const model = openAiCompatible(endpoint);
    const { apiKey: _key, ...byUser } = endpoint;
    for (const inner of [model, openAiCompatible(byUser)]) {
      const meter = metered(
        cached(
          retrying(
            circuitBreaker(
              limited(withTimeout(priced(inner, { input: 1, output: 1 }), { ms: 60_000 }), { concurrency: 2, clock }),
              { clock },
            ),
            { clock, maxAttempts: 2 },
          ),
          { clock },
        ),
        { clock },
      );
      for (const wrapped of [inner, meter, fallback([inner, inner])])
        for (const outcome of await outcomes(wrapped)) expectClean(outcome);
      expectClean(meter.metered());
      expectClean(meter);
    }
  });

  test("puts none into a cassette, nor into what is replayed", async () => {
    const path = join(await temporaryFolder(), "tape.json");
    await outcomes(recorded(openAiCompatible(await leakyEndpoint(react)), await cassetteFile(path)));
    const text = await readFile(path, "utf8");
    expect(text).toContain('"request"');
    expectClean(text);
    for (const outcome of await outcomes(replayed(await cassetteFile(path)))) expectClean(outcome);
  });

  test("puts none into a store", async () => {
    const folder = await temporaryFolder();
    const store = await sqliteStore({ path: join(folder, "store.db") });
    await outcomes(cached(openAiCompatible(await leakyEndpoint(react)), { store }));
    await store[Symbol.asyncDispose]();
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "latin1")));
    expect(files.length).toBeGreaterThan(0);
    expectClean(files.join(""));
  });

  test("puts none into the outcome of an evaluation", async () => {
    const model = openAiCompatible(await leakyEndpoint(react));
    const asker = program({ name: "asker", signature: signature("word -> loud") });
    const evaluation = evaluate(asker, [{ inputs: { word: "a" }, expected: { loud: "A" } }], () => 1, {
      model,
      retries: 0,
    });
    for await (const outcome of evaluation) expectClean(outcome);
  });
});

test("the keys did arrive: the tests above can fail", async () => {
  let seen = "";
  const endpoint = await leakyEndpoint((request_) => {
    seen = echo(request_);
    return { does: "answer", text: "ok" };
  });
  await openAiCompatible(endpoint).generate(request);
  for (const secret of [planted.apiKey, planted.header, planted.query, planted.password])
    expect(seen).toContain(secret);
  expect(() => expectClean(new Error("x", { cause: { key: planted.apiKey } }))).toThrow();
});

describe("what goes wrong before an answer", () => {
  test.each<[what: string, changes: Partial<Endpoint>]>([
    ["a key that no header takes", { apiKey: `${planted.apiKey}\nx` }],
    ["a header that none is", { headers: { "x-api-key": `${planted.header}\u0000` } }],
    [
      "a fetch that tells all",
      {
        fetch: async (url, init) => {
          throw new TypeError(`fetch failed for ${String(url)}`, { cause: new Error(inspect(init, { depth: 9 })) });
        },
      },
    ],
    ["nobody at the address", { url: `http://me:${planted.password}@127.0.0.1:9/v1?key=${planted.query}` }],
  ])("%s shows no key", async (_, changes) => {
    const endpoint = await leakyEndpoint(() => ({ does: "answer", text: "ok" }), changes);
    for (const outcome of await outcomes(openAiCompatible(endpoint))) {
      expect(outcome).toBeInstanceOf(Error);
      expectClean(outcome);
    }
  });

  test("an address that none is, is shown without its secrets", () => {
    for (const url of [`localhost/v1?key=${planted.query}`, `ws://me:${planted.password}@x.test/v1`]) {
      let thrown: unknown;
      try {
        openAiCompatible({ id: "local", url });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(Error);
      expectClean(thrown);
    }
  });
});

test("a model of the AI SDK, whose errors hold the whole exchange, shows neither the environment's key nor one that looks so", async () => {
  const shaped = "sk-proj-0123456789abcdefghijklmnop";
  vi.stubEnv("LAB_API_KEY", planted.apiKey);
  onTestFinished(() => void vi.unstubAllEnvs());
  const error = Object.assign(new Error(`Incorrect API key provided: ${planted.apiKey} or ${shaped}`), {
    name: "AI_APICallError",
    statusCode: 401,
    url: `https://x.test/v1?key=${planted.query}`,
    requestBodyValues: { key: planted.header },
    responseHeaders: { "x-echo": planted.password },
    responseBody: `{"echo": "${planted.apiKey}"}`,
    cause: new Error(planted.apiKey),
  });
  const fail = async (): Promise<never> => {
    throw error;
  };
  const model = aiSdkModel(new MockLanguageModelV4({ doGenerate: fail, doStream: fail }));
  for (const outcome of await outcomes(model)) {
    expectClean(outcome);
    expect(shown(outcome)).not.toContain(shaped);
  }
});

test("a name that leads nowhere is refused without the environment's keys", () => {
  vi.stubEnv("OPENAI_API_KEY", planted.apiKey);
  vi.stubEnv("OPENAI_BASE_URL", `ftp://me:${planted.password}@x.test?key=${planted.query}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  let thrown: unknown;
  try {
    languageModelFrom("openai/x");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  expectClean(thrown);
});
