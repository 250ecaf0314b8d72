import { isPlainObject } from "#foundation";
import type { Clock } from "#foundation";
import { addUsage, noUsage } from "../../language-model.ts";
import type { Message, ModelReply, Usage } from "../../language-model.ts";
import type { Context, StageCall, StageResult, Values } from "../../module.ts";
import { ProgramError } from "../../program-error.ts";
import { checkOutputs } from "../../signatures/signature.ts";
import type { Signature } from "../../signatures/signature.ts";
import type { ActingForm } from "./acting-form.ts";
import { FailedAfterSpending } from "../../failed-after-spending.ts";
import { ask } from "../predict.ts";
import { askingOf, requestFor } from "../stage-request.ts";
import type { Asking } from "../stage-request.ts";
import { makeCalls, parsedInput, readCalls } from "./tool-calls.ts";
import type { MadeCall, WantedCall } from "./tool-calls.ts";
import type { Tool } from "./tool.ts";

export interface ActingLimits {
  readonly maxSteps: number;
  readonly timeoutMs: number;
  readonly budget: { readonly calls: number; readonly tokens: number; readonly usd: number };
}

export interface ActingOptions {
  readonly form: ActingForm;
  readonly limits: ActingLimits;
  readonly calling: {
    readonly tools: readonly Tool[];
    readonly clock: Clock;
    readonly maxChars: number;
    readonly concurrency: number;
  };
}

/** One step, as the trajectory tells it. */
interface ActingStep {
  readonly thought: string;
  readonly calls: readonly MadeCall[];
}

/** What a model did with its turn: called tools, or answered as well as it could. */
interface Turn {
  readonly thought: string;
  readonly calls: readonly WantedCall[];
  readonly outputs: Values;
  readonly usage: Usage;
}

/** One execution of a stage that acts: lives from its first step to its answer. */
export class Acting {
  readonly #context: Context;
  readonly #stage: StageCall;
  readonly #options: ActingOptions;
  readonly #steps: ActingStep[] = [];
  readonly #known = new Map<string, Promise<MadeCall>>();
  #usage: Usage = noUsage;

  constructor(context: Context, stage: StageCall, options: ActingOptions) {
    this.#context = context;
    this.#stage = stage;
    this.#options = options;
  }

  async run(): Promise<StageResult> {
    try {
      const outputs = (await this.#act()) ?? (await this.#answer());
      const { trajectory } = this.#options.form.names;
      return { outputs: { ...outputs, [trajectory]: this.#steps }, usage: this.#usage };
    } catch (thrown) {
      const failed = thrown instanceof FailedAfterSpending ? thrown : { cause: thrown, usage: noUsage };
      throw new FailedAfterSpending(failed.cause, addUsage(this.#usage, failed.usage));
    }
  }

  /** Steps until there is an answer that fits, or none is to be expected any more. */
  async #act(): Promise<Values | undefined> {
    const { maxSteps } = this.#options.limits;
    const take = this.#stage.model().supports?.tools === true ? this.#nativeTurns() : () => this.#writtenTurn();
    while (this.#steps.length < maxSteps && this.#hasBudget()) {
      const turn = await take();
      if (turn === undefined) return undefined;
      this.#usage = addUsage(this.#usage, turn.usage);
      if (turn.calls.length === 0) return this.#fitting(turn.outputs);
      const { timeoutMs } = this.#options.limits;
      const { signal } = this.#stage;
      const calls = await makeCalls(turn.calls, {
        ...this.#options.calling,
        timeoutMs,
        signal,
        known: this.#known,
      });
      this.#steps.push({ thought: turn.thought, calls });
    }
    return undefined;
  }

  /** Whether a further step leaves a call for the answer. */
  #hasBudget(): boolean {
    const { calls, tokens, usd } = this.#options.limits.budget;
    const { inputTokens, outputTokens } = this.#usage;
    return this.#usage.calls + 1 < calls && inputTokens + outputTokens < tokens && this.#usage.usd < usd;
  }

  /** A turn of a model without tools: it writes what it wants called. One that cannot be read leads to the answer. */
  async #writtenTurn(): Promise<Turn | undefined> {
    const { step, names } = this.#options.form;
    try {
      const { outputs, usage = noUsage } = await ask(this.#shown(), this.#asked(step), "predict");
      const { [names.thought]: thought, [names.calls]: calls, ...rest } = outputs;
      return { thought: typeof thought === "string" ? thought : "", calls: readCalls(calls), outputs: rest, usage };
    } catch (thrown) {
      if (!(thrown instanceof ProgramError) || thrown.code !== "unusable_reply") throw thrown;
      this.#usage = addUsage(this.#usage, thrown.usage);
      return undefined;
    }
  }

  /** Turns of a model with tools, as one conversation. */
  #nativeTurns(): () => Promise<Turn> {
    const { specifications } = this.#options.form;
    const asking = askingOf(this.#context, this.#stage, "predict");
    // A reply that is held to a form could not call.
    const { responseFormat: _, ...request } = requestFor(asking);
    const said: Message[] = [];
    return async () => {
      this.#tellResults(said);
      const messages = [...request.messages, ...said];
      const { signal, cache } = this.#stage;
      const reply = await asking.model.generate({ ...request, messages, tools: specifications }, { signal, cache });
      const toolCalls = reply.toolCalls ?? [];
      said.push({ role: "assistant", content: reply.text, ...(toolCalls.length === 0 ? {} : { toolCalls }) });
      const calls = toolCalls.map(({ name, input }) => ({ tool: name, input: parsedInput(input) }));
      return { thought: reply.text, calls, outputs: readOutputs(asking, reply), usage: reply.usage };
    };
  }

  /** Adds the results of the last step's calls to the conversation. */
  #tellResults(said: Message[]): void {
    const asked = said.at(-1)?.toolCalls ?? [];
    const made = this.#steps.at(-1)?.calls ?? [];
    for (const [index, { id }] of asked.entries()) {
      const call = made[index];
      if (call !== undefined) said.push({ role: "tool", content: resultText(call), toolCallId: id });
    }
  }

  /** The outputs, if they are all there and fit. */
  async #fitting(outputs: Values): Promise<Values | undefined> {
    const { signature } = this.#stage;
    const names = new Set(signature.outputs.map(({ name }) => name));
    const signed = Object.fromEntries(Object.entries(outputs).filter(([name]) => names.has(name)));
    const inputs = { ...this.#context.inputs, ...this.#context.outputs };
    const checked = await checkOutputs(signature, signed, inputs);
    if (!checked.ok) return undefined;
    this.#stage.onPartial?.(outputs, 1);
    return outputs;
  }

  /** Asks for the outputs alone. */
  async #answer(): Promise<Values> {
    const stage = { ...this.#stage, signature: this.#options.form.final };
    const { outputs, usage = noUsage } = await ask(this.#shown(), stage, "predict");
    this.#usage = addUsage(this.#usage, usage);
    return outputs;
  }

  #asked(signature: Signature): StageCall {
    return { ...this.#stage, signature, onPartial: undefined };
  }

  /** The context with what was done so far. */
  #shown(): Context {
    if (this.#steps.length === 0) return this.#context;
    const { trajectory } = this.#options.form.names;
    return { ...this.#context, outputs: { ...this.#context.outputs, [trajectory]: this.#steps } };
  }
}

function readOutputs({ adapter, signature }: Asking, { text }: ModelReply): Values {
  const read = adapter.read(text, signature.outputs);
  return read.ok ? read.values : {};
}

function resultText(call: MadeCall): string {
  if ("error" in call) return `error: ${call.error}`;
  const { observation } = call;
  return isPlainObject(observation) || typeof observation !== "string" ? JSON.stringify(observation) : observation;
}
