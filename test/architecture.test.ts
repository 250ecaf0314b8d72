import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagram } from "./architecture/diagram.ts";
import { importsOf, table, violations } from "./architecture/rules.ts";

const root = join(import.meta.dirname, "..");
const doors = Object.keys(
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { imports: Record<string, unknown> }).imports,
);
const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"));

describe("the floors", () => {
  test("every import of src stays within its row of the table", () => {
    expect(files.length).toBeGreaterThan(50);
    const read = (path: string): string => readFileSync(join(root, "src", path), "utf8");
    expect(files.flatMap((path) => violations(path, read(path), doors))).toEqual([]);
  });

  test("no row reaches upwards: the doors of floors form no ring", () => {
    const reaches = (from: string, to: string, seen: readonly string[] = []): boolean =>
      (table[from]?.doors ?? []).some(
        (door) => door === to || (!seen.includes(door) && reaches(door, to, [...seen, door])),
      );
    expect(Object.keys(table).filter((folder) => reaches(folder, folder))).toEqual([]);
  });
});

test("the README's diagram is the table's", () => {
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const lines = diagram(folders.map(({ name }) => name));
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(["```", ...lines, "```"].join("\n"));
});

describe("a planted violation is caught", () => {
  const planted: readonly [what: string, path: string, source: string, defect: string][] = [
    ["a folder without a row", "helpers/text.ts", "", "has no row"],
    ["a door above", "foundation/x.ts", 'import { program } from "#programs";', "may not enter #programs"],
    ["a door above by type", "variables/x.ts", 'import type { Program } from "#programs";', "may not enter #programs"],
    ["a neighbour", "orchestration/x.ts", 'import { program } from "#programs";', "may not enter #programs"],
    ["a neighbour, the other way", "programs/x.ts", 'export { team } from "#orchestration";', "may not enter"],
    [
      "a wing from a floor",
      "optimize/x.ts",
      'import { sqliteStore } from "#storage/sqlite";',
      "may not enter #storage",
    ],
    ["a wing from a wing", "models/icl/x.ts", 'import { fakeClock } from "#testing";', "may not enter #testing"],
    ["a floor that its wing does not know", "storage/x.ts", 'import type { P } from "#programs";', "may not enter"],
    ["one's own door", "programs/x.ts", 'import { execute } from "#programs";', "may not enter #programs"],
    ["the root from below", "models/x.ts", 'import { program } from "#tutti";', "may not enter #tutti"],
    ["the root by its public name", "models/x.ts", 'import { program } from "tutti";', "may not use the package tutti"],
    ["the roof from the root", "index.ts", 'import { main } from "#cli";', "may not enter #cli"],
    ["a way out by ../", "programs/x.ts", 'import { float } from "../variables/number.ts";', "may not leave"],
    ["a way out from below", "programs/adapters/x.ts", 'import "../../variables/index.ts";', "may not leave"],
    ["a way in from the root", "index.ts", 'export { float } from "./variables/number.ts";', "may not leave"],
    ["a deep import", "programs/x.ts", 'import { seededRng } from "#foundation/rng.ts";', "no such door"],
    ["a specifier without .ts", "programs/x.ts", 'import { x } from "./kernel";', "names the file"],
    ["a package of another floor", "variables/x.ts", 'import { jsonrepair } from "jsonrepair";', "may not use"],
    ["a package by a sub-path", "programs/x.ts", 'import pg from "@scope/pg/pool";', "the package @scope/pg"],
    ["a built-in without node:", "foundation/x.ts", 'import { readFileSync } from "fs";', "the package fs"],
    ["a dynamic import", "foundation/x.ts", 'const m = await import("#programs");', "may not enter #programs"],
    ["a dynamic import in a template", "foundation/x.ts", "await import(`#programs`);", "may not enter #programs"],
    ["an import type", "foundation/x.ts", 'type P = import("#programs").Program;', "may not enter #programs"],
    ["an import for its effect", "foundation/x.ts", 'import "zod";', "the package zod"],
    ["a require", "foundation/x.ts", 'const z = require("zod");', "the package zod"],
    ["a star", "foundation/x.ts", 'export * from "#programs";', "may not enter #programs"],
    ["several lines", "foundation/x.ts", 'import { \n  a, \n  b, \n } from "#programs";', "may not enter #programs"],
    ["after a comment", "foundation/x.ts", '/* "src/**/*.ts" */ import x from "#programs";', "may not enter #programs"],
    ["after a text with /*", "foundation/x.ts", 'const all = "src/**";\nimport "#programs"; // */', "may not enter"],
  ];

  test.each(planted)("%s", (_, path, source, defect) => {
    expect(violations(path, source, doors)).toEqual([expect.stringContaining(defect)]);
  });

  test("and what the table allows is not", () => {
    const source = `
      import { readFileSync } from "node:fs";
      import { UsageError } from "#foundation";
      import { jsonrepair } from "jsonrepair";
      import { kernel } from "../kernel.ts";
      import data from "./data/words.json" with { type: "json" };
      // import { cli } from "#cli";
      /** import { program } from "tutti"; */
    `;
    expect(violations("programs/adapters/x.ts", source, doors)).toEqual([]);
    expect(violations("cli/main.ts", 'import { program } from "#tutti";', doors)).toEqual([]);
    expect(importsOf(source)).toHaveLength(5);
  });
});
