import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { ticketLines, triageFile, workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

function triagePlace(): Workplace {
  const place = workplace();
  place.write("triage.ts", triageFile);
  place.write("train.jsonl", ticketLines(40));
  return place;
}

/** An endpoint that answers every request so; the number of requests so far is told. */
async function endpoint(
  answer: (response: ServerResponse, number: number) => void,
): Promise<{ readonly url: string; count(): number }> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => answer(response, ++count));
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/v1`, count: () => count };
}

const say = (response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void =>
  void response.writeHead(status, headers).end(text);

test("a refused key: 78, with the address and where the key comes from, at once", async () => {
  const place = triagePlace();
  const refusing = await endpoint((response) => say(response, 401, '{"error":{"message":"bad key"}}'));
  const { url } = refusing;
  const model = ["--model", `${url}#m`];
  const env = { OPENAI_API_KEY: "sk-wrong" };
  const run = await place.tutti(["run", "triage.ts", "--input", "ticket=x", ...model]);
  expect(refusing.count()).toBe(1);
  const [evaluated, optimized] = await Promise.all([
    place.tutti(["eval", "triage.ts", "--data", "train.jsonl", "--concurrency", "1", ...model], { env }),
    place.tutti(["optimize", "triage.ts", "--train", "train.jsonl", "--concurrency", "1", ...model], { env }),
  ]);
  expect([run.code, evaluated.code, optimized.code]).toEqual([78, 78, 78]);
  expect(run.stderr).toContain(`${url} wants a key, and OPENAI_API_KEY is not set`);
  for (const { stderr } of [evaluated, optimized]) {
    expect(stderr).toContain("401 bad key");
    expect(stderr).toContain(`${url} refuses the key in OPENAI_API_KEY`);
    expect(stderr).not.toContain("sk-wrong");
  }
  expect(optimized.stderr).toMatch(/go on with:\n.*runs resume run_/);
  // Each stops while the next example or two may have begun.
  expect(refusing.count()).toBeLessThanOrEqual(7);
});

test("a provider without the model, or that speaks another protocol: 69 from run and eval alike", async () => {
  const place = triagePlace();
  const unknown = await endpoint((response) => say(response, 404, '{"error":{"message":"no such model"}}'));
  const page = await endpoint((response) => say(response, 200, "<html>"));
  const model = ({ url }: { readonly url: string }): string[] => ["--model", `${url}#m`];
  const ended = await Promise.all(
    [unknown, page].flatMap((at) => [
      place.tutti(["run", "triage.ts", "--input", "ticket=x", ...model(at)]),
      place.tutti(["eval", "triage.ts", "--data", "train.jsonl", ...model(at)]),
    ]),
  );
  expect(ended.map(({ code }) => code)).toEqual([69, 69, 69, 69]);
  expect(ended[0]?.stderr).toContain("no such model");
});

test("run asks again when the provider is overrun, three times at the most", async () => {
  const place = triagePlace();
  const reply = JSON.stringify({ choices: [{ message: { content: "tech" }, finish_reason: "stop" }] });
  const busy = await endpoint((response, number) =>
    number === 1 ? say(response, 429, "{}", { "retry-after": "0.3" }) : say(response, 200, reply),
  );
  const down = await endpoint((response) => say(response, 503, "{}"));
  const run = (url: string): string[] => ["run", "triage.ts", "--input", "ticket=x", "--model", `${url}#m`];
  const [answered, failed] = await Promise.all([place.tutti(run(busy.url)), place.tutti(run(down.url))]);
  expect(answered).toMatchObject({ code: 0, stdout: "queue: tech\n" });
  expect(failed.code).toBe(69);
  expect([busy.count(), down.count()]).toEqual([2, 3]);
});
