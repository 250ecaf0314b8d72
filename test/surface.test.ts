import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as Manifest;
const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");

async function valuesOf(entry: string): Promise<string[]> {
  const door = entry === "." ? "#tutti" : entry.replace("./", "#");
  return Object.keys((await import(/* @vite-ignore */ door)) as object).sort();
}

describe("the public surface", () => {
  test.each(entries)("the values of %s are the ones that were chosen", async (entry) => {
    expect(await valuesOf(entry)).toMatchSnapshot();
  });

  test("the root has fewer than 60 values", async () => {
    expect((await valuesOf(".")).length).toBeLessThan(60);
  });

  test.each(entries)("%s has no default export", async (entry) => {
    expect(await valuesOf(entry)).not.toContain("default");
  });
});
