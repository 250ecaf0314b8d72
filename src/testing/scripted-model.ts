import { describe, UsageError } from "#foundation";
import { noUsage } from "#programs";
import type { LanguageModel, ModelReply, ModelRequest, Usage } from "#programs";

/** One answer: its text, a reply with what differs from the usual one, or the error that the call rejects with. */
export type ScriptedReply = string | Error | (Partial<ModelReply> & { readonly text: string });

/** What a script written as a function learns besides the request. */
export interface ScriptedCall {
  /** How many calls came before. */
  readonly index: number;
  readonly signal: AbortSignal | undefined;
}

/** The answers in the order of the calls, or the answer to each request. */
export type Script =
  | readonly ScriptedReply[]
  | ((request: ModelRequest, call: ScriptedCall) => ScriptedReply | Promise<ScriptedReply>);

export interface ScriptedModelOptions {
  /** `"scripted"` unless told. */
  readonly id?: string;
  /** What one call costs; one call and nothing else unless told. */
  readonly usage?: Partial<Usage>;
}

export interface ScriptedModel extends LanguageModel {
  /** Every request that came, in order, those included that failed. */
  readonly calls: readonly ModelRequest[];
}

/** A model that says what it was told to say. Rejects with `UsageError` when it is asked more often than that. */
export function scriptedModel(script: Script, options: ScriptedModelOptions = {}): ScriptedModel {
  const { id = "scripted", usage = {} } = options;
  const calls: ModelRequest[] = [];

  return {
    id,
    calls,
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      const index = calls.push(request) - 1;
      const reply = typeof script === "function" ? await script(request, { index, signal }) : script[index];
      signal?.throwIfAborted();
      if (reply === undefined)
        throw new UsageError(`model ${id}: ${exhausted(script, index)}; asked was ${lastMessage(request)}`);
      if (reply instanceof Error) throw reply;
      const cost: Usage = { ...noUsage, calls: 1, ...usage };
      const usual = { finishReason: "stop", usage: cost } as const;
      return typeof reply === "string" ? { text: reply, ...usual } : { ...usual, ...reply };
    },
  };
}

function exhausted(script: Script, index: number): string {
  return typeof script === "function"
    ? `the script has no reply to call ${index + 1}`
    : `the script has ${script.length} replies, call ${index + 1} came`;
}

function lastMessage({ messages }: ModelRequest): string {
  return describe(messages.at(-1)?.content);
}
