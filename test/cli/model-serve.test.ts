import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { events, workplace } from "./workplace.ts";
import type { Running } from "./workplace.ts";

async function urlOf(running: Running): Promise<string> {
  await running.said('"serving"');
  return String(events(running.stdout())[0]?.["url"]);
}

const body = JSON.stringify({ model: "icl-base-1", messages: [{ role: "user", content: "Open at nine." }] });

test("serves both tiers on loopback until Ctrl-C, within the limits of a run, and logs every call", async () => {
  const place = workplace();
  const running = place.start(["model", "serve", "--json", "--calls", "2", "--log", "calls.jsonl"]);
  const url = await urlOf(running);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  const models = (await (await fetch(`${url}/models`)).json()) as { data: { id: string; card: object }[] };
  expect(models.data.map(({ id }) => id)).toEqual(["icl-base-1", "icl-small-1"]);
  const chat = (): Promise<Response> => fetch(`${url}/chat/completions`, { method: "POST", body });
  expect([(await chat()).status, (await chat()).status, (await chat()).status]).toEqual([200, 200, 402]);
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect(ended.code).toBe(130);
  expect(events(ended.stdout).at(-1)).toMatchObject({ type: "error", code: "interrupted" });
  expect(events(readFileSync(join(place.path, "calls.jsonl"), "utf8"))).toMatchObject([
    { run: "default", model: "icl-base-1", status: 200 },
    { run: "default", model: "icl-base-1", status: 200 },
  ]);
  expect(existsSync(join(place.path, ".tutti"))).toBe(false);
});

test("wants the token of the environment, and ends even while a client waits", async () => {
  const place = workplace();
  const running = place.start(["model", "serve", "--json", "--fault", "timeout=1", "--models", "icl-small-1"], {
    env: { TUTTI_MODEL_TOKEN: "planted" },
  });
  const url = await urlOf(running);
  expect((await fetch(`${url}/models`)).status).toBe(401);
  const authorization = "Bearer planted";
  expect((await fetch(`${url}/models`, { headers: { authorization } })).status).toBe(200);
  const init = { method: "POST", body: body.replace("base", "small"), headers: { authorization } };
  const waiting = fetch(`${url}/chat/completions`, init).then(
    () => "answered",
    () => "left alone",
  );
  expect((await fetch(`${url}/models`, { headers: { authorization } })).status).toBe(200);
  running.child.kill("SIGTERM");
  const ended = await running.ended;
  expect(ended.code).toBe(143);
  expect(await waiting).toBe("left alone");
  expect(`${ended.stdout}${ended.stderr}`).not.toContain("planted");
});

test.each([
  [["--host", "0.0.0.0"], "give a token with --token"],
  [["--port", "70000"], "expected a port from 0 to 65535"],
  [["--models", "gpt"], '--models: cannot make a model of "gpt"'],
  [["--fault", "smoke=1"], "--fault: expected error, rate_limit"],
  [["--rate", "calls=many"], "--rate: expected calls, tokens"],
  [["--models", "icl,icl-base-1"], "two models have the same id"],
])("%j is refused before anything is served", async (words, message) => {
  const ended = await workplace().tutti(["model", "serve", ...words]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(message);
  expect(ended.stdout).toBe("");
});

test("a port in use is said to be so", async () => {
  const place = workplace();
  const running = place.start(["model", "serve", "--json"]);
  const { port } = new URL(await urlOf(running));
  const second = await place.tutti(["model", "serve", "--port", port]);
  expect(second.code).toBe(78);
  expect(second.stderr).toContain("EADDRINUSE");
});
