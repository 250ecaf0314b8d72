import type { Contestant, Prediction } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";
import { importFrom } from "../parts/installed-peer.ts";
import type { Zod } from "../parts/installed-zod.ts";

/** As much of `@mastra/core/agent` as is used here. */
interface MastraAgents {
  readonly Agent: new (options: {
    readonly id: string;
    readonly name: string;
    readonly instructions: string;
    readonly model: object;
  }) => {
    generate(
      question: string,
      options: { readonly structuredOutput: { readonly schema: unknown } },
    ): Promise<{ readonly object: Prediction }>;
  };
}

interface Workflow<I, O> {
  then<N>(step: Step<O, N>): Workflow<I, N>;
  commit(): Workflow<I, O>;
  createRun(): Promise<{
    start(options: { readonly inputData: I }): Promise<{ readonly status: string; readonly result?: O }>;
  }>;
}

interface Step<I, O> {
  readonly id: string;
  readonly inputSchema: unknown;
  readonly outputSchema: unknown;
  execute(context: { readonly inputData: I }): Promise<O>;
}

/** As much of `@mastra/core/workflows` as is used here. */
interface MastraWorkflows {
  createStep<I, O>(step: Step<I, O>): Step<I, O>;
  createWorkflow<I>(options: {
    readonly id: string;
    readonly inputSchema: unknown;
    readonly outputSchema: unknown;
  }): Workflow<I, I>;
}

const text = JSON.stringify(truth);
const usage = { inputTokens: 10, outputTokens: 20, totalTokens: 30 };
/** AI SDK's model interface, version 2, which Mastra's own mock speaks too. */
const instantModel = {
  specificationVersion: "v2",
  provider: "mock",
  modelId: "instant",
  supportedUrls: {},
  doGenerate: () => Promise.resolve({ content: [{ type: "text", text }], finishReason: "stop", usage, warnings: [] }),
  doStream: () =>
    Promise.resolve({
      stream: ReadableStream.from([
        { type: "stream-start", warnings: [] },
        { type: "text-start", id: "1" },
        { type: "text-delta", id: "1", delta: text },
        { type: "text-end", id: "1" },
        { type: "finish", finishReason: "stop", usage },
      ]),
    }),
} as const;

/** Mastra: an agent with structured output; a pipeline is a workflow of steps, each of which asks it. */
export async function contestantIn(folder: string): Promise<Contestant> {
  process.env["MASTRA_TELEMETRY_DISABLED"] = "1";
  const { Agent } = (await importFrom(folder, "@mastra/core/agent")) as MastraAgents;
  const workflows = (await importFrom(folder, "@mastra/core/workflows")) as MastraWorkflows;
  const { z } = (await importFrom(folder, "zod")) as Zod;
  const schema = z.object({ answer: z.string(), confidence: z.number() });
  const instructions = "Given question, produce answer and confidence.";
  const agent = new Agent({ id: "answerer", name: "answerer", instructions, model: instantModel });
  const predict = async (question: string): Promise<Prediction> =>
    (await agent.generate(question, { structuredOutput: { schema } })).object;

  const [asked, answered] = [z.object({ question: z.string() }), z.object({ answer: z.string() })];
  const step = <I, O>(id: string, inputSchema: unknown, execute: (input: I) => Promise<O>): Step<I, O> =>
    workflows.createStep({ id, inputSchema, outputSchema: answered, execute: ({ inputData }) => execute(inputData) });
  const line = (id: string, [first, second, third]: readonly [Stage, Stage, Stage]): Contestant["pipeline"] => {
    const workflow = workflows
      .createWorkflow<Asked>({ id, inputSchema: asked, outputSchema: answered })
      .then(step(`${id}1`, asked, ({ question }: Asked) => first(question)))
      .then(step(`${id}2`, answered, ({ answer }: Answer) => second(answer)))
      .then(step(`${id}3`, answered, ({ answer }: Answer) => third(answer)))
      .commit();
    return (question) => finished(workflow, { question });
  };
  const answer = async (text: string): Promise<Answer> => ({ answer: (await predict(text)).answer });
  return {
    single: predict,
    pipeline: line("asks", [answer, answer, answer]),
    functions: line("functions", [
      (text) => Promise.resolve({ answer: text.toUpperCase() }),
      (text) => Promise.resolve({ answer: `${text}?` }),
      (text) => Promise.resolve({ answer: text }),
    ]),
  };
}

interface Asked {
  readonly question: string;
}

interface Answer {
  readonly answer: string;
}

type Stage = (text: string) => Promise<Answer>;

async function finished(workflow: Workflow<Asked, Answer>, inputData: Asked): Promise<Answer> {
  const { status, result } = await (await workflow.createRun()).start({ inputData });
  if (result === undefined) throw new Error(`the workflow ended as ${status}`);
  return result;
}
