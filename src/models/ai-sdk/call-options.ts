import type { Attachment, Message, ModelRequest, ToolChoice } from "#programs";
import type { AiSdkModel } from "./ai-sdk-model.ts";
import { parsed } from "../json-value.ts";

/** The request in the specification's form, without what was not asked for. */
export function callOptions(
  model: AiSdkModel,
  request: ModelRequest,
  abortSignal: AbortSignal | undefined,
): Record<string, unknown> {
  const { tools, toolChoice, responseFormat, messages } = request;
  const hasTools = tools !== undefined && tools.length > 0;
  const options = {
    prompt: messages.map((message, place) => promptMessage(message, messages.slice(0, place), model)),
    temperature: request.temperature,
    topP: request.topP,
    seed: request.seed,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    maxOutputTokens: request.maxTokens,
    stopSequences: request.stop,
    responseFormat,
    tools: hasTools ? tools.map((tool) => ({ type: "function", ...tool })) : undefined,
    toolChoice: hasTools && toolChoice !== undefined ? toolChoiceOf(toolChoice) : undefined,
    abortSignal,
    ...routing(model, request),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

// The one provider of the SDK itself that routes: its options name the providers to try, in order.
function routing({ provider: own }: AiSdkModel, { provider }: ModelRequest): Record<string, unknown> {
  return own === "gateway" && provider !== undefined ? { providerOptions: { gateway: { order: [provider] } } } : {};
}

/** What of the request a model that does not route cannot do. Its provider is called like `openai.chat`. */
export function unheededOf({ provider: own }: AiSdkModel, { provider }: ModelRequest): readonly string[] {
  if (provider === undefined || own === "gateway" || own.split(".")[0] === provider) return [];
  return [`provider was ignored: the model is ${own}'s own`];
}

function toolChoiceOf(choice: ToolChoice): unknown {
  return typeof choice === "string" ? { type: choice } : { type: "tool", toolName: choice.name };
}

function promptMessage(message: Message, before: readonly Message[], model: AiSdkModel): unknown {
  const { role, content, attachments = [], toolCalls = [], toolCallId } = message;
  if (role === "system") return { role, content };
  if (role === "tool") {
    const output = { type: "text", value: content };
    return { role, content: [{ type: "tool-result", toolCallId, toolName: toolNameOf(toolCallId, before), output }] };
  }
  const hasMore = attachments.length > 0 || toolCalls.length > 0;
  const text = content === "" && hasMore ? [] : [{ type: "text", text: content }];
  const files = attachments.map((attachment) => filePart(attachment, model));
  const calls = toolCalls.map(({ id, name, input }) => ({
    type: "tool-call",
    toolCallId: id,
    toolName: name,
    input: parsed(input) ?? {},
  }));
  return { role, content: [...text, ...files, ...calls] };
}

/** The specification wants a result's tool by name, the port tells the call. */
function toolNameOf(id: string | undefined, before: readonly Message[]): string {
  return before.flatMap(({ toolCalls = [] }) => toolCalls).findLast((call) => call.id === id)?.name ?? "unknown";
}

function filePart({ mediaType, url, data, filename }: Attachment, { specificationVersion }: AiSdkModel): unknown {
  const inline = data ?? /^data:[^,]*;base64,(.*)$/s.exec(url ?? "")?.[1];
  const isTagged = specificationVersion !== "v2" && specificationVersion !== "v3";
  const address = (): URL | null => URL.parse(url ?? "");
  const untagged = inline ?? address();
  const tagged = inline === undefined ? { type: "url", url: address() } : { type: "data", data: inline };
  return {
    type: "file",
    mediaType,
    data: isTagged ? tagged : untagged,
    ...(filename === undefined ? {} : { filename }),
  };
}
