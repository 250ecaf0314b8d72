import { messageOf, UsageError } from "#foundation";
import { errorPlace } from "./error-place.ts";

interface Hint {
  readonly fits: (code: string, message: string) => boolean;
  readonly hint: string;
}

/** What Node says about files that its type stripping does not take, and what to do about it. */
const hints: readonly Hint[] = [
  {
    fits: (code, message) => code === "ERR_MODULE_NOT_FOUND" && /'tutti'/.test(message),
    hint: "the package tutti is not installed beside this file: npm install tutti",
  },
  {
    fits: (code) => code === "ERR_MODULE_NOT_FOUND",
    hint: 'Node wants whole file names ("./metric.ts", not "./metric"), knows no paths of tsconfig, and packages must be installed',
  },
  {
    fits: (code) => code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
    hint: "Node strips types and translates nothing: no enum, namespace or parameter property (tsconfig: erasableSyntaxOnly)",
  },
  {
    fits: (code) => code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
    hint: "Node strips no types below node_modules: import the package's JavaScript",
  },
  {
    fits: (_code, message) => /\b(require|module|exports) is not defined in ES module scope/.test(message),
    hint: "this is an ES module: write import and export instead of require and module.exports",
  },
  {
    fits: (code) => code === "ERR_UNKNOWN_FILE_EXTENSION",
    hint: "Node takes .ts, .mts, .js and .mjs; .tsx has to be translated first",
  },
  {
    fits: (_code, message) => message.includes("does not provide an export"),
    hint: 'types are imported by "import type { … }" (tsconfig: verbatimModuleSyntax); else the name is misspelt',
  },
  {
    fits: (_code, message) => message.includes("Invalid or unexpected token"),
    hint: "Node does not know decorators: leave them out of this file",
  },
];

/** Why a user's file could not be imported and where in it, with the way out where there is one. */
export function loadError(file: string, path: string, error: unknown): UsageError {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  const message = messageOf(error);
  const found = hints.find(({ fits }) => fits(typeof code === "string" ? code : "", message));
  const place = errorPlace(path, error);
  const where = place.length === 0 ? "" : `\n${place.map((line) => `  ${line}`).join("\n")}`;
  const usage = new UsageError(
    `${file}: cannot be loaded: ${message}${where}`,
    found === undefined ? [] : [found.hint],
  );
  usage.cause = error;
  return usage;
}
