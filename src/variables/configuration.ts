import { canonicalJson } from "#foundation";
import type { Json } from "#foundation";

/** A value for each path: the one thing that optimisers propose and programs read. Flat, plain JSON. */
export type Configuration = { readonly [path: string]: Json };

/** One path on which two configurations disagree; an absent side is `undefined`. */
export interface ConfigurationChange {
  readonly path: string;
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

/** Per path, the last configuration that has a value wins. */
export function mergeConfigurations(...configurations: readonly Configuration[]): Configuration {
  return Object.fromEntries(configurations.flatMap((configuration) => Object.entries(configuration)));
}

/** What has to change to come from one configuration to another, in the order of the paths. */
export function diffConfigurations(from: Configuration, to: Configuration): ConfigurationChange[] {
  const paths = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...paths]
    .sort()
    .map((path) => ({ path, from: valueAt(from, path), to: valueAt(to, path) }))
    .filter(({ from: before, to: after }) =>
      before === undefined || after === undefined ? before !== after : canonicalJson(before) !== canonicalJson(after),
    );
}

function valueAt(configuration: Configuration, path: string): Json | undefined {
  return Object.hasOwn(configuration, path) ? configuration[path] : undefined;
}
