import type { Contestant, Prediction } from "../parts/contestant.ts";
import { truth } from "../parts/contestant.ts";
import { importFrom } from "../parts/installed-peer.ts";
import type { Zod } from "../parts/installed-zod.ts";

interface State {
  readonly question: string;
  readonly answer: string;
  readonly confidence: number;
}

/** A node: what it changes of the state. */
type Node = (state: State) => Partial<State> | Promise<Partial<State>>;

interface Graph {
  addNode(name: string, node: Node): Graph;
  addEdge(from: string, to: string): Graph;
  compile(): { invoke(state: Partial<State>): Promise<State> };
}

/** As much of `@langchain/langgraph` as is used here. */
interface LangGraph {
  readonly Annotation: (() => unknown) & { readonly Root: (spec: Readonly<Record<string, unknown>>) => unknown };
  readonly StateGraph: new (state: unknown) => Graph;
  readonly START: string;
  readonly END: string;
}

/** As much of `@langchain/core` as is used here. */
interface LangChainTesting {
  readonly FakeListChatModel: new (options: { readonly responses: readonly string[] }) => {
    pipe(parser: object): { invoke(messages: readonly (readonly string[])[]): Promise<Prediction> };
  };
}
interface LangChainParsers {
  readonly StructuredOutputParser: { fromZodSchema(schema: unknown): object };
}

/** LangGraph: a state graph with a node a call; LangChain's own fake chat model and structured parser in the nodes. */
export async function contestantIn(folder: string): Promise<Contestant> {
  const { Annotation, StateGraph, START, END } = (await importFrom(folder, "@langchain/langgraph")) as LangGraph;
  const { FakeListChatModel } = (await importFrom(folder, "@langchain/core/utils/testing")) as LangChainTesting;
  const { StructuredOutputParser } = (await importFrom(folder, "@langchain/core/output_parsers")) as LangChainParsers;
  const { z } = (await importFrom(folder, "zod")) as Zod;

  const schema = z.object({ answer: z.string(), confidence: z.number() });
  const model = new FakeListChatModel({ responses: [JSON.stringify(truth)] });
  const chain = model.pipe(StructuredOutputParser.fromZodSchema(schema));
  const ask = (text: string): Promise<Prediction> =>
    chain.invoke([
      ["system", "Given question, produce answer and confidence."],
      ["human", text],
    ]);
  const state = Annotation.Root({ question: Annotation(), answer: Annotation(), confidence: Annotation() });
  const line = (nodes: readonly Node[]): { invoke(state: Partial<State>): Promise<State> } => {
    const graph = new StateGraph(state);
    for (const [at, node] of nodes.entries())
      graph.addNode(`stage${at}`, node).addEdge(at === 0 ? START : `stage${at - 1}`, `stage${at}`);
    return graph.addEdge(`stage${nodes.length - 1}`, END).compile();
  };

  const fromQuestion: Node = ({ question }) => ask(question);
  const fromAnswer: Node = ({ answer }) => ask(answer);
  const [single, pipeline, functions] = [
    line([fromQuestion]),
    line([fromQuestion, fromAnswer, fromAnswer]),
    line([
      ({ question }) => ({ answer: question.toUpperCase() }),
      ({ answer }) => ({ answer: `${answer}?` }),
      ({ answer }) => ({ answer }),
    ]),
  ];
  return {
    single: (question) => single.invoke({ question }),
    pipeline: (question) => pipeline.invoke({ question }),
    functions: (question) => functions.invoke({ question }),
  };
}
