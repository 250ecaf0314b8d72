import { messageOf, UsageError } from "#foundation";
import type { serveMcp } from "#mcp";
import { CliError } from "../cli-error.ts";
import { exitCodeOf, errorCode, exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { interruption } from "../interrupt.ts";
import type { Session } from "../session.ts";
import { claimStdout } from "../terminal/claimed-stdout.ts";
import { tuttiVersion } from "../version.ts";

export interface McpServeOptions {
  readonly stored?: boolean;
  readonly program?: string;
  /** A run whose chosen configuration is used. */
  readonly from?: string;
}

/** `tutti mcp serve [FILE…]`: programs as the tools of an MCP server over stdio, until the client leaves. */
export async function mcpServeCommand(
  files: readonly string[],
  { stored = false, program, from }: McpServeOptions,
  session: Session,
): Promise<ExitCode> {
  const { out, signal } = session;
  if (files.length === 0 && !stored)
    throw new UsageError("mcp serve: name the files whose programs are served, or --stored for those of the store");
  if (files.length === 0 && (program ?? from) !== undefined)
    throw new UsageError(`mcp serve: --${program === undefined ? "from" : "program"} is about a file; name it`);
  const mcp = await loadMcp();
  const { programsOfFiles, programsOfStore } = await import("../code/served-programs.ts");
  // Before a user's file is loaded: it may print.
  using stdout = claimStdout();
  const ofFiles = await programsOfFiles(files, { program, from }, session);
  const programs = stored ? [...ofFiles, ...(await programsOfStore(ofFiles, session))] : ofFiles;
  if (programs.length === 0) throw new UsageError(`mcp serve: there is no program to serve in ${session.storePath}`);
  out.note(`serving ${programs.map((each) => each.name ?? each.program.name).join(", ")} over stdio`);
  await mcp.serveMcp({
    programs,
    name: "tutti",
    version: tuttiVersion(),
    output: stdout.output,
    signal,
    onProblem: (text) => out.note(`mcp: ${text}`),
  });
  // The client has stdout to itself: an interruption is no line there, whatever --json says.
  return signal.aborted ? exitCodeOf(interruption(signal, "interrupted")) : exitCodes.ok;
}

async function loadMcp(): Promise<{ readonly serveMcp: typeof serveMcp }> {
  try {
    return await import("#mcp");
  } catch (error) {
    if (errorCode(error) !== "ERR_MODULE_NOT_FOUND" || !messageOf(error).includes("@modelcontextprotocol/"))
      throw error;
    const message =
      "tutti mcp serve needs the package @modelcontextprotocol/server: npm install @modelcontextprotocol/server";
    throw new CliError("configuration", message, { cause: error });
  }
}
