import type { Json, JsonObject } from "#foundation";
import type { Attachment, Message, ModelRequest, ResponseFormat, ToolChoice } from "#programs";
import type { Endpoint } from "./endpoint.ts";

/** A request in OpenAI's form, and in words what of it the endpoint cannot do and was not asked. */
export interface ChatBody {
  readonly body: JsonObject;
  readonly warnings: readonly string[];
}

export function chatBody(endpoint: Endpoint, request: ModelRequest): ChatBody {
  const { id, url, supports = {}, providerFields } = endpoint;
  const { provider, stop, tools = [], toolChoice, responseFormat: format } = request;
  const hasTools = tools.length > 0 && supports.tools !== false;
  const messages = request.messages.map((message) => chatMessage(message, endpoint));
  const body = {
    ...(provider === undefined ? undefined : providerFields?.(provider)),
    model: id,
    messages: messages.map(({ message }) => message),
    temperature: request.temperature,
    top_p: request.topP,
    [maxTokensField(url)]: request.maxTokens,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    stop,
    tools: hasTools ? tools.map(toolOf) : undefined,
    tool_choice: hasTools && toolChoice !== undefined ? toolChoiceOf(toolChoice) : undefined,
    response_format:
      format === undefined || supports.structuredOutput === false
        ? undefined
        : { type: "json_schema", json_schema: jsonSchemaOf(format) },
  };
  const warnings = [
    ...(provider !== undefined && providerFields === undefined
      ? [`provider was ignored: the endpoint is not known to route to ${provider}`]
      : []),
    ...(tools.length > 0 && !hasTools ? ["tools were ignored: the endpoint has none"] : []),
    ...(format !== undefined && supports.structuredOutput === false
      ? ["responseFormat was ignored: the endpoint has no structured output"]
      : []),
    ...new Set(messages.flatMap(({ warnings: ofMessage }) => ofMessage)),
  ];
  return { body, warnings };
}

/** OpenAI's newer models refuse the old name; most other servers know only that one. */
function maxTokensField(url: string): string {
  return new URL(url).hostname === "api.openai.com" ? "max_completion_tokens" : "max_tokens";
}

function toolOf({ name, description, inputSchema }: NonNullable<ModelRequest["tools"]>[number]): JsonObject {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

function toolChoiceOf(choice: ToolChoice): Json {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
}

function jsonSchemaOf({ name, schema, strict }: ResponseFormat): JsonObject {
  return { name, schema, ...(strict === undefined ? {} : { strict }) };
}

interface ChatMessage {
  readonly message: JsonObject;
  readonly warnings: readonly string[];
}

function chatMessage(
  { role, content, attachments = [], toolCalls = [], toolCallId }: Message,
  endpoint: Endpoint,
): ChatMessage {
  if (role === "tool") return { message: { role, tool_call_id: toolCallId, content }, warnings: [] };
  if (toolCalls.length > 0) {
    const calls = toolCalls.map(({ id, name, input }) => ({
      id,
      type: "function",
      function: { name, arguments: input },
    }));
    return { message: { role, content: content === "" ? null : content, tool_calls: calls }, warnings: [] };
  }
  if (attachments.length === 0) return { message: { role, content }, warnings: [] };
  const parts = attachments.map((attachment) => attachmentPart(attachment, endpoint));
  const heard = parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
  const text = content === "" && heard.length > 0 ? [] : [{ type: "text", text: content }];
  return {
    message: { role, content: [...text, ...heard] },
    warnings: parts.flatMap((part) => (typeof part === "string" ? [part] : [])),
  };
}

/** The attachment in OpenAI's form, or why it is left out. */
function attachmentPart(
  { kind, mediaType, url, data, filename }: Attachment,
  { supports = {} }: Endpoint,
): JsonObject | string {
  const address = data === undefined ? url : `data:${mediaType};base64,${data}`;
  if (kind === "image") {
    if (supports.images === false) return "an image was ignored: the endpoint reads none";
    return { type: "image_url", image_url: { url: address } };
  }
  if (supports.files === false) return "a file was ignored: the endpoint reads none";
  // The chat protocol takes a file's bytes or an identifier of an upload, never an address.
  if (data === undefined && url?.startsWith("data:") !== true)
    return "a file was ignored: the chat protocol takes its bytes (data), not its address";
  return { type: "file", file: { filename: filename ?? "file", file_data: address } };
}
