import { relative } from "node:path";
import { storePathOf } from "./session.ts";
import type { Session } from "./session.ts";

/** The line that runs another command on the same store, as this process was started. */
export function ownCommand(words: string, { storePath }: Pick<Session, "storePath">): string {
  const store = storePath === storePathOf(undefined) ? "" : ` --store ${quoted(storePath)}`;
  return `${starter()} ${words}${store}`;
}

/** Whether npm started us by a script of our own repository: it then set the working directory, not the person. */
export function isOwnScript(): boolean {
  const { npm_package_name: name, npm_lifecycle_event: script } = process.env;
  return name === "tutti" && (script === "start" || script === "tutti");
}

function starter(): string {
  const { env, argv } = process;
  const entry = argv[1] ?? "";
  if (isOwnScript()) return "npm run tutti --";
  const launcher = env["TUTTI_LAUNCHER"];
  if (launcher !== undefined && !/[\\/]node_modules[\\/]/.test(launcher)) return quoted(pathHere(launcher));
  return entry.endsWith(".ts") ? `node --conditions=tutti-source ${quoted(pathHere(entry))}` : "npx tutti";
}

function pathHere(path: string): string {
  const here = relative(process.cwd(), path);
  return /[\\/]/.test(here) ? here : `./${here}`;
}

function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
