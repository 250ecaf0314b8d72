// `npm run figures`: how large the house is, and how its files hang together: counts for issue notes and reviews.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { diagram } from "../test/architecture/diagram.ts";
import { importsOf } from "../test/architecture/rules.ts";

const root = join(import.meta.dirname, "..");

interface SourceFile {
  readonly path: string;
  /** Lines that are neither empty nor only comment. */
  readonly lines: number;
  /** Of every declared function, method and block-bodied arrow function. */
  readonly functions: readonly { readonly name: string; readonly lines: number }[];
  readonly imports: readonly string[];
  /** Without those that are types only. */
  readonly loads: readonly string[];
}

const files = trackedFiles("src").map(readSource);
const tests = trackedFiles("test").map(readSource);
const doors = doorFiles();

print("files and code lines", [
  ["src", `${files.length} files, ${sum(files.map(({ lines }) => lines))} lines`],
  ["test", `${tests.length} files, ${sum(tests.map(({ lines }) => lines))} lines`],
  ["file length in src", spread(files.map(({ lines }) => lines))],
  ["function length in src", spread(files.flatMap(({ functions }) => functions.map(({ lines }) => lines)))],
  ["exported names", `${exportedNames()} over all doors`],
  ["import rings between files, types included", String(rings(files, ({ imports }) => imports).length)],
  ["import rings at run time", String(rings(files, ({ loads }) => loads).length)],
]);
print(
  "files over 300 code lines",
  files.filter(({ lines }) => lines > 300).map(({ path, lines }) => [path, String(lines)]),
);
print(
  "functions over 60 code lines",
  files.flatMap(({ path, functions }) =>
    functions.filter(({ lines }) => lines > 60).map(({ name, lines }) => [`${path}: ${name}`, String(lines)]),
  ),
);
print(
  "folders of more than 25 files",
  [...Map.groupBy(files, ({ path }) => dirname(path))]
    .filter(([, inside]) => inside.length > 25)
    .map(([folder, inside]) => [folder, String(inside.length)]),
);
print(
  "who stands on whom",
  diagram(readdirSync(join(root, "src"))).map((line) => [line]),
);
for (const ring of rings(files, ({ imports }) => imports)) console.log(`ring: ${ring.join(" → ")}`);

function trackedFiles(folder: string): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", folder], {
    cwd: root,
    encoding: "utf8",
  });
  return [...new Set(listed.split("\n"))].filter((path) => path.endsWith(".ts"));
}

function readSource(path: string): SourceFile {
  const source = readFileSync(join(root, path), "utf8");
  const { program, comments } = parseSync(path, source);
  const isCode = codeLines(source, comments);
  const count = (from: number, to: number): number =>
    isCode.slice(lineAt(source, from), lineAt(source, to) + 1).filter(Boolean).length;
  const functions: { name: string; lines: number }[] = [];
  const add = (name: string, { start, end }: { start: number; end: number }): void =>
    void functions.push({ name, lines: count(start, end) });
  new Visitor({
    FunctionDeclaration: (node) => add(node.id?.name ?? "default", node),
    MethodDefinition: (node) => add(source.slice(node.key.start, node.key.end), node),
    ArrowFunctionExpression: (node) => {
      if (!node.expression) add("=>", node);
    },
  }).visit(program);
  const values = source.replaceAll(/\b(?:import|export) type\b[^;]*;/g, "");
  return {
    path,
    lines: isCode.filter(Boolean).length,
    functions,
    imports: importsOf(source),
    loads: importsOf(values),
  };
}

function codeLines(source: string, comments: readonly { start: number; end: number }[]): boolean[] {
  const blanked = comments.reduceRight(
    (text, { start, end }) => text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ") + text.slice(end),
    source,
  );
  return blanked.split("\n").map((line) => line.trim() !== "");
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length - 1;
}

function doorFiles(): ReadonlyMap<string, string> {
  const { imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    imports: Record<string, { "tutti-source": string }>;
  };
  return new Map(Object.entries(imports).map(([door, target]) => [door, target["tutti-source"].slice(2)]));
}

/** The surface test's snapshot has one line for each name. */
function exportedNames(): number {
  const snapshot = readFileSync(join(root, "test/__snapshots__/surface.test.ts.snap"), "utf8");
  return snapshot.split("\n").filter((line) => /^\s+"/.test(line)).length;
}

/** Files that import each other in a ring: the strongly connected components of more than one file (Kosaraju 1978). */
function rings(all: readonly SourceFile[], importsIn: (file: SourceFile) => readonly string[]): string[][] {
  const targets = new Map(all.map((file) => [file.path, importsIn(file).flatMap((each) => targetOf(file.path, each))]));
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const target of targets.get(path) ?? []) visit(target);
    order.push(path);
  };
  for (const path of targets.keys()) visit(path);
  const sources = Map.groupBy(
    [...targets].flatMap(([path, reached]) => reached.map((target) => ({ path, target }))),
    ({ target }) => target,
  );
  const placed = new Set<string>();
  const component = (path: string): string[] => {
    if (placed.has(path)) return [];
    placed.add(path);
    return [path, ...(sources.get(path) ?? []).flatMap((edge) => component(edge.path))];
  };
  return order
    .toReversed()
    .map(component)
    .filter(({ length }) => length > 1);
}

function targetOf(path: string, specifier: string): string[] {
  if (specifier.startsWith(".")) return [join(dirname(path), specifier)];
  const door = doors.get(specifier);
  return door === undefined ? [] : [door];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return `median ${at(0.5)}, 90th percentile ${at(0.9)}, longest ${at(1)}`;
}

function print(title: string, rows: readonly (readonly string[])[]): void {
  console.log(`\n${title}${rows.length === 0 ? ": none" : ""}`);
  const width = Math.max(0, ...rows.map(([name = ""]) => name.length));
  for (const [name = "", value = ""] of rows) console.log(`  ${name.padEnd(width)}  ${value}`);
}
