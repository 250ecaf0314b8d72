/** The floors: which folder of src may import which doors and which packages. The one table of them. */

interface Row {
  readonly doors: readonly string[];
  readonly packages?: readonly string[];
}

const floors = ["foundation", "variables", "orchestration", "programs", "optimize", "teams"];
const wings = ["storage", "cluster", "models", "testing"];

export const table: Readonly<Record<string, Row>> = {
  foundation: { doors: [], packages: ["@opentelemetry/api"] },
  variables: { doors: ["foundation"] },
  orchestration: { doors: ["foundation", "variables"] },
  programs: { doors: ["foundation", "variables"], packages: ["jsonrepair"] },
  optimize: { doors: ["foundation", "variables", "programs"], packages: ["ml-matrix"] },
  teams: { doors: ["foundation", "variables", "orchestration", "programs", "optimize"] },
  storage: { doors: ["foundation", "variables"], packages: ["kysely"] },
  cluster: { doors: ["foundation", "variables"] },
  models: { doors: ["foundation", "programs"] },
  testing: { doors: floors },
  cli: {
    doors: [...floors, ...wings, "dashboard", "mcp", "interop", "tutti"],
    packages: ["commander", "@clack/prompts", "@hono/node-server"],
  },
  dashboard: { doors: [...floors, ...wings, "tutti"], packages: ["hono", "@hono/node-server"] },
  interop: { doors: ["foundation", "programs", "models"] },
  mcp: {
    doors: [...floors, ...wings, "tutti", "interop"],
    packages: ["@modelcontextprotocol/server", "@modelcontextprotocol/client"],
  },
  // The files of src itself compose everything below the roof.
  "": { doors: [...floors, ...wings] },
};

/** What a file (its path below src) imports against the table. `doors` are the keys of package.json's "imports". */
export function violations(path: string, source: string, doors: readonly string[]): string[] {
  const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
  const row = table[folder];
  if (row === undefined) return [`${path}: the folder ${folder} has no row in the table`];
  return importsOf(source).flatMap((specifier) => {
    const defect = defectOf(specifier, { path, folder, row, doors });
    return defect === undefined ? [] : [`${path} imports ${specifier}: ${defect}`];
  });
}

interface Place {
  readonly path: string;
  readonly folder: string;
  readonly row: Row;
  readonly doors: readonly string[];
}

function defectOf(specifier: string, { path, folder, row, doors }: Place): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) return relativeDefect(new URL(specifier, `file:///src/${path}`).pathname, folder);
  if (specifier.startsWith("#")) {
    const door = specifier.slice(1).split("/")[0] as string;
    if (!row.doors.includes(door)) return `${folder || "src"} may not enter #${door}`;
    return doors.includes(specifier) ? undefined : "deep import: there is no such door";
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return row.packages?.includes(name) === true ? undefined : `${folder || "src"} may not use the package ${name}`;
}

function relativeDefect(target: string, folder: string): string | undefined {
  const home = folder === "" ? /^\/src\/[^/]+$/.test(target) : target.startsWith(`/src/${folder}/`);
  if (!home) return "a relative path may not leave its folder";
  return /\.(ts|json)$/.test(target) ? undefined : "a relative path names the file, .ts included";
}

const strings = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)/;
const stringOrComment = new RegExp(`${strings.source}|/\\*[\\s\\S]*?\\*/|//[^\\n]*`, "g");
const statements = [
  /\b(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"'\n]+)["']/g,
  /\bimport\s*["']([^"'\n]+)["']/g,
  /\b(?:import|require)\s*\(\s*["'`]([^"'`\n]+)["'`]/g,
];

/** Every module that a source text names: static, type, re-exported, dynamic and in `import("…")` types. */
export function importsOf(source: string): string[] {
  const code = source.replace(stringOrComment, (_, text: string | undefined) => text ?? " ");
  return statements.flatMap((statement) => [...code.matchAll(statement)].map((match) => match[1] as string));
}
