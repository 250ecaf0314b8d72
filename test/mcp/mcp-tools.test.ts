import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { expect, onTestFinished, test } from "vitest";
import { mcpServer } from "#mcp";
import { execute, program, signature } from "#programs";
import { mcpTools, react } from "#programs/modules";
import { scriptedModel } from "#testing";

const double = program({
  name: "double",
  signature: signature("n: int(0..9) -> twice: int"),
  configuration: { "predict.adapter": "json" },
});

test("a program calls another one through the official client, and learns what was wrong with a call", async () => {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = mcpServer({ programs: [double], model: () => '{"twice":14}' });
  const client = new Client({ name: "test", version: "1.0.0" });
  await Promise.all([server.connect(far), client.connect(near)]);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const tools = await mcpTools(client);
  expect(tools).toMatchObject([
    { name: "double", description: "Given n, produce twice.", inputSchema: { required: ["n"] } },
  ]);
  const stage = react({ tools });
  const reasoner = program({
    name: "reasoner",
    signature: signature("question -> answer: int"),
    pipeline: [stage],
    configuration: { "react.adapter": "json" },
  });
  const step = (n: number): string => JSON.stringify({ thought: "try", calls: [{ tool: "double", input: { n } }] });
  const model = scriptedModel([step(70), step(7), '{"thought":"enough","calls":[],"answer":14}']);
  const { outputs, history } = await execute(reasoner, { question: "Twice seven?" }, { model, modules: [stage] });
  expect(outputs).toEqual({ answer: 14 });
  const steps = JSON.stringify(history.at(-1)?.outputs);
  expect(steps).toContain("expected int (0 to 9)");
  expect(steps).toContain('"observation":{"twice":14}');
});
