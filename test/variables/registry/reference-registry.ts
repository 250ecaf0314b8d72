import { isDeepStrictEqual } from "node:util";
import type { Json } from "#foundation";
import { defaultConfiguration, space, validateConfiguration } from "#variables";
import type { Configuration, Variable } from "#variables";
import type { ExpectedVersion, ScopeText } from "#variables/registry";

interface Entry {
  readonly variable: Variable;
  readonly orchestration: boolean;
  readonly values: Json[];
}

/** The scopes that a scope sees, own first. */
export const sight: Readonly<Record<string, readonly ScopeText[]>> = {
  "agent:a/x": ["agent:a/x", "team:a", "global", "cluster", "federation"],
  "team:a": ["team:a", "global", "cluster", "federation"],
  "team:b": ["team:b", "global", "cluster", "federation"],
  global: ["global", "cluster", "federation"],
  federation: ["federation"],
};

/** What a registry has to do, in the shortest words: for comparison. Every answer is one line. */
export class ReferenceRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #ears: { readonly hears: (scope: ScopeText, name: string) => boolean; readonly heard: string[] }[] = [];

  subscribe(hears: (scope: ScopeText, name: string) => boolean): readonly string[] {
    const heard: string[] = [];
    this.#ears.push({ hears, heard });
    return heard;
  }

  define(scope: ScopeText, variable: Variable, orchestration: boolean, version?: ExpectedVersion): string {
    const { name } = variable;
    const entry = this.#entries.get(`${scope} ${name}`);
    const now = entry?.values.length ?? 0;
    if (entry?.orchestration === orchestration && isDeepStrictEqual(entry.variable, variable)) return `ok ${now}`;
    if (entry !== undefined) {
      if (version !== undefined && version !== "any" && version !== now) return "conflict";
      if (entry.variable.kind !== variable.kind || !fits(variable, entry.values.at(-1))) return "incompatible";
      if (version === undefined) return "conflict";
    }
    const value = entry?.values.at(-1) ?? defaultConfiguration(space([variable]))[name] ?? null;
    return this.#write(scope, name, { variable, orchestration, values: [...(entry?.values ?? []), value] });
  }

  set(scope: ScopeText, name: string, value: unknown, version: ExpectedVersion): string {
    const entry = this.#entries.get(`${scope} ${name}`);
    if (entry === undefined) return "not_found";
    if (version !== "any" && version !== entry.values.length) return "conflict";
    if (!fits(entry.variable, value)) return "invalid";
    return this.#write(scope, name, { ...entry, values: [...entry.values, value as Json] });
  }

  resolve(name: string, scope: ScopeText, isCoordinated: boolean): string {
    const found = (sight[scope] ?? []).filter((each) => this.#entries.has(`${each} ${name}`));
    const outermost = found.findLast((each) => this.#entries.get(`${each} ${name}`)?.orchestration);
    const from = isCoordinated && outermost !== undefined ? outermost : found[0];
    const values = this.#entries.get(`${from} ${name}`)?.values ?? [];
    return from === undefined ? "not_found" : `${from} ${values.length} ${JSON.stringify(values.at(-1))}`;
  }

  configurationOf(scope: ScopeText, names: readonly string[]): Configuration {
    const lines = names.map((name) => [name, this.resolve(name, scope, false).split(" ")[2]] as const);
    return Object.fromEntries(lines.flatMap(([name, text]) => (text === undefined ? [] : [[name, JSON.parse(text)]])));
  }

  history(scope: ScopeText, name: string, limit: number): readonly Json[] {
    return this.#entries.get(`${scope} ${name}`)?.values.slice(-limit) ?? [];
  }

  #write(scope: ScopeText, name: string, entry: Entry): string {
    this.#entries.set(`${scope} ${name}`, entry);
    const version = entry.values.length;
    const told = `${scope} ${name}@${version}=${JSON.stringify(entry.values.at(-1))}`;
    for (const { hears, heard } of this.#ears) if (hears(scope, name)) heard.push(told);
    return `ok ${version}`;
  }
}

function fits(variable: Variable, value: unknown): boolean {
  return validateConfiguration(space([variable]), { [variable.name]: value }).ok;
}
