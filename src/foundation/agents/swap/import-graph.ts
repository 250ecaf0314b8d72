/** Which module imports which, by their addresses. */
export class ImportGraph {
  readonly #imports = new Map<string, Set<string>>();

  /** The modules, those that import nothing too. */
  get modules(): string[] {
    return [...this.#imports.keys()];
  }

  has(module: string): boolean {
    return this.#imports.has(module);
  }

  add(module: string): void {
    if (!this.#imports.has(module)) this.#imports.set(module, new Set());
  }

  connect(importer: string, imported: string): void {
    this.add(importer);
    this.add(imported);
    this.#imports.get(importer)?.add(imported);
  }

  /** Takes out what the modules import, because they are read anew, and gives it back. */
  disconnect(modules: Iterable<string>): Map<string, ReadonlySet<string>> {
    const before = new Map<string, ReadonlySet<string>>();
    for (const module of modules) {
      if (!this.has(module)) continue;
      before.set(module, this.#imports.get(module) ?? new Set());
      this.#imports.set(module, new Set());
    }
    return before;
  }

  isImported(module: string): boolean {
    return this.#imports.values().some((imported) => imported.has(module));
  }

  /** The modules that are there, and everything that imports them, directly or not. */
  withImporters(modules: Iterable<string>): Set<string> {
    const found = new Set([...modules].filter((module) => this.has(module)));
    for (const module of found)
      for (const [importer, imported] of this.#imports) if (imported.has(module)) found.add(importer);
    return found;
  }
}
