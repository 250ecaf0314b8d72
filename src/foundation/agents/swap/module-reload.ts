import { realpathSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import type { LoadHookSync, ModuleHooks, ResolveHookSync } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CodedError, messageOf, UsageError } from "../../error.ts";
import { mintId } from "../../id.ts";
import { systemRng } from "../../rng.ts";
import type { Rng } from "../../rng.ts";
import { Operations } from "../supervisors/operations.ts";
import { ImportGraph } from "./import-graph.ts";

export interface ModuleReloaderOptions {
  /** The folder whose modules are read anew; what is in a `node_modules` is not. */
  readonly root: string;
  /** The module whose exports are wanted; relative to the root. */
  readonly entry: string;
  /** From where on nothing is reloaded any more; 200,000,000 unless told. */
  readonly maxLeakedBytes?: number;
  /** For the name under which this reloader's generations are known to Node. */
  readonly rng?: Rng;
}

export type ReloadErrorCode =
  /** A module could not be read, parsed or run: the `cause` says why. */
  | "load_failed"
  /** More memory would be lost than allowed. */
  | "leak_limit"
  /** A CommonJS module is among what would have to be read anew: Node gives out the old one. */
  | "not_reloadable";

/** Why modules were not loaded or reloaded. */
export class ReloadError extends CodedError<ReloadErrorCode> {
  override readonly name = "ReloadError";
}

/** What came of a reload. After a failure the exports from before are still the current ones. */
export type ReloadResult<E> =
  | {
      readonly ok: true;
      readonly exports: E;
      /** The files that were read anew. */
      readonly reloaded: readonly string[];
    }
  | { readonly ok: false; readonly error: ReloadError };

/** Node keeps every version of a module for ever, at about nine times its source (measured, Node 24). */
const leakedPerByte = 9;
const generationKey = "generation";

/**
 * The modules of a folder, to be read anew while the process runs: an edit gives a new generation to the file and to
 * what imports it, and to nothing else, so that the others keep their state and their classes. Code that runs on stays
 * what it was. For ES modules, `.ts` and `.js`. What was imported before this was made is another instance: let only
 * `load` and `reload` reach into the folder.
 *
 * Node cannot forget a module: every reload leaks, and `leakedBytes` counts it. For production put the program into a
 * worker or a process of its own and start a new one.
 */
export class ModuleReloader<E = Record<string, unknown>> implements Disposable {
  readonly #root: string;
  readonly #entry: string;
  readonly #maxLeakedBytes: number;
  readonly #series: string;
  readonly #hooks: ModuleHooks;
  readonly #operations = new Operations();
  readonly #graph = new ImportGraph();
  /** The generation that is imported, where it is not the first. No number is used twice: Node would give the old one. */
  readonly #generations = new Map<string, number>();
  readonly #commonJs = new Set<string>();
  /** What had changed at the last attempt, if that failed. */
  #unread = new Set<string>();
  /** What the last attempt, which failed, has left in Node in a version that must not be imported again. */
  #spoilt = new Set<string>();
  #reloads = 0;
  #leakedBytes = 0;
  #exports: E | undefined;
  #isDisposed = false;

  constructor({ root, entry, maxLeakedBytes = 200_000_000, rng = systemRng() }: ModuleReloaderOptions) {
    if (!(maxLeakedBytes >= 0))
      throw new UsageError(`ModuleReloader.maxLeakedBytes: expected at least 0, got ${maxLeakedBytes}`);
    this.#root = pathToFileURL(`${realpathSync(root)}/`).href;
    this.#entry = this.#addressOf(entry);
    if (!this.#isReloadable(this.#entry))
      throw new UsageError(`ModuleReloader.entry: expected a file in ${root}, got ${entry}`);
    this.#maxLeakedBytes = maxLeakedBytes;
    this.#series = mintId(rng, "reload");
    this.#hooks = registerHooks({ resolve: this.#resolve, load: this.#load });
  }

  /** An estimate of the memory that reloads have cost for good. */
  get leakedBytes(): number {
    return this.#leakedBytes;
  }

  /** The exports of the entry as it is now. Rejects with `ReloadError` if it was never loaded and does not load. */
  load(): Promise<E> {
    return this.#do(async () => {
      if (this.#exports !== undefined) return this.#exports;
      const result = await this.#renew([]);
      if (result.ok) return result.exports;
      throw result.error;
    });
  }

  /**
   * Reads the files that have changed, and what imports them, and gives the new exports. A file that nothing has
   * imported changes nothing. After a failure the next reload, of whatever file, tries again what had failed.
   */
  reload(...changedFiles: readonly string[]): Promise<ReloadResult<E>> {
    return this.#do(() => this.#renew(changedFiles.map((file) => this.#addressOf(file))));
  }

  /** Modules are no longer read anew; those that are there stay as they are. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#hooks.deregister();
  }

  async #renew(files: readonly string[]): Promise<ReloadResult<E>> {
    const changed = new Set([...files, ...this.#unread]);
    const affected = this.#graph.withImporters([...changed, ...this.#spoilt]);
    if (affected.size === 0 && this.#exports !== undefined) return { ok: true, exports: this.#exports, reloaded: [] };
    const refusal = this.#refusal(affected);
    if (refusal !== undefined) return { ok: false, error: refusal };
    this.#reloads++;
    this.#leakedBytes += costOf(affected);
    const known = new Set(this.#graph.modules);
    const before = new Map([...affected].map((module) => [module, this.#generations.get(module) ?? 0]));
    for (const module of affected) this.#generations.set(module, this.#reloads);
    const imports = this.#graph.disconnect(changed);
    try {
      const exports = (await import(this.#entry)) as E;
      // What unchanged modules import later, and the entry does not reach at once.
      for (const module of changed) if (this.#graph.isImported(module)) await import(module);
      [this.#exports, this.#unread, this.#spoilt] = [exports, new Set(), new Set()];
      return { ok: true, exports, reloaded: [...affected].map((module) => fileURLToPath(module)) };
    } catch (cause) {
      for (const [importer, imported] of imports) for (const module of imported) this.#graph.connect(importer, module);
      for (const [module, generation] of before) this.#generations.set(module, generation);
      this.#unread = changed;
      this.#spoilt = new Set([...affected, ...this.#graph.modules.filter((module) => !known.has(module))]);
      const error = new ReloadError("load_failed", `the modules do not load: ${messageOf(cause)}`, { cause });
      return { ok: false, error };
    }
  }

  #refusal(affected: ReadonlySet<string>): ReloadError | undefined {
    const fixed = [...affected].find((module) => this.#commonJs.has(module));
    if (fixed !== undefined)
      return new ReloadError(
        "not_reloadable",
        `${fileURLToPath(fixed)} is a CommonJS module, which Node does not read anew: make it an ES module`,
      );
    const leakedBytes = this.#leakedBytes + costOf(affected);
    if (leakedBytes <= this.#maxLeakedBytes) return undefined;
    return new ReloadError(
      "leak_limit",
      `reloads would have leaked ${leakedBytes} bytes, of ${this.#maxLeakedBytes} allowed: start a new worker or process`,
    );
  }

  readonly #resolve: ResolveHookSync = (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context);
    const { module } = parted(resolved.url);
    if (!this.#isReloadable(module) || !context.conditions.includes("import")) return resolved;
    this.#graph.add(module);
    if (context.parentURL !== undefined) {
      const importer = parted(context.parentURL);
      const isCurrent = importer.version === this.#versionOf(importer.module);
      if (isCurrent && this.#isReloadable(importer.module)) this.#graph.connect(importer.module, module);
    }
    return { ...resolved, url: `${module}?${generationKey}=${this.#versionOf(module)}` };
  };

  readonly #load: LoadHookSync = (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (loaded.format?.startsWith("commonjs") === true) this.#commonJs.add(parted(url).module);
    return loaded;
  };

  #versionOf(module: string): string {
    return `${this.#series}.${this.#generations.get(module) ?? 0}`;
  }

  #isReloadable(module: string): boolean {
    return module.startsWith(this.#root) && !module.includes("/node_modules/");
  }

  #addressOf(file: string): string {
    const path = resolve(fileURLToPath(this.#root), file);
    return pathToFileURL(statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path)).href;
  }

  #do<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#isDisposed) throw new UsageError("ModuleReloader: it is disposed of");
    return this.#operations.do(operation);
  }
}

/** A module's address and, of one that was reloaded, its version. */
function parted(url: string): { readonly module: string; readonly version: string | undefined } {
  const [module = url, version] = url.split(`?${generationKey}=`);
  return { module, version };
}

function costOf(modules: Iterable<string>): number {
  let bytes = 0;
  for (const module of modules) bytes += statSync(new URL(module), { throwIfNoEntry: false })?.size ?? 0;
  return bytes * leakedPerByte;
}
