import { describe, systemClock, UsageError } from "#foundation";
import type { Clock, Store, SubscribeOptions } from "#foundation";
import type { Configuration } from "../configuration.ts";
import type { Variable } from "../variable.ts";
import { addressFrom, checkCount, checkDefine, checkDefinition, checkSet } from "./check-call.ts";
import { namePattern } from "./name-pattern.ts";
import { RegistryError } from "./registry-error.ts";
import { enclosingScopes, scopeText } from "./registry-scope.ts";
import type { RegistryScope, ScopeText } from "./registry-scope.ts";
import { coordinated, nearest } from "./resolution.ts";
import type { Resolution, ResolvedVariable, VariableNotFound } from "./resolution.ts";
import { rethrowLater, VariableFeed } from "./variable-feed.ts";
import type { VariableListener } from "./variable-feed.ts";
import { appendChange, currentState, namesIn, newestVersions } from "./variable-log.ts";
import type { VariableAddress, VariableState } from "./variable-log.ts";
import type { VariableVersion, VersionNotes } from "./variable-version.ts";
import { decideDefinition, decideValue } from "./write-decision.ts";
import type { ExpectedVersion, WriteRefusal } from "./write-decision.ts";

export interface VariableRegistryOptions {
  /** Where the variables are kept. The registry does not dispose of it. */
  readonly store: Store;
  /** Dates the versions; the machine's clock unless told. */
  readonly clock?: Clock;
  /** How many of a variable's newest versions `history` shows at most; 100 unless told. The store keeps all of them. */
  readonly maxEntries?: number;
  /**
   * Hears what a listener threw, that a change could not be read, and that the store's watch failed (it goes on after a
   * second, without a gap). Unless told, the error is thrown outside of everybody's stack.
   */
  readonly onError?: (error: unknown) => void;
}

export interface DefineOptions extends VersionNotes {
  /** Whether the variable wins over what inner scopes define when agents are coordinated. False unless told. */
  readonly orchestration?: boolean;
  /** The version that this definition replaces. Only for a variable that is defined differently already. */
  readonly version?: ExpectedVersion;
}

export interface SetOptions extends VersionNotes {
  /** The version that the writer has seen: the write is refused when it is not the newest any more. `"any"` forces it. */
  readonly version: ExpectedVersion;
  /** What the writer measured with this value. */
  readonly score?: number;
}

export interface HistoryOptions {
  /** At most so many of the newest versions; `maxEntries` unless told, and never more. */
  readonly limit?: number;
}

export type DefineResult = { readonly ok: true; readonly version: number } | WriteRefusal;
export type SetResult = { readonly ok: true; readonly version: number } | WriteRefusal | VariableNotFound;

/**
 * The variables that agents and programs share, in scopes that enclose each other. Everything is kept in the store, so
 * registries on one store, in one process or several, are one: a write that was answered is seen by every later call.
 * Methods reject with `UsageError` for the caller's mistakes, with `RegistryError` for what the store should not hold.
 */
export class VariableRegistry implements AsyncDisposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #feed: VariableFeed;
  #isClosed = false;

  constructor({ store, clock = systemClock, maxEntries = 100, onError = rethrowLater }: VariableRegistryOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#maxEntries = checkCount("maxEntries", maxEntries);
    this.#feed = new VariableFeed({ store, clock, onError });
  }

  /**
   * Defines a variable with its default as the value. The same definition again changes nothing, so that every process
   * may define what it needs when it starts. Another one needs `version`; it keeps the value in force, and is refused
   * as incompatible when its kind is another or that value does not fit it.
   */
  async define(
    scope: RegistryScope | ScopeText,
    variable: Variable,
    options: DefineOptions = {},
  ): Promise<DefineResult> {
    const { orchestration = false, version, notes } = checkDefine(options);
    const wanted = { variable: checkDefinition(variable), orchestration, version };
    const address = { scope: scopeText(scope), name: wanted.variable.name };
    for (;;) {
      const state = await this.#state(address);
      const decision = decideDefinition(state, wanted);
      if (decision.do === "keep") return { ok: true, version: decision.version };
      if (decision.do === "refuse") return decision.refusal;
      const { value } = decision;
      const change = {
        type: "defined",
        at: this.#clock.now(),
        value,
        variable: wanted.variable,
        orchestration,
      } as const;
      const seen = state?.version ?? 0;
      if (await appendChange(this.#store, address, { change: { ...change, ...notes }, version: seen }))
        return { ok: true, version: seen + 1 };
    }
  }

  /** Sets the value of a variable that this very scope defines, by compare-and-set. */
  async set(scope: RegistryScope | ScopeText, name: string, value: unknown, options: SetOptions): Promise<SetResult> {
    const { version, score, notes } = checkSet(options);
    const address = addressFrom(scope, name);
    for (;;) {
      const state = await this.#state(address);
      if (state === undefined) return this.#notFound(name, [address.scope]);
      const decision = decideValue(state, value, version);
      if (decision.do === "refuse") return decision.refusal;
      const { definition, version: seen } = state;
      const change = {
        type: "set",
        at: this.#clock.now(),
        value: decision.value,
        definition,
        score,
        ...notes,
      } as const;
      if (await appendChange(this.#store, address, { change, version: seen })) return { ok: true, version: seen + 1 };
    }
  }

  /** The value of a name for whoever reads it in a scope: the scope's own, else the one of the nearest enclosing scope. */
  async resolve(name: string, scope: RegistryScope | ScopeText): Promise<Resolution> {
    const scopes = enclosingScopes(addressFrom(scope, name).scope);
    return (await this.#nearest(name, scopes)) ?? this.#notFound(name, scopes);
  }

  /**
   * The value of a name when agents are coordinated: the one of the outermost scope that defines it as an orchestration
   * variable wins, whatever inner scopes say; without one the value is the one that is read.
   */
  async resolveForCoordination(name: string, scope: RegistryScope | ScopeText): Promise<Resolution> {
    const scopes = enclosingScopes(addressFrom(scope, name).scope);
    const states = await Promise.all(scopes.map((each) => this.#state({ scope: each, name })));
    return coordinated(states.filter((state) => state !== undefined)) ?? this.#notFound(name, scopes);
  }

  /**
   * All values that can be read in a scope, as one configuration, sorted by path. Each was in force at some time during
   * the call; the call takes no common snapshot of them.
   */
  async configurationOf(scope: RegistryScope | ScopeText): Promise<Configuration> {
    this.#assertOpen();
    const scopes = enclosingScopes(scopeText(scope));
    const lists = await Promise.all(scopes.map(async (each) => new Set(await namesIn(this.#store, each))));
    const names = [...new Set(lists.flatMap((list) => [...list]))].sort();
    const entries = names.map(async (name) => {
      const found = await this.#nearest(
        name,
        scopes.filter((_, index) => lists[index]?.has(name)),
      );
      return found === undefined ? [] : [[name, found.value] as const];
    });
    return Object.fromEntries((await Promise.all(entries)).flat());
  }

  /**
   * The newest versions of a variable that this very scope defines, oldest first: who wrote when, why and with which
   * score. Rejects with "unknown_variable" where nobody defined it. The log in the store is append-only and keeps more.
   */
  async history(
    scope: RegistryScope | ScopeText,
    name: string,
    options: HistoryOptions = {},
  ): Promise<readonly VariableVersion[]> {
    const { limit = this.#maxEntries } = options;
    const address = addressFrom(scope, name);
    const most = Math.min(checkCount("limit", limit), this.#maxEntries);
    this.#assertOpen();
    const versions = await newestVersions(this.#store, address, most);
    if (versions.length > 0) return versions;
    const { message } = await this.#notFound(name, [address.scope]);
    throw new RegistryError("unknown_variable", message);
  }

  /**
   * Calls the listener once for every version of every variable whose name fits the pattern (see `namePattern`) in the
   * scope and the ones around it, that is wherever `resolve` would look; in the order of the versions, whichever process
   * wrote them. It hears what is written after the returned promise has resolved, until the signal aborts or the
   * returned function is called. A listener that throws keeps the change from nobody else.
   */
  async subscribe(
    scope: RegistryScope | ScopeText,
    pattern: string,
    listener: VariableListener,
    options: SubscribeOptions = {},
  ): Promise<() => void> {
    const scopes = new Set<ScopeText>(enclosingScopes(scopeText(scope)));
    const fits = namePattern(pattern);
    if (typeof listener !== "function")
      throw new UsageError(`listener: expected a function, got ${describe(listener)}`);
    this.#assertOpen();
    return this.#feed.subscribe((address) => scopes.has(address.scope) && fits(address.name), listener, options);
  }

  /** Ends every subscription; later calls reject with "closed". Writes under way are still answered. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#feed[Symbol.asyncDispose]();
  }

  async #nearest(name: string, scopes: readonly ScopeText[]): Promise<ResolvedVariable | undefined> {
    for (const scope of scopes) {
      const state = await this.#state({ scope, name });
      if (state !== undefined) return nearest([state]);
    }
    return undefined;
  }

  #state(address: VariableAddress): Promise<VariableState | undefined> {
    this.#assertOpen();
    return currentState(this.#store, address);
  }

  async #notFound(name: string, scopes: readonly ScopeText[]): Promise<VariableNotFound> {
    const lists = await Promise.all(scopes.map((scope) => namesIn(this.#store, scope)));
    const known = [...new Set(lists.flat())].filter((other) => other !== name).sort();
    const words = known.length === 0 ? "none" : known.join(", ");
    const message = `no variable ${describe(name)} is defined in ${scopes.join(", ")}; the known ones are: ${words}`;
    return { ok: false, code: "not_found", message, known };
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new RegistryError("closed", "the variable registry was disposed of; make another one");
  }
}
