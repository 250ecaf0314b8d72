import { McpServer } from "@modelcontextprotocol/server";
import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import { describe, isPlainObject, messageOf, UsageError } from "#foundation";
import { asTool, jsonOutputs } from "#interop";
import type { ProgramTool, RunOptions, ToolOptions } from "#interop";
import { outputSchema } from "#programs";
import type { Program } from "#programs";
import { execute } from "#tutti";

export interface McpServerOptions extends RunOptions {
  /** Each becomes a tool; alone, or with what of the options is different for it. */
  readonly programs: readonly (Program | ServedProgram)[];
  /** What the server calls itself; "tutti" unless told. */
  readonly name?: string;
  /** The version that it tells; "0.0.0" unless told. */
  readonly version?: string;
}

/** A program with its tool's name and description, and with options that win over the server's. */
export interface ServedProgram extends ToolOptions {
  readonly program: Program;
}

/**
 * An MCP server whose tools are programs: listed with the forms of their inputs and outputs, and run when they are called.
 * A call answers with the outputs as structured content and as JSON text, and with an error result when its inputs do
 * not fit or the program fails; a cancelled call aborts its model call; a progress token is told of every stage.
 * Not yet connected: `server.connect(transport)`, or `serveMcp` for stdio. Throws `UsageError` for what `asTool` refuses,
 * for no program at all, and for two tools of one name.
 */
export function mcpServer(options: McpServerOptions): McpServer {
  if (!isPlainObject(options) || !Array.isArray(options.programs) || options.programs.length === 0)
    throw new UsageError(`mcpServer: expected { programs: […] } with at least one program, got ${describe(options)}`);
  const { programs, name = "tutti", version = "0.0.0", ...rest } = options;
  const server = new McpServer({ name, version });
  const names = new Set<string>();
  for (const given of programs) {
    const served = { ...rest, ...(isServed(given) ? given : { program: given }) };
    const tool = asTool(served.program, served);
    if (names.has(tool.name))
      throw new UsageError(
        `mcpServer: two tools are called ${tool.name}; give one of them another by { program, name }`,
      );
    names.add(tool.name);
    register(server, tool, served);
  }
  return server;
}

function isServed(given: Program | ServedProgram): given is ServedProgram {
  return typeof given === "object" && given !== null && "program" in given;
}

function register(server: McpServer, tool: ProgramTool, served: ServedProgram): void {
  const { program } = served;
  const { instructions, inputs, outputs } = program.signature;
  const config = {
    title: program.name,
    description: tool.description,
    inputSchema: tool.inputSchema,
    outputSchema: outputSchema({ instructions, inputs, outputs }),
  };
  server.registerTool(tool.name, config, (args, context) => called(tool.name, served, { args, context }));
}

async function called(
  name: string,
  { program, ...options }: ServedProgram,
  { args, context }: { readonly args: object; readonly context: ServerContext },
): Promise<CallToolResult> {
  const { signal } = context.mcpReq;
  try {
    const execution = await execute(program, args, { ...options, signal, ...progressOf(context) });
    const structuredContent = await jsonOutputs(program, execution);
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  } catch (thrown) {
    return { content: [{ type: "text", text: `${name}: ${messageOf(thrown)}` }], isError: true };
  }
}

/** Tells a client that asked for it which stage the program has come to. A model that streams is asked to. */
function progressOf({ mcpReq }: ServerContext): Pick<Parameters<typeof execute>[2] & object, "onPartial"> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return {};
  const stages = new Set<string>();
  return {
    onPartial({ stage }) {
      if (stages.has(stage)) return;
      stages.add(stage);
      const params = { progressToken, progress: stages.size, message: stage };
      // Who has gone misses nothing.
      mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
    },
  };
}
