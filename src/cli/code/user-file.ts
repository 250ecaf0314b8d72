import { existsSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, isPlainObject, UsageError } from "#foundation";
import type { Metric, Module, Program } from "#programs";
import { parseSpace } from "#variables";
import type { Space } from "#variables";
import type { ModelLike } from "#models";
import { stackDepth } from "./error-place.ts";
import { loadError } from "./load-error.ts";

/** The code that a command needs beside a program. */
export interface UserCode {
  /** Absolute. */
  readonly path: string;
  readonly metric: Metric | undefined;
  readonly space: Space | undefined;
  readonly model: ModelLike | undefined;
  readonly modules: readonly Module[];
}

/** What a user's file says: a program and its code. */
export interface UserFile extends UserCode {
  readonly program: Program;
}

/**
 * Imports a `.ts` or `.js` module and picks what it exports: the program `name`, or the only one. Throws `UsageError`
 * with a hint when it cannot be loaded or exports something else than is expected.
 */
export async function loadUserFile(file: string, name?: string): Promise<UserFile> {
  const { exported, code } = await loadModule(file);
  return { ...code, program: pickProgram(file, exported, name) };
}

/** The same with every program that the module exports, or with the one of that name. */
export async function loadUserPrograms(file: string, name?: string): Promise<UserFile[]> {
  const { exported, code } = await loadModule(file);
  const all = name === undefined ? programsIn(exported) : [];
  const programs = all.length > 0 ? all : [pickProgram(file, exported, name)];
  return programs.map((program) => ({ ...code, program }));
}

/** What a module exports for programs that it need not export itself. */
export async function loadUserCode(file: string): Promise<UserCode> {
  return (await loadModule(file)).code;
}

interface LoadedModule {
  readonly exported: Record<string, unknown>;
  readonly code: UserCode;
}

async function loadModule(file: string): Promise<LoadedModule> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`);
  if (/^\.c[jt]s$/.test(extname(path))) throw commonJs(file);
  const exported = await importFile(file, path);
  if (Object.hasOwn(exported, "module.exports")) throw commonJs(file);
  const { metric, space, model, modules = [] } = exported;
  if (metric !== undefined && typeof metric !== "function")
    throw new UsageError(`${file}: expected a function (outputs, example) => score as metric, got ${describe(metric)}`);
  if (!Array.isArray(modules)) throw new UsageError(`${file}: expected a list as modules, got ${describe(modules)}`);
  const code: UserCode = {
    path,
    metric: metric as Metric | undefined,
    space: space === undefined ? undefined : spaceIn(file, space),
    model: model as ModelLike | undefined,
    modules: modules as readonly Module[],
  };
  return { exported, code };
}

function commonJs(file: string): UsageError {
  return new UsageError(
    `${file}: expected an ES module that exports a program, but this is CommonJS: name it .ts or .mjs, and write import and export instead of require and module.exports`,
  );
}

async function importFile(file: string, path: string): Promise<Record<string, unknown>> {
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = stackDepth;
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw loadError(file, path, error);
  } finally {
    Error.stackTraceLimit = depth;
  }
}

function pickProgram(file: string, exported: Record<string, unknown>, name: string | undefined): Program {
  const programs = programsIn(exported);
  const names = programs.map((program) => program.name).join(", ");
  if (name !== undefined) {
    const named = programs.find((program) => program.name === name);
    if (named !== undefined) return named;
    throw new UsageError(`${file}: there is no program ${name}; it exports ${names === "" ? "no program" : names}`);
  }
  const [only] = programs;
  if (only !== undefined && programs.length === 1) return only;
  if (isProgram(exported["program"])) return exported["program"];
  if (programs.length > 1)
    throw new UsageError(`${file} exports several programs: choose one of ${names} by --program`);
  const others = Object.keys(exported).join(", ") || "nothing";
  throw new UsageError(
    `${file}: expected an exported program, as in "export const triage = program({ … })", but it exports ${others}`,
  );
}

function programsIn(exported: Record<string, unknown>): Program[] {
  return [...new Set(Object.values(exported).filter(isProgram))];
}

function isProgram(value: unknown): value is Program {
  return isPlainObject(value) && typeof value["name"] === "string" && Array.isArray(value["pipeline"]);
}

function spaceIn(file: string, value: unknown): Space {
  try {
    return parseSpace(value);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
