import { describe, UsageError } from "#foundation";
import { execute } from "#programs";
import type { Program } from "#programs";
import type { AiSdkLanguageModel, ModelCall } from "./ai-sdk-shapes.ts";
import { answerStream } from "./answer-stream.ts";
import { chosenFields } from "./chosen-fields.ts";
import { lastUserText } from "./conversation.ts";
import { asksJson, generated } from "./model-answer.ts";
import type { ModelProgram } from "./model-answer.ts";
import { modelInputs, unsupported } from "./model-inputs.ts";
import type { ModelInputs, PromptReader } from "./model-inputs.ts";
import { runnable } from "./run-options.ts";
import type { RunOptions } from "./run-options.ts";

export interface LanguageModelOptions extends RunOptions {
  /** The text input that gets the prompt; the only one unless told. */
  readonly input?: string;
  /** The output that is the answer; the only one unless told. One that is no text is answered as JSON text. */
  readonly output?: string;
  /** What of the conversation the program gets: `lastUserText` unless told; `wholeConversation` gives it all. */
  readonly prompt?: PromptReader;
  /** What the model is called; the program's name unless told. */
  readonly modelId?: string;
}

/**
 * A program as a model object of the AI SDK (specification V4), for whatever takes one. A prompt becomes its text input,
 * the earlier turns its input of kind `history` if it has one, and one output the answer; where JSON is asked for, the
 * answer is all outputs as a JSON object. All of them are in `providerMetadata.tutti` besides. Settings of a call that the
 * program does not heed are warned of. Throws `UsageError` with the candidates when a field has to be named.
 */
export function asLanguageModel<I extends object, O extends object>(
  program: Program<I, O>,
  options: LanguageModelOptions = {},
): AiSdkLanguageModel {
  const executing = runnable("asLanguageModel", program, options);
  const { input, output, prompt = lastUserText, modelId = program.name } = options;
  if (typeof prompt !== "function")
    throw new UsageError(`asLanguageModel.prompt: expected a function of the messages, got ${describe(prompt)}`);
  if (typeof modelId !== "string" || modelId === "")
    throw new UsageError(`asLanguageModel.modelId: expected a name, got ${describe(modelId)}`);
  const fields = chosenFields(program, { input, output });
  const plain = program as Program;
  const called: ModelProgram = { program: plain, fields, executing };
  const taken = (call: ModelCall): ModelInputs => {
    const { inputs, warnings } = modelInputs(fields, call, prompt);
    return { inputs, warnings: [...warnings, ...schemaWarnings(plain, call)] };
  };
  return {
    specificationVersion: "v4",
    provider: "tutti",
    modelId,
    supportedUrls: {},
    async doGenerate(call) {
      const { inputs, warnings } = taken(call);
      const execution = await execute(plain, inputs, { ...executing, signal: call.abortSignal });
      return generated(called, { call, execution, warnings });
    },
    async doStream(call) {
      const { inputs, warnings } = taken(call);
      return { stream: answerStream(called, { call, inputs, warnings }) };
    },
  };
}

/** The outputs are what they are: a schema that asks for others is not satisfied. */
function schemaWarnings({ name, signature: { outputs } }: Program, call: ModelCall): ModelInputs["warnings"] {
  const schema = call.responseFormat?.schema;
  const required: unknown = typeof schema === "object" && schema !== null ? Reflect.get(schema, "required") : undefined;
  if (!asksJson(call) || !Array.isArray(required)) return [];
  const missing = required.filter((key) => !outputs.some((output) => output.name === key));
  if (missing.length === 0) return [];
  const names = outputs.map((output) => output.name).join(", ");
  return [unsupported("responseFormat", `${name} gives ${names}, not ${missing.join(", ")}`)];
}
