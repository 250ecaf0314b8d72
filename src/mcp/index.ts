/** Programs as tools of an MCP server. Needs the package `@modelcontextprotocol/server`. */

export { mcpServer } from "./mcp-server.ts";
export type { McpServerOptions, ServedProgram } from "./mcp-server.ts";
export { serveMcp } from "./serve-mcp.ts";
export type { ServeMcpOptions } from "./serve-mcp.ts";
