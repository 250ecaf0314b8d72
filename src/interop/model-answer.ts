import type { ExecuteOptions, Execution, Program, Usage } from "#programs";
import type { GenerateResult, ModelCall, TokenCounts } from "./ai-sdk-shapes.ts";
import type { ChosenFields } from "./chosen-fields.ts";
import { jsonOutputs } from "./json-outputs.ts";

/** A program with how it is called as a model. */
export interface ModelProgram {
  readonly program: Program;
  readonly fields: ChosenFields;
  readonly executing: ExecuteOptions;
}

/** A finished execution as the answer to a call. */
export async function generated(
  { program, fields }: ModelProgram,
  answered: {
    readonly call: ModelCall;
    readonly execution: Execution;
    readonly warnings: GenerateResult["warnings"];
  },
): Promise<GenerateResult> {
  const { call, execution, warnings } = answered;
  const outputs = await jsonOutputs(program, execution);
  const { calls, usd } = execution.usage;
  const own: unknown = Reflect.get(execution.outputs, fields.output.name);
  const shown = typeof own === "string" ? own : outputs[fields.output.name];
  return {
    content: [{ type: "text", text: asksJson(call) ? JSON.stringify(outputs) : answerText(shown) }],
    finishReason: { unified: "stop", raw: undefined },
    usage: tokenCounts(execution.usage),
    warnings,
    providerMetadata: { tutti: { outputs, calls, usd } },
  };
}

/** Text as it is, anything else as JSON; an absent optional output is an empty answer. */
function answerText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

export function asksJson({ responseFormat }: ModelCall): boolean {
  return responseFormat?.type === "json";
}

export function tokenCounts({ inputTokens, outputTokens }: Usage): TokenCounts {
  return {
    inputTokens: { total: inputTokens, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: outputTokens, text: undefined, reasoning: undefined },
  };
}
