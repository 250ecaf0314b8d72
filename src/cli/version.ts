import { readFileSync } from "node:fs";

/** The version of this package. Its package.json lies two folders up, from the sources as from the build. */
export function tuttiVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
