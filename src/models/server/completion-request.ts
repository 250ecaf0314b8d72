import { isPlainObject } from "#foundation";
import type { JsonObject } from "#foundation";
import type { ModelRequest, ResponseFormat, ToolChoice, ToolSpecification } from "#programs";
import { bodyReader, Defect, defect } from "./body-field.ts";
import type { BodyReader } from "./body-field.ts";
import { readMessages } from "./messages.ts";
import { invalid } from "./openai-error.ts";

/** A body as the port wants it, with what is the server's own business. */
export interface CompletionRequest {
  readonly model: string;
  /** One request for each prompt; chats have one. */
  readonly requests: readonly ModelRequest[];
  /** How many answers each request gets. */
  readonly count: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** How many of the most probable labels are wanted; `undefined` for no log probabilities. */
  readonly topLogprobs: number | undefined;
  /** Fields that are known and without effect here. */
  readonly ignored: readonly string[];
}

const shared = ["model", "temperature", "top_p", "n", "seed", "max_tokens", "stop", "stream", "stream_options", "presence_penalty", "frequency_penalty", "logprobs"]; // prettier-ignore
const ofChats = ["messages", "max_completion_tokens", "response_format", "top_logprobs", "tools", "tool_choice"];
const withoutEffect = ["user", "store", "metadata", "parallel_tool_calls", "logit_bias", "service_tier", "reasoning_effort", "verbosity", "prediction", "modalities", "audio", "web_search_options", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "best_of", "suffix", "echo"]; // prettier-ignore

const maxAnswers = 128;
/** The most texts to embed, and the most answers to all prompts of a body. */
const maxTexts = 2048;
const maxStops = 4;

/** Reads the body of a chat completion. Throws `Defect` for what OpenAI's API would refuse. */
export function readChatRequest(body: Readonly<Record<string, unknown>>): CompletionRequest {
  const ignored = checkNames(body, [...shared, ...ofChats]);
  const reader = bodyReader(body);
  const list = reader.list("messages");
  if (list === undefined || list.length === 0) throw defect("messages", "a list of at least one message", list);
  const logprobs = reader.flag("logprobs") ?? false;
  const top = reader.number("top_logprobs", { min: 0, max: 20, whole: true });
  if (top !== undefined && !logprobs) throw new Defect(invalid("top_logprobs", "top_logprobs needs logprobs: true"));
  const tools = reader.list("tools")?.map(readTool) ?? [];
  const choice = readToolChoice(reader.value("tool_choice"), tools);
  const format = readFormat(reader.object("response_format"));
  const request: ModelRequest = {
    messages: readMessages(list),
    ...samplingOf(reader, reader.number("max_completion_tokens", tokenRange)),
    ...(format === undefined ? {} : { responseFormat: format }),
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { toolChoice: choice }),
  };
  return { ...commonOf(reader), requests: [request], topLogprobs: logprobs ? (top ?? 0) : undefined, ignored };
}

/** Reads the body of a plain completion: each prompt is a user's message. Throws `Defect`. */
export function readTextRequest(body: Readonly<Record<string, unknown>>): CompletionRequest {
  const ignored = checkNames(body, [...shared, "prompt"]);
  const reader = bodyReader(body);
  const prompt = reader.value("prompt");
  const prompts = typeof prompt === "string" ? [prompt] : prompt;
  if (!Array.isArray(prompts) || prompts.length === 0 || !prompts.every((one) => typeof one === "string"))
    throw defect("prompt", "a text or a list of texts", prompt);
  const sampling = samplingOf(reader, undefined);
  const common = commonOf(reader);
  if (prompts.length * common.count > maxTexts)
    throw new Defect(invalid("prompt", `prompt: expected at most ${maxTexts} answers to all prompts together`));
  return {
    ...common,
    requests: prompts.map((content) => ({ messages: [{ role: "user", content }], ...sampling })),
    topLogprobs: reader.number("logprobs", { min: 0, max: 5, whole: true }),
    ignored,
  };
}

/** What an embeddings body asks for. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly base64: boolean;
}

export function readEmbeddingRequest(body: Readonly<Record<string, unknown>>): EmbeddingRequest {
  checkNames(body, ["model", "input", "encoding_format", "dimensions"]);
  const reader = bodyReader(body);
  const input = reader.value("input");
  const texts = typeof input === "string" ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every((one) => typeof one === "string"))
    throw defect("input", "a text or a list of texts", input);
  if (texts.length > maxTexts) throw defect("input", `at most ${maxTexts} texts`, input);
  const format = reader.text("encoding_format") ?? "float";
  if (format !== "float" && format !== "base64") throw defect("encoding_format", "float or base64", format);
  return { model: readModel(reader), texts, base64: format === "base64" };
}

/** Refuses names that nobody knows: a misspelt field would be without effect in silence. */
function checkNames(body: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  const unknown = Object.keys(body).find((name) => !known.includes(name) && !withoutEffect.includes(name));
  if (unknown !== undefined)
    throw new Defect(invalid(unknown, `Unrecognized request argument supplied: ${unknown}`, "unknown_parameter"));
  return Object.keys(body).filter((name) => withoutEffect.includes(name) && !known.includes(name));
}

function readModel(reader: BodyReader): string {
  const model = reader.text("model");
  if (model === undefined || model === "") throw defect("model", "the name of a model", model);
  return model;
}

type Common = Pick<CompletionRequest, "model" | "count" | "stream" | "includeUsage">;

function commonOf(reader: BodyReader): Common {
  const options = reader.object("stream_options");
  return {
    model: readModel(reader),
    count: reader.number("n", { min: 1, max: maxAnswers, whole: true }) ?? 1,
    stream: reader.flag("stream") ?? false,
    includeUsage: options !== undefined && bodyReader(options, "stream_options.").flag("include_usage") === true,
  };
}

const tokenRange = { min: 1, max: 1e9, whole: true };

function samplingOf(reader: BodyReader, maxCompletionTokens: number | undefined): Omit<ModelRequest, "messages"> {
  const maxTokens = maxCompletionTokens ?? reader.number("max_tokens", tokenRange);
  const penalty = { min: -2, max: 2 };
  const found: { readonly [K in keyof ModelRequest]?: ModelRequest[K] | undefined } = {
    temperature: reader.number("temperature", { min: 0, max: 2 }),
    topP: reader.number("top_p", { min: 0, max: 1, aboveMin: true }),
    seed: reader.number("seed", { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, whole: true }),
    maxTokens,
    stop: readStop(reader.value("stop")),
    presencePenalty: reader.number("presence_penalty", penalty),
    frequencyPenalty: reader.number("frequency_penalty", penalty),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function readStop(stop: unknown): readonly string[] | undefined {
  if (stop === undefined) return undefined;
  const all = typeof stop === "string" ? [stop] : stop;
  if (!Array.isArray(all) || all.length > maxStops || !all.every((one) => typeof one === "string"))
    throw defect("stop", `a text or a list of up to ${maxStops} texts`, stop);
  return all;
}

function readFormat(format: Readonly<Record<string, unknown>> | undefined): ResponseFormat | undefined {
  if (format === undefined || format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return { type: "json", name: "object", schema: { type: "object" } };
  if (format["type"] !== "json_schema")
    throw defect("response_format.type", "one of text, json_object, json_schema", format["type"]);
  const stated = bodyReader(format, "response_format.").object("json_schema");
  const schema = stated === undefined ? undefined : bodyReader(stated, "response_format.json_schema.").object("schema");
  if (schema === undefined) throw defect("response_format.json_schema.schema", "a JSON Schema", schema);
  const { name, strict } = stated ?? {};
  return {
    type: "json",
    name: typeof name === "string" ? name : "output",
    schema: schema as JsonObject,
    ...(typeof strict === "boolean" ? { strict } : {}),
  };
}

function readTool(tool: unknown, index: number): ToolSpecification {
  const at = `tools[${index}]`;
  const called = isPlainObject(tool) && tool["type"] === "function" ? tool["function"] : undefined;
  if (!isPlainObject(called)) throw defect(at, '{ "type": "function", "function": {…} }', tool);
  const reader = bodyReader(called, `${at}.function.`);
  const name = reader.text("name");
  if (name === undefined || !/^[\w.-]{1,64}$/.test(name))
    throw defect(`${at}.function.name`, "up to 64 letters, digits, _ and -", name);
  const description = reader.text("description");
  const schema = reader.object("parameters") ?? { type: "object", properties: {} };
  return { name, inputSchema: schema as JsonObject, ...(description === undefined ? {} : { description }) };
}

function readToolChoice(choice: unknown, tools: readonly ToolSpecification[]): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  const chosen = isPlainObject(choice) && isPlainObject(choice["function"]) ? choice["function"]["name"] : undefined;
  if (typeof chosen === "string") {
    if (tools.some(({ name }) => name === chosen)) return { name: chosen };
    throw defect(
      "tool_choice.function.name",
      `one of ${tools.map(({ name }) => name).join(", ") || "no tools"}`,
      chosen,
    );
  }
  if (choice !== "auto" && choice !== "none" && choice !== "required")
    throw defect("tool_choice", "auto, none, required or a function", choice);
  if (choice === "required" && tools.length === 0) throw new Defect(invalid("tool_choice", "tool_choice needs tools"));
  return choice;
}
