import { ax, AxMockAIService } from "@ax-llm/ax";
import { describe, expect, test } from "vitest";
import { iclModel } from "#models/icl";
import type { Message } from "#programs";
import { ask } from "./asking.ts";
import type { Asked } from "./asking.ts";
import { fixture } from "./fixture.ts";

async function text(messages: readonly Message[], temperature = 0, seed = 1): Promise<string> {
  return (await iclModel().generate({ messages, temperature, seed })).text;
}

describe("DSPy's optimisers", () => {
  test("MIPRO: an instruction from the best attempt with rules induced from the demonstrations", async () => {
    const answer = await text(fixture("mipro-propose"));
    expect(answer).toContain("[[ ## proposed_instruction ## ]]\nSort the letters with care.\n");
    expect(answer).toMatch(/If the text mentions "fee".*"overdue".*, answer fines\.\n/);
    expect(answer).toMatch(/If the text mentions .*"umbrella".*, answer lost & found\.\n/);
  });

  test("above temperature 0 proposals differ from draw to draw, and equal seeds draw alike", async () => {
    const messages = fixture("mipro-propose").map((one) => ({
      ...one,
      content: one.content.replace(/Keep the instruction.*/, "None."),
    }));
    const drawn = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => text(messages, 1, seed)));
    expect(new Set(drawn).size).toBeGreaterThan(1);
    expect(await text(messages, 1, 3)).toBe(drawn[2]);
  });

  test("MIPRO: descriptions count examples, fields, words and labels", async () => {
    for (const [name, count] of [
      ["mipro-describe", 4],
      ["mipro-dataset", 3],
    ] as const) {
      const answer = await text(fixture(name));
      expect(answer).toContain(`${count} examples with the inputs`);
      expect(answer).toMatch(/takes 2 values: fines, lost & found\./);
    }
  });

  test("COPRO: goes on from the attempt with the best score", async () => {
    const answer = await text(fixture("copro-attempts"));
    expect(answer).toContain("[[ ## proposed_instruction ## ]]\nSort the letters by desk.\n");
    expect(answer).toContain("[[ ## proposed_prefix_for_output_field ## ]]\nDesk:\n");
  });

  test("SIMBA: a rule for every module of which the two runs differ", async () => {
    const answer = await text(fixture("simba-feedback"));
    const advice = JSON.parse(/module_advice ## \]\]\n(.*)\n/.exec(answer)?.[1] ?? "") as Record<string, string>;
    expect(Object.keys(advice)).toEqual(["sort", "greet"]);
    expect(advice["sort"]).toMatch(/^If the text mentions .*"overdue".*, answer fines\.$/);
    expect(advice["greet"]).toContain("do not differ");
  });

  test.each(["gepa-reflection", "gepa-dspy"])("%s: rules from the labels that feedback names", async (name) => {
    const answer = await text(fixture(name));
    expect(answer).toMatch(/If the text mentions "overdue".*, answer fines\.\n/);
    expect(answer).toMatch(/If the text mentions "umbrella".*, answer lost & found\./);
    expect(answer).not.toMatch(/"umbrella"[^\n]*answer fines/);
  });

  test("GEPA's answer stands in a fence", async () => {
    expect(await text(fixture("gepa-reflection"))).toMatch(/^```\nSort the letters\.\n[\s\S]+\n```$/);
  });
});

const examples = [
  ["my card was charged twice", "billing", "tech"],
  ["charged for a card I never had", "billing", "tech"],
  ["the app shows an error", "tech", "tech"],
  ["an error and then a crash", "tech", "billing"],
].map(([ticket = "", queue = "", given = ""]) => ({
  inputs: { ticket },
  outputs: { queue: given },
  expected: { queue },
  score: given === queue ? 1 : 0,
}));

describe("our own proposers", () => {
  const proposal: Asked = {
    signature: "current_instruction, examples_with_feedback: json, attempts: json -> improved_instruction",
    inputs: { current_instruction: "Sort the tickets.", examples_with_feedback: examples, attempts: [] },
  };

  test("current_instruction, examples_with_feedback, attempts -> improved_instruction", async () => {
    const { values } = await ask(iclModel(), proposal);
    expect(values["improved_instruction"]).toMatch(/^Sort the tickets\.\n/);
    expect(values["improved_instruction"]).toMatch(/mentions .*"charged".*, answer billing\./);
    expect(values["improved_instruction"]).toMatch(/mentions .*"error".*, answer tech\./);
  });

  test("what is proposed makes the model right where it was wrong", async () => {
    const { values } = await ask(iclModel(), proposal);
    const asked = (instructions: string): Asked => ({
      signature: 'ticket -> queue: "tech" | "billing"',
      instructions,
      inputs: { ticket: "they charged me" },
    });
    expect((await ask(iclModel(), asked("Sort the tickets."))).values).toEqual({ queue: "tech" });
    expect((await ask(iclModel(), asked(String(values["improved_instruction"])))).values).toEqual({ queue: "billing" });
  });

  test("the best-scored attempt is continued, its rules that fire wrongly are dropped", async () => {
    const attempts = [
      { instruction: "Guess.", score: 0.2 },
      { instruction: 'Read with care.\nIf the text mentions "error", answer billing.', score: 0.6 },
    ];
    const { values } = await ask(iclModel(), { ...proposal, inputs: { ...proposal.inputs, attempts } });
    expect(values["improved_instruction"]).toMatch(/^Read with care\.\n/);
    expect(values["improved_instruction"]).not.toMatch(/"error"[^\n]*answer billing/);
  });

  test("advice goes by further cases of the module where there are enough, else by the contrast alone", async () => {
    const advice = async (cases: typeof examples): Promise<string> => {
      const run = (queue: string): object[] => [{ module_name: "sort", inputs: { ticket: "an invoice again" }, outputs: { queue } }]; // prettier-ignore
      const { values } = await ask(iclModel(), {
        signature:
          "module_names: string[], worse_program_trajectory: json, better_program_trajectory: json, examples_with_feedback: json -> module_advice: json",
        inputs: {
          module_names: ["sort"],
          worse_program_trajectory: run("tech"),
          better_program_trajectory: run("billing"),
          examples_with_feedback: { sort: cases },
        },
      } as Asked);
      return (values["module_advice"] as { readonly sort: string }).sort;
    };
    expect(await advice(examples)).toMatch(/^If the text mentions "invoice".*, answer billing\.$/);
    const learnt = await advice([...examples, ...examples]);
    expect(learnt).toMatch(/mentions .*"charged".*, answer billing\./);
    expect(learnt).toMatch(/mentions .*"error".*, answer tech\./);
  });

  test("rules alone, as a list", async () => {
    const asked = {
      signature: "current_instruction, examples_with_feedback: json -> rules: list[str]",
      inputs: proposal.inputs,
    };
    const { current_instruction, examples_with_feedback } = proposal.inputs;
    const inputs = { current_instruction, examples_with_feedback } as Asked["inputs"];
    const { values } = await ask(iclModel(), { ...asked, inputs });
    expect(values["rules"]).toEqual([
      expect.stringMatching(/answer billing\.$/),
      expect.stringMatching(/answer tech\.$/),
    ]);
  });

  test("several instructions are merged by the keywords that they share", async () => {
    const instructions = [
      'Sort.\nIf the text mentions "card" or "fee", answer billing.',
      'If the text mentions "fee", answer billing.',
    ];
    const { values } = await ask(iclModel(), {
      signature: "instructions: list[str], feedback -> merged_instruction",
      inputs: { instructions, feedback: "both are good" },
    });
    expect(values["merged_instruction"]).toContain('If the text mentions "fee" or "card", answer billing.');
  });

  test("without labels to learn from, what the feedback says is kept", async () => {
    const told = [1, 2].map((n) => ({
      inputs: { text: `number ${n}` },
      outputs: { essay: "x ".repeat(40) },
      score: 0,
      feedback: "Name your sources.",
    }));
    const { values } = await ask(iclModel(), {
      ...proposal,
      inputs: { ...proposal.inputs, examples_with_feedback: told },
    });
    expect(values["improved_instruction"]).toBe("Sort the tickets.\nMind: Name your sources.");
  });

  test("a signature that merely has such a word in it is answered as any other", async () => {
    const asked = { signature: "text -> instruction", inputs: { text: "Open the door. Then sit." } };
    expect((await ask(iclModel(), asked)).values).toEqual({ instruction: "Open the door." });
  });
});

test("ax's own prompts for better and for merged instructions, read by its own parser", async () => {
  const service = new AxMockAIService({
    features: { functions: false, streaming: false },
    chatResponse: async ({ chatPrompt }) => {
      const messages = chatPrompt.map((one) => ({ role: one.role, content: String(Reflect.get(one, "content")) }));
      const { text: content } = await iclModel().generate({ messages: messages as Message[] });
      const tokens = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };
      return { results: [{ index: 0, content }], modelUsage: { ai: "m", model: "m", tokens } };
    },
  });
  const answer = async (shape: string, inputs: object): Promise<Record<string, unknown>> =>
    ax(shape as "currentValue:string -> newValue:string").forward(service as never, inputs as never, {
      maxRetries: 0,
      stream: false,
    });
  const minibatch = examples.map(({ inputs, outputs, expected, score }) => ({
    input: { ...inputs, ...expected },
    prediction: outputs,
    score,
  }));
  const proposed = await answer("currentInstruction:string, minibatch:json -> newInstruction:string", {
    currentInstruction: "Sort the tickets.",
    minibatch,
  });
  expect(proposed["newInstruction"]).toMatch(
    /^Sort the tickets\.\n[^]*"charged"[^\n]*answer billing\.\n[^]*"error"[^\n]*answer tech\./,
  );
  const merged = await answer(
    "instructionA:string, instructionB:string, recentFeedback?:string[] -> mergedInstruction:string",
    {
      instructionA: 'Sort.\nIf the text mentions "card", answer billing.',
      instructionB: 'Sort.\nIf the text mentions "fee", answer billing.',
    },
  );
  expect(merged["mergedInstruction"]).toBe('Sort.\nIf the text mentions "card" or "fee", answer billing.');
});

test("ax's critic states the mean score and what was taken for what", async () => {
  const { values } = await ask(iclModel(), {
    signature: "targetId, minibatch: json -> feedbackSummary",
    inputs: { targetId: "root", minibatch: examples },
  });
  expect(values["feedbackSummary"]).toMatch(
    /^The mean score of 4 cases is 0\.25\. billing was taken for tech 2 times\./,
  );
});

test.each([
  ["score: float", { score: 0.6667 }],
  ["correct: bool", { correct: false }],
  ['verdict: "correct" | "incorrect"', { verdict: "incorrect" }],
  ["score: int(1..5)", { score: 4 }],
])("a judge with a reference, %s", async (output, expected) => {
  const inputs = { question: "who?", prediction: "the king of France", reference: "a king of Spain" };
  const { values } = await ask(iclModel(), { signature: `question, prediction, reference -> ${output}`, inputs });
  expect(values).toEqual(expected);
});

test("a planner gives each part of the goal to whoever's description is most like it", async () => {
  const agents = { coder: "writes code and fixes bugs", tester: "runs tests", writer: "writes documentation" };
  const inputs = { goal: "fix the bugs in the parser, then run the tests", agents };
  const { values } = await ask(iclModel(), { signature: "goal, agents: json -> steps: list[str]", inputs });
  expect(values["steps"]).toEqual(["coder: fix the bugs in the parser", "tester: run the tests"]);
});
