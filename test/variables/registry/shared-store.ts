import { join } from "node:path";
import { memoryStore } from "#storage/memory";
import { sqliteStore } from "#storage/sqlite";
import type { Clock, Store } from "#foundation";
import { fakeClock } from "#testing";
import type { FakeClock } from "#testing";
import { VariableRegistry } from "#variables/registry";
import type { VariableChange, VariableListener, VariableRegistryOptions } from "#variables/registry";
import { temporaryDirectory } from "../../storage/temporary-directory.ts";

/** One place for variables that several stores, as of several processes, have open. */
export interface SharedStore {
  readonly open: () => Promise<Store>;
}

export const sharedStores: readonly [name: string, make: () => SharedStore][] = [
  ["memory", inMemory],
  ["a SQLite file", inFile],
];

function inMemory(): SharedStore {
  const store = memoryStore();
  return { open: async () => store };
}

function inFile(): SharedStore {
  const path = join(temporaryDirectory(), "tutti.db");
  return { open: () => sqliteStore({ path, pollMs: 2 }) };
}

export interface Opened extends AsyncDisposable {
  readonly registry: VariableRegistry;
  readonly store: Store;
  readonly clock: Clock & FakeClock;
}

/** A registry on a store of its own connection; both end together. */
export async function openRegistry(
  shared: SharedStore,
  options: Omit<VariableRegistryOptions, "store" | "clock"> = {},
): Promise<Opened> {
  const store = await shared.open();
  const clock = fakeClock(1_000);
  const registry = new VariableRegistry({ store, clock, ...options });
  const end = async (): Promise<void> => {
    await registry[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  return { registry, store, clock, [Symbol.asyncDispose]: end };
}

export interface Ear {
  readonly listener: VariableListener;
  /** Everything heard, as `scope name@version=value`. */
  readonly heard: string[];
  /** Resolves as soon as so many changes were heard. */
  readonly until: (count: number) => Promise<void>;
}

/** A listener that keeps what it hears. */
export function ear(): Ear {
  const heard: string[] = [];
  let wake = (): void => {};
  return {
    heard,
    listener: (change) => {
      heard.push(line(change));
      wake();
    },
    until: async (count) => {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

function line({ scope, name, version, value }: VariableChange): string {
  return `${scope} ${name}@${version}=${JSON.stringify(value)}`;
}
