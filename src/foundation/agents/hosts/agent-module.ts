import { pathToFileURL } from "node:url";
import { isAbsolute } from "node:path";
import { describe } from "../../json.ts";
import { UsageError } from "../../error.ts";
import { agent } from "../agent.ts";
import type { AgentDefinition } from "../agent.ts";
import { HostError } from "./host-error.ts";

declare const kind: unique symbol;

/** An agent's definition that can travel: not the functions, but the module that exports them. */
export interface AgentModule<M = unknown, A = unknown> {
  /** The module's URL. */
  readonly module: string;
  /** The name under which it exports the definition. */
  readonly export: string;
  /** What the agent is sent and started with; there at compile time only. */
  readonly [kind]?: (message: M, argument: A) => void;
}

type ModuleOf<D> =
  D extends AgentDefinition<infer _S, infer M, infer A> ? AgentModule<M, A> : AgentModule<never, never>;

/**
 * Names a definition by its module (a URL or an absolute path) and export, without importing it: a host imports it
 * where the agent runs. The type comes from the definition: `agentModule<typeof counter>(import.meta.url, "counter")`.
 * What it is sent and started with is cloned on the way to another thread or process; a `Ref` cannot make that journey.
 */
export function agentModule<D = AgentDefinition<unknown, unknown, unknown>>(
  module: string | URL,
  exported: string,
): ModuleOf<D> {
  const text = String(module);
  const url = isAbsolute(text) ? pathToFileURL(text).href : text;
  if (!URL.canParse(url))
    throw new UsageError(`agentModule: expected a module's URL or absolute path, got ${describe(module)}`);
  if (typeof exported !== "string" || exported === "")
    throw new UsageError(`agentModule: expected the name of an export, got ${describe(exported)}`);
  return { module: url, export: exported } as ModuleOf<D>;
}

/** The definition itself, imported here. Rejects with `HostError` (`bad_module`). */
export async function importAgent<M, A>({
  module,
  export: exported,
}: AgentModule<M, A>): Promise<AgentDefinition<unknown, M, A>> {
  try {
    const exports: unknown = await import(/* @vite-ignore */ module);
    return agent(Reflect.get(exports as object, exported) as AgentDefinition<unknown, M, A>);
  } catch (cause) {
    throw new HostError("bad_module", `${module} gave no agent ${exported}`, { cause });
  }
}
