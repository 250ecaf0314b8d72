import { describe, expect, test } from "vitest";
import { execute, program, signature } from "#programs";
import { scriptedModel } from "#testing";

const route = program({
  name: "route",
  signature: signature('ticket -> queue: "billing" | "tech"'),
  pipeline: ["chain_of_thought"],
});
const reply = "[[ ## reasoning ## ]]\nA charge.\n[[ ## queue ## ]]\nbilling\n[[ ## completed ## ]]";

describe("chain of thought", () => {
  test("asks for the reasoning before the outputs", async () => {
    const model = scriptedModel([reply]);
    await execute(route, { ticket: "Charged twice" }, { model });
    expect(`\n${model.calls[0]?.messages[0]?.content}\n`).toMatchInlineSnapshot(`
      "
      Task: Given ticket, produce queue.

      Inputs:
      - ticket: string
      Outputs, in this order:
      - reasoning: string. The considerations that lead to the answer
      - queue: one of "billing", "tech"

      Answer every output under its own marker and close with the last one:

      [[ ## reasoning ## ]]
      <reasoning>
      [[ ## queue ## ]]
      <queue>
      [[ ## completed ## ]]
      "
    `);
  });

  test("R169: merges its outputs, keeps the reasoning in the history and has the original's defaults", async () => {
    const model = scriptedModel([reply]);
    const { outputs, history } = await execute(route, { ticket: "Charged twice" }, { model });
    expect(outputs).toEqual({ queue: "billing" });
    expect(history).toMatchObject([
      { module: "chain_of_thought", outputs: { reasoning: "A charge.", queue: "billing" } },
    ]);
    expect(model.calls[0]).toMatchObject({ provider: "openai", temperature: 0.5 });
  });

  test("R169: takes its settings from its own place in the configuration", async () => {
    const model = scriptedModel([reply]);
    const configured = { ...route, configuration: { "chain_of_thought.provider": "anthropic", temperature: 0 } };
    await execute(configured, { ticket: "Charged twice" }, { model });
    expect(model.calls[0]).toMatchObject({ provider: "anthropic", temperature: 0 });
  });

  test("an answer without reasoning is asked for once more", async () => {
    const model = scriptedModel(["[[ ## queue ## ]]\nbilling", reply]);
    await execute(route, { ticket: "Charged twice" }, { model });
    expect(model.calls[1]?.messages.at(-1)?.content).toContain("- reasoning: expected string, got nothing");
  });
});
