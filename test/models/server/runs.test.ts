import { describe, expect, test, vi } from "vitest";
import type { LoggedCall } from "#models/server";
import type { LanguageModel } from "#programs";
import { fakeClock } from "#testing";
import { talkingModel } from "../fixtures/talking-model.ts";
import { answerOf, chatBody, handler, post } from "./serving.ts";

const chat = "/v1/chat/completions";

describe("runs", () => {
  const usage = async (server: ReturnType<typeof handler>, run: string): Promise<Record<string, number>> =>
    (await server(new Request(`http://h/v1/usage?run=${run}`))).json() as Promise<Record<string, number>>;

  test("are told apart by header or key, and what they use is the sum of the log", async () => {
    const log: LoggedCall[] = [];
    const server = handler({ log: (call) => void log.push(call) });
    for (const run of ["a", "a", "b"]) await server(post(chat, chatBody(), { "x-tutti-run": run }));
    await (await server(post(chat, chatBody({ stream: true }), { "x-tutti-run": "a" }))).text();
    await server(post(chat, chatBody(), { authorization: "Bearer sk-planted" }));
    const mine = log.filter(({ run }) => run === "a");
    const sum = (of: "inputTokens" | "outputTokens" | "units"): number =>
      mine.reduce((total, one) => total + one[of], 0);
    expect(await usage(server, "a")).toMatchObject({
      calls: 3,
      prompt_tokens: sum("inputTokens"),
      completion_tokens: sum("outputTokens"),
      units: sum("units"),
    });
    expect(await usage(server, "b")).toMatchObject({ calls: 1 });
    expect(log[4]?.run).toMatch(/^key-[0-9a-f]{12}$/);
    expect(JSON.stringify(log)).not.toContain("sk-planted");
    expect(mine.map(({ stream }) => stream)).toEqual([undefined, undefined, true]);
  });

  test("end at their budget of calls, even when they all come at once", async () => {
    const server = handler({ limits: { run: { calls: 3 } } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => server(post(chat, chatBody()))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 402, 402, 402, 402, 402,
    ]);
    const refused = answers.find(({ status }) => status === 402);
    expect(await refused?.json()).toMatchObject({
      error: { type: "insufficient_budget", code: "insufficient_budget" },
    });
    expect((await server(post(chat, chatBody(), { "x-tutti-run": "other" }))).status).toBe(200);
  });

  test.each([
    { run: { tokens: 700 }, of: "total_tokens", limit: 700 },
    { run: { units: 5 }, of: "units", limit: 5 },
  ])("never pass their budget of $run, even when their calls come at once", async ({ run, of, limit }) => {
    const server = handler({ limits: { run } });
    const requests = Array.from({ length: 60 }, (_, index) =>
      server(post(chat, chatBody(index % 3 === 0 ? { stream: true } : { n: 1 + (index % 2) }))),
    );
    const answers = await Promise.all(requests.map(async (answer) => ((await answer).text(), (await answer).status)));
    expect(answers.filter((status) => status === 200).length).toBeGreaterThan(3);
    expect(answers).toContain(402);
    expect((await usage(server, "default"))[of]).toBeLessThanOrEqual(limit);
    expect((await usage(server, "default"))[of]).toBeGreaterThan(limit / 2);
  });

  test.each([{ tokens: 1000 }, { units: 10 }])("never pass %j, whatever a model makes of what it may", async (run) => {
    let units = 0;
    const greedy: LanguageModel = {
      id: "greedy",
      async generate({ messages, maxTokens = 0 }) {
        await Promise.resolve();
        const usage = { calls: 1, inputTokens: JSON.stringify(messages).length, outputTokens: maxTokens, usd: 0 };
        const cost = (usage.inputTokens * 5 + maxTokens * 15) / 1000;
        units += cost;
        return { text: "x", finishReason: "length", usage, metadata: { units: cost } };
      },
    };
    const card = { price: { input: 5, output: 15 } };
    const server = handler({ models: [{ model: greedy, card }], limits: { run } });
    const body = { model: "greedy", messages: [{ role: "user", content: "Hi" }], max_tokens: 100 };
    const answers = await Promise.all(Array.from({ length: 12 }, () => server(post(chat, body))));
    expect(answers.map(({ status }) => status).filter((status) => status === 200).length).toBeGreaterThan(3);
    const spent = await usage(server, "default");
    expect(run.tokens === undefined ? units : spent["total_tokens"]).toBeLessThanOrEqual(run.tokens ?? run.units);
    expect(answers.at(-1)?.status).toBe(402);
  });

  test("have answers no longer than what is left of their budget", async () => {
    const model = talkingModel(async () => "one");
    const server = handler({ models: [model], limits: { run: { tokens: 1000 } } });
    const body = { model: "talking", messages: [{ role: "user", content: "Hi" }] };
    expect((await server(post(chat, body))).status).toBe(200);
    expect(model.asked[0]?.maxTokens).toBeGreaterThan(800);
    expect(model.asked[0]?.maxTokens).toBeLessThan(1000);
    expect((await server(post(chat, { ...body, max_tokens: 1000 }))).status).toBe(402);
    expect((await server(post(chat, { ...body, max_tokens: 10 }))).status).toBe(200);
    expect(model.asked[1]?.maxTokens).toBe(10);
    expect((await answerOf(handler({ models: [model] })(post(chat, body)))).usage.total_tokens).toBe(5);
    expect(model.asked[2]).not.toHaveProperty("maxTokens");
  });

  test("wait for what others of the same run only reserve, and no longer than their caller", async () => {
    const first = Promise.withResolvers<string>();
    const model = talkingModel(async (_, index) => (index === 0 ? first.promise : "two"));
    const server = handler({ models: [model], limits: { run: { tokens: 1000 } } });
    const body = { model: "talking", messages: [{ role: "user", content: "Hi" }] };
    const [one, two] = [server(post(chat, body)), server(post(chat, body))];
    const leaving = new AbortController();
    const left = server(new Request(post(chat, body), { signal: leaving.signal }));
    await vi.waitFor(() => expect(model.asked).toHaveLength(1));
    leaving.abort();
    expect((await left).status).toBe(500);
    expect(model.asked).toHaveLength(1);
    first.resolve("one");
    expect([(await one).status, (await two).status]).toEqual([200, 200]);
  });

  test("pay for a call that they leave in the middle of its stream", async () => {
    const server = handler({ limits: { run: { calls: 1 } } });
    const response = await server(post(chat, chatBody({ stream: true })));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(await usage(server, "default")).toMatchObject({ calls: 1 });
    expect((await server(post(chat, chatBody()))).status).toBe(402);
  });

  test("make one call at a time where units are limited and nobody told the price", async () => {
    let [atOnce, most] = [0, 0];
    const model = talkingModel(async () => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce--;
      return "one";
    });
    const server = handler({ models: [model], limits: { run: { units: 1 } } });
    const body = { model: "talking", messages: [{ role: "user", content: "Hi" }] };
    const answers = await Promise.all(Array.from({ length: 5 }, () => server(post(chat, body))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(most).toBe(1);
  });

  test("are forgotten when there are too many, those first that were longest unheard of", async () => {
    const server = handler({ models: [talkingModel(async () => "one")] });
    const body = { model: "talking", messages: [{ role: "user", content: "Hi" }] };
    const ask = (run: string): Promise<Response> => server(post(chat, body, { "x-tutti-run": run }));
    await ask("old");
    await ask("kept");
    for (let run = 0; run < 9_998; run++) await ask(`run ${run}`);
    await ask("kept");
    await ask("one more");
    expect(await usage(server, "old")).toMatchObject({ calls: 0 });
    expect(await usage(server, "kept")).toMatchObject({ calls: 2 });
    expect(await usage(server, "run 0")).toMatchObject({ calls: 1 });
  });

  test("are held to a rate, and told when to come back", async () => {
    const clock = fakeClock();
    const server = handler({ clock, limits: { callsPerMinute: 2 } });
    const status = async (): Promise<number> => (await server(post(chat, chatBody()))).status;
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    await clock.advance(20_000);
    const refused = await server(post(chat, chatBody()));
    expect(refused.headers.get("retry-after")).toBe("40");
    await clock.advance(40_000);
    expect(await status()).toBe(200);
  });
});
