import { UsageError } from "#foundation";
import { isAiSdkModel } from "./ai-sdk.ts";
import type { AiSdkOptions } from "./ai-sdk.ts";
import type { AiSdkEmbeddingModel, AiSdkModel } from "./ai-sdk/ai-sdk-model.ts";

/** Loads the package and gives its model of that name, with the embedding model of the same name if it has one. */
export type LoadProviderModel = (model: string) => Promise<[model: AiSdkModel, options: AiSdkOptions]>;

const entries = new Map<string, string | undefined>();

/** What loads models from `@ai-sdk/<provider>`, if the project in the directory has that package. */
export function providerPackage(provider: string, directory: string): LoadProviderModel | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(provider)) return undefined;
  const name = `@ai-sdk/${provider}`;
  const key = `${directory}\n${name}`;
  if (!entries.has(key)) entries.set(key, entryOf(name, directory));
  const entry = entries.get(key);
  return entry === undefined ? undefined : (model) => load({ name, provider, entry, model });
}

/** The address of the package's main file. */
function entryOf(name: string, directory: string): string | undefined {
  // Not imported: that takes milliseconds of every start, and few programs name their model.
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const { findPackageJSON } = process.getBuiltinModule("node:module");
  const path = process.getBuiltinModule("node:path");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  try {
    const manifestPath = findPackageJSON(name, pathToFileURL(path.join(directory, "package.json")));
    if (manifestPath === undefined) return undefined;
    const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as Record<string, unknown>;
    const { exports } = manifest;
    const root: unknown = typeof exports === "object" && exports !== null && "." in exports ? exports["."] : exports;
    return pathToFileURL(path.join(manifestPath, "..", targetOf(root) ?? String(manifest["main"] ?? "index.js"))).href;
  } catch {
    // Not installed.
    return undefined;
  }
}

const conditions: ReadonlySet<string> = new Set(["node", "default", "import"]);

/** Of conditional exports, what an import in Node gets. */
function targetOf(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  const fitting = Object.entries(target).filter(([condition]) => conditions.has(condition));
  return fitting.map(([, inner]) => targetOf(inner)).find((inner) => inner !== undefined);
}

interface Wanted {
  readonly name: string;
  readonly provider: string;
  readonly entry: string;
  readonly model: string;
}

/** The SDK's packages export their provider with its defaults: `openai`, `bedrock` of amazon-bedrock. */
async function load({ name, provider, entry, model }: Wanted): Promise<[AiSdkModel, AiSdkOptions]> {
  const exported = (await import(entry)) as Readonly<Record<string, unknown>>;
  const camelCase = provider.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const candidates = [exported[camelCase], exported[provider.split("-").at(-1) ?? ""], ...Object.values(exported)];
  const found = candidates.find((candidate) => verbOf(candidate, "languageModel") !== undefined);
  const made: unknown = verbOf(found, "languageModel")?.(model);
  if (!isAiSdkModel(made)) throw new UsageError(`model "${provider}/${model}": ${name} exports no provider of models`);
  const embeddingModel = embeddingModelOf(found, model);
  return [made, embeddingModel === undefined ? {} : { embeddingModel }];
}

function embeddingModelOf(provider: unknown, model: string): AiSdkEmbeddingModel | undefined {
  const make = verbOf(provider, "embeddingModel") ?? verbOf(provider, "textEmbeddingModel");
  try {
    const made: unknown = make?.(model);
    return verbOf(made, "doEmbed") === undefined ? undefined : (made as AiSdkEmbeddingModel);
  } catch {
    // A provider without embeddings says so by throwing.
    return undefined;
  }
}

function verbOf(value: unknown, name: string): ((id: string) => unknown) | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const verb: unknown = Reflect.get(value, name);
  return typeof verb === "function" ? (id) => Reflect.apply(verb, value, [id]) as unknown : undefined;
}
