/**
 * Replaces the doors of the built package by relative paths: `node scripts/write-relative-doors.ts [dist]`, the last step
 * of `npm run build`. For each `#door` Node looks through the whole package.json again, which costs a cold
 * `import "tutti"` several milliseconds (`npm run bench import`).
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

interface Manifest {
  readonly imports: Readonly<Record<string, { readonly default: string }>>;
}

const [dist = "dist"] = process.argv.slice(2);
const { imports } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as Manifest;

for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (!/\.(?:js|d\.ts)$/.test(file)) continue;
  const path = join(dist, file);
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(/(?<=\b(?:from|import|import\()\s*")#[\w/]+(?=")/g, (door) =>
      pathTo(door, path),
    ),
  );
}

function pathTo(door: string, from: string): string {
  const target = imports[door]?.default.replace("./dist", dist);
  if (target === undefined) throw new Error(`${from} imports ${door}, which package.json does not know`);
  const path = relative(dirname(from), target).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}
