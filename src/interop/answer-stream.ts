import { executeStream, noUsage, ProgramError } from "#programs";
import type { PartialOutputs, Usage } from "#programs";
import type { GenerateResult, ModelCall, StreamPart } from "./ai-sdk-shapes.ts";
import { writtenOutput } from "./json-outputs.ts";
import { asksJson, generated, tokenCounts } from "./model-answer.ts";
import type { ModelProgram } from "./model-answer.ts";
import type { ModelInputs } from "./model-inputs.ts";

const id = "answer";

/**
 * A program's answer while it is written, as the parts of specification V4. A text grows as the last stage's model
 * writes it; any other answer comes as one piece. A failure is an `error` part, an abort errors the stream; cancelling
 * the stream aborts the execution.
 */
export function answerStream(
  called: ModelProgram,
  { call, inputs, warnings }: { readonly call: ModelCall } & ModelInputs,
): ReadableStream<StreamPart> {
  const leaving = new AbortController();
  const { abortSignal } = call;
  const signal = abortSignal === undefined ? leaving.signal : AbortSignal.any([abortSignal, leaving.signal]);
  const parts = answerParts(called, { call, inputs, warnings }, signal);
  return new ReadableStream<StreamPart>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel(reason) {
      leaving.abort(reason);
    },
  });
}

async function* answerParts(
  called: ModelProgram,
  { call, inputs, warnings }: { readonly call: ModelCall } & ModelInputs,
  signal: AbortSignal,
): AsyncGenerator<StreamPart, void, undefined> {
  const { program, fields, executing } = called;
  const { name, type } = fields.output;
  yield { type: "stream-start", warnings };
  try {
    const stream = executeStream(program, inputs, { ...executing, signal });
    const isFollowed = type.kind === "string" && !asksJson(call);
    const last = program.pipeline.at(-1)?.id;
    let sent = "";
    for await (const partial of stream) {
      const text = isFollowed && partial.stage === last ? textSoFar(partial, name) : "";
      if (!text.startsWith(sent) || text === sent) continue;
      if (sent === "") yield { type: "text-start", id };
      yield { type: "text-delta", id, delta: text.slice(sent.length) };
      sent = text;
    }
    const execution = await stream.result;
    const { content, finishReason, usage, providerMetadata } = await generated(called, { call, execution, warnings });
    const rest = restOf([textIn(content), writtenOutput(execution, name)], sent);
    if (rest === undefined) throw revoked(program.name, sent, execution.usage);
    if (sent === "") yield { type: "text-start", id };
    if (rest !== "") yield { type: "text-delta", id, delta: rest };
    yield { type: "text-end", id };
    yield { type: "finish", finishReason, usage, providerMetadata };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    yield { type: "error", error: thrown };
    const usage = tokenCounts(thrown instanceof ProgramError ? thrown.usage : noUsage);
    yield { type: "finish", finishReason: { unified: "error", raw: undefined }, usage };
  }
}

function textSoFar({ outputs }: PartialOutputs, name: string): string {
  const value = outputs[name];
  return typeof value === "string" ? value : "";
}

function textIn(content: GenerateResult["content"]): string {
  return content.map(({ text }) => text).join("");
}

/** What is still to be sent of the answer, or, where a schema made something else of it, of the text as it was written. */
function restOf(texts: readonly unknown[], sent: string): string | undefined {
  const text = texts.find((each) => typeof each === "string" && each.startsWith(sent));
  return typeof text === "string" ? text.slice(sent.length) : undefined;
}

/** Text that was sent cannot be taken back. */
function revoked(name: string, sent: string, usage: Usage): ProgramError {
  const message = `${name}: the answer begins otherwise than the ${sent.length} characters of it that were streamed: its model was asked again. Try again, or without streaming`;
  return new ProgramError("unusable_reply", message, { retryable: true, raw: sent, usage });
}
