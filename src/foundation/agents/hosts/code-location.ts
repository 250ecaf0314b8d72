import { fileURLToPath } from "node:url";

const isSource = import.meta.url.endsWith(".ts");

/** The entry module of a worker thread or child process, beside this file: as a source or built, as this one is. */
export function entryUrl(name: "worker-entry" | "process-entry"): URL {
  return new URL(`./${name}.${isSource ? "ts" : "js"}`, import.meta.url);
}

/** The folder of the foundation's code: what a process without rights has to read at least. */
export const codeFolder: string = fileURLToPath(new URL("../..", import.meta.url));

/** Flags that decide how modules are found; others (a debugger's port, code to evaluate) are not for children. */
const inherited = ["-C", "--conditions", "-r", "--require", "--import"];

/** The flags with which a child finds the same modules as this process. */
export function moduleFlags(own: readonly string[] = process.execArgv): string[] {
  const flags: string[] = [];
  for (const [place, flag] of own.entries()) {
    const name = flag.split("=", 1)[0] as string;
    if (!inherited.includes(name)) continue;
    flags.push(flag);
    if (!flag.includes("=") && own[place + 1] !== undefined) flags.push(own[place + 1] as string);
  }
  if (isSource && !flags.some((flag) => flag.endsWith("tutti-source"))) flags.push("--conditions=tutti-source");
  return flags;
}
