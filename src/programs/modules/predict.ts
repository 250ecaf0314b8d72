import { heedWarnings } from "../adapters/adapter.ts";
import { checkRecord } from "../signatures/field-type.ts";
import type { Field, ValueIssue } from "../signatures/field-type.ts";
import { FailedAfterSpending } from "../failed-after-spending.ts";
import { addUsage, noUsage } from "../language-model.ts";
import type { Message, ModelReply, ModelRequest, Usage } from "../language-model.ts";
import type { Context, Module, StageCall, StageResult, Values } from "../module.ts";
import type { StageDraft, StageOptions } from "../stage.ts";
import { checkOutputs, hasFinerChecks } from "../signatures/signature.ts";
import type { Signature } from "../signatures/signature.ts";
import type { ReasoningStrategyName } from "./reasoning-strategy.ts";
import { askingOf, askSettings, requestFor } from "./stage-request.ts";
import type { Asking } from "./stage-request.ts";
import { changesOnly, streamedReply } from "./streamed-reply.ts";
import { complaintOf, unusableReply } from "./unusable-reply.ts";
import type { UnusableReply } from "./unusable-reply.ts";

/** The stage that asks the model for the outputs. */
export function predict(options: StageOptions = {}): StageDraft {
  return { module: "predict", ...options };
}

/**
 * Asks the model, and again with the defects shown when the reply cannot be used. Settings: `instructions`, `demos`,
 * `reasoningStrategy` ("predict" or "chain_of_thought": the stage does what the module of that name does), `adapter`
 * ("chat", "json" or "xml"), `maxAttempts` (from 1 to 5; 2 unless told: the first call and one re-ask), `model`,
 * `provider`, `temperature`, `topP`, `maxTokens`, `seed`, `presencePenalty`, `frequencyPenalty`.
 */
export const predictModule: Module = {
  name: "predict",
  settings: askSettings,
  run: (context, stage) => ask(context, stage, "predict"),
};

/** The call that every asking module makes. Its `own` strategy is followed where the configuration names none. */
export async function ask(context: Context, stage: StageCall, own: ReasoningStrategyName): Promise<StageResult> {
  const asking = askingOf(context, stage, own);
  const first = await attempt(asking, requestFor(asking), 1);
  return first.outputs === undefined ? askAgain(asking, first) : first;
}

type Attempt = UsableReply | UnusableReply;

interface UsableReply {
  readonly outputs: Values;
  readonly usage: Usage;
}

async function attempt(asking: Asking, request: ModelRequest, number: number): Promise<Attempt> {
  const { model, stage } = asking;
  if (stage.onPartial !== undefined) return attemptStreamed(asking, request, number);
  return judge(asking, await model.generate(request, { signal: stage.signal, cache: stage.cache }));
}

async function attemptStreamed(asking: Asking, request: ModelRequest, number: number): Promise<Attempt> {
  const { stage, signature, adapter, model } = asking;
  const { signal, cache } = stage;
  const tell = changesOnly((outputs) => stage.onPartial?.(outputs, number));
  const onText = (text: string): void => tell(adapter.readPartial(text, signature.outputs));
  const judged = await judge(asking, await streamedReply(model, request, { signal, cache, onText }));
  if (judged.outputs !== undefined) tell(judged.outputs);
  return judged;
}

/** Whether a reply states the asked outputs. */
function judge({ stage, signature, adapter, model, inputs }: Asking, reply: ModelReply): Attempt | Promise<Attempt> {
  const { text: raw, usage, finishReason, warnings } = reply;
  if (warnings !== undefined) heedWarnings(model, warnings);
  const read = adapter.read(raw, signature.outputs);
  if (!read.ok) return { usage, raw, issues: read.issues, finishReason };
  const { values } = read;
  const verdict = (issues: readonly ValueIssue[]): Attempt =>
    issues.length === 0 ? { outputs: values, usage } : { usage, raw, issues, finishReason };
  const issues = checkRecord(signature.outputs, values);
  if (issues.length > 0 || !hasFinerChecks(stage.signature)) return verdict(issues);
  return finerIssues(stage.signature, values, inputs).then(verdict, (cause: unknown) => {
    throw new FailedAfterSpending(cause, usage);
  });
}

/** What a signature's schema or its assertions say of its own outputs. What the schema makes of them is the kernel's. */
async function finerIssues(signature: Signature, values: Values, inputs: Values): Promise<readonly ValueIssue[]> {
  const checked = await checkOutputs(signature, named(signature.outputs, values), named(signature.inputs, inputs));
  return checked.ok ? [] : checked.issues;
}

function named(fields: readonly Field[], values: Values): Values {
  const names = new Set(fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/** Asks again, with what was wrong with the replies so far, as often as the configuration allows. */
async function askAgain(asking: Asking, first: UnusableReply): Promise<StageResult> {
  const { stage, model, maxAttempts, settings } = asking;
  const said: Message[] = [];
  let [last, usage] = [first, first.usage];
  for (let number = 2; number <= maxAttempts; number++) {
    said.push(...complaintOf(last));
    stage.onPartial?.({}, number);
    // Made anew: the model's last warnings may have changed what its prompt must say.
    const request = requestFor(asking);
    const next = await attempt(asking, { ...request, messages: [...request.messages, ...said] }, number).catch(
      (thrown: unknown) => {
        const failed = thrown instanceof FailedAfterSpending ? thrown : { cause: thrown, usage: noUsage };
        throw new FailedAfterSpending(failed.cause, addUsage(usage, failed.usage));
      },
    );
    usage = addUsage(usage, next.usage);
    if (next.outputs !== undefined) return { outputs: next.outputs, usage };
    last = next;
  }
  throw unusableReply(last, { model, stage: stage.id, attempts: maxAttempts, usage, maxTokens: settings.maxTokens });
}
