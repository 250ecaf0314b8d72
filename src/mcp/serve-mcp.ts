import type { Readable, Writable } from "node:stream";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { messageOf } from "#foundation";
import { mcpServer } from "./mcp-server.ts";
import type { McpServerOptions } from "./mcp-server.ts";

export interface ServeMcpOptions extends McpServerOptions {
  /** Where the client speaks; the process's stdin unless told. */
  readonly input?: Readable;
  /** Where it listens, and nobody else may write; the process's stdout unless told. */
  readonly output?: Writable;
  /** Ends the service: the calls under way are aborted and not answered. */
  readonly signal?: AbortSignal;
  /** Told of what is wrong with the connection; nobody unless told. */
  readonly onProblem?: (text: string) => void;
}

/**
 * Serves programs to one MCP client over stdio, of either era of the protocol. Resolves when the client has closed its
 * end or the signal aborts. Throws as `mcpServer` does before anything is read.
 */
export async function serveMcp(options: ServeMcpOptions): Promise<void> {
  const { input = process.stdin, output = process.stdout, signal, onProblem, ...serving } = options;
  // What is wrong with the programs is the caller's to know, and not the client's.
  mcpServer(serving);
  if (signal?.aborted === true) return;
  const over = Promise.withResolvers<void>();
  const end = (): void => over.resolve();
  const events = ["end", "close", "error"] as const;
  for (const event of events) input.on(event, end);
  signal?.addEventListener("abort", end, { once: true });
  const handle = serveStdio(() => mcpServer(serving), {
    transport: new StdioServerTransport(input, output),
    ...(onProblem === undefined ? {} : { onerror: (error: Error) => onProblem(messageOf(error)) }),
  });
  try {
    await over.promise;
  } finally {
    for (const event of events) input.off(event, end);
    signal?.removeEventListener("abort", end);
    await handle.close();
  }
}
