import { chat, signature } from "#programs";
import type { Adapter, LanguageModel, Message, ModelReply, ModelRequest } from "#programs";
import type { Json } from "#foundation";
import type { Case } from "./intents.ts";

/** A demonstration as adapters take it. */
export interface Shown {
  readonly inputs: Readonly<Record<string, Json>>;
  readonly outputs: Readonly<Record<string, Json>>;
}

export interface Asked {
  readonly signature: string;
  readonly instructions?: string;
  readonly demos?: readonly Shown[];
  readonly inputs: Readonly<Record<string, Json>>;
  readonly adapter?: Adapter;
  readonly request?: Partial<ModelRequest>;
}

/** The messages that one of our adapters makes. */
export function prompt({ signature: text, instructions, demos = [], inputs, adapter = chat }: Asked): Message[] {
  const shape = signature(text, instructions === undefined ? {} : { instructions });
  return [...adapter.preamble(shape, demos), adapter.question(shape, inputs)];
}

export interface Replied {
  readonly values: Readonly<Record<string, unknown>>;
  readonly reply: ModelReply;
}

/** Asks through an adapter and reads the reply with the same adapter. */
export async function ask(model: LanguageModel, asked: Asked): Promise<Replied> {
  const { adapter = chat, request = {} } = asked;
  const reply = await model.generate({ messages: prompt(asked), ...request });
  const read = adapter.read(reply.text, signature(asked.signature).outputs);
  return { values: read.ok ? read.values : {}, reply };
}

/** The signature of a choice among labels. */
export function choice(labels: readonly string[]): string {
  return `text -> kind: ${labels.map((label) => JSON.stringify(label)).join(" | ")}`;
}

/** Cases as demonstrations of a choice. */
export function shown(cases: readonly Case[], labels: readonly string[]): Shown[] {
  return cases.map(({ text, kind }) => ({ inputs: { text }, outputs: { kind: labels[kind] ?? "" } }));
}

export interface Answering {
  readonly labels: readonly string[];
  readonly demos?: readonly Case[];
  readonly instructions?: string;
  readonly request?: Partial<ModelRequest>;
}

/** The labels that a model gives to cases. */
export async function answers(model: LanguageModel, asked: readonly Case[], options: Answering): Promise<unknown[]> {
  const { labels, demos = [], instructions, request = {} } = options;
  const given: unknown[] = [];
  for (const { text } of asked) {
    const one = { signature: choice(labels), demos: shown(demos, labels), inputs: { text }, request };
    const { values } = await ask(model, instructions === undefined ? one : { ...one, instructions });
    given.push(values["kind"]);
  }
  return given;
}

/** The share of cases that are labelled rightly. */
export function accuracy(given: readonly unknown[], asked: readonly Case[], labels: readonly string[]): number {
  return asked.filter(({ kind }, index) => given[index] === labels[kind]).length / asked.length;
}
