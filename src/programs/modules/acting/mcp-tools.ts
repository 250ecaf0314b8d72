import { describe, isPlainObject, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { boundedJson } from "./bounded-json.ts";
import { broughtStage } from "../brought-stage.ts";
import { ToolInputError } from "./tool.ts";
import type { Tool } from "./tool.ts";

/** A client of an MCP server, by the shape of the official one (`@modelcontextprotocol/client`). */
export interface McpClient {
  listTools(params?: { readonly cursor?: string }, options?: { readonly signal?: AbortSignal }): Promise<McpToolList>;
  callTool(
    params: { readonly name: string; readonly arguments?: Record<string, unknown> },
    options?: { readonly signal?: AbortSignal },
  ): Promise<object>;
}

interface McpToolList {
  readonly tools: readonly McpToolEntry[];
  readonly nextCursor?: string | undefined;
}

interface McpToolEntry {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
}

export interface McpToolsOptions {
  /** The names of those that are wanted; all unless told. */
  readonly only?: readonly string[];
  /** Stands before every name, for tools of two servers with one name. */
  readonly prefix?: string;
  readonly signal?: AbortSignal;
}

/** The most pages of a server's list that are read. */
const maxPages = 100;
const maxOutputChars = 2 ** 20;

/**
 * A server's tools as ours, for `react({ tools: await mcpTools(client) })`. The server checks what they are given, and an
 * error that it reports is the tool's. Throws `UsageError` where `only` names one that is not there.
 */
export async function mcpTools(client: McpClient, options: McpToolsOptions = {}): Promise<Tool[]> {
  const { only, prefix = "" } = options;
  const entries = await listed(client, options.signal);
  const missing = only?.find((name) => !entries.some((entry) => entry.name === name));
  if (missing !== undefined)
    throw new UsageError(
      `mcpTools.only: the server has no tool ${describe(missing)}; it has ${entries.map(({ name }) => name).join(", ")}`,
    );
  return entries.filter(({ name }) => only?.includes(name) ?? true).map((entry) => mcpTool(client, entry, prefix));
}

async function listed(client: McpClient, signal: AbortSignal | undefined): Promise<readonly McpToolEntry[]> {
  const entries: McpToolEntry[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const list = await client.listTools(cursor === undefined ? {} : { cursor }, signal === undefined ? {} : { signal });
    entries.push(...list.tools);
    cursor = list.nextCursor;
    if (cursor === undefined) break;
  }
  return entries;
}

function mcpTool(client: McpClient, entry: McpToolEntry, prefix: string): Tool {
  const name = prefix + entry.name;
  const inputSchema = entry.inputSchema as JsonObject;
  const properties = isPlainObject(inputSchema["properties"]) ? Object.keys(inputSchema["properties"]) : [];
  const call: Tool["call"] = async (input, { signal } = {}) => {
    if (!isPlainObject(input))
      throw new ToolInputError(`the input does not fit: expected an object, got ${describe(input)}`);
    const params = { name: entry.name, arguments: input };
    return resultOf(await client.callTool(params, signal === undefined ? {} : { signal }));
  };
  const stage = broughtStage({
    usualName: name,
    options: {},
    configuration: {},
    settings: [],
    async run(context, { signal }) {
      const values: Readonly<Record<string, unknown>> = { ...context.inputs, ...context.outputs };
      const taken = properties.filter((property) => Object.hasOwn(values, property));
      const given = await call(Object.fromEntries(taken.map((property) => [property, values[property]])), { signal });
      return { outputs: isPlainObject(given) ? given : { [name]: given } };
    },
  });
  return { ...stage, description: entry.description ?? "", inputSchema, inputs: [], call };
}

/** The structured content of a result, else its texts; what is no text is named. Throws for a result that is an error. */
function resultOf(result: object): unknown {
  const { content, structuredContent, isError } = result as Readonly<Record<string, unknown>>;
  const parts = Array.isArray(content) ? content.filter(isPlainObject) : [];
  const text = parts
    .map((part) => (typeof part["text"] === "string" ? part["text"] : `(${String(part["type"])} left out)`))
    .join("\n");
  if (isError === true) throw new Error(text === "" ? "the server reports an error" : text);
  return boundedJson(structuredContent ?? text, maxOutputChars);
}
