import { UsageError } from "#foundation";
import { languageModelFrom, openAiCompatible } from "#models";
import type { ModelLike } from "#models";
import type { LanguageModel } from "#programs";
import { CliError } from "../cli-error.ts";
import { environmentKeyHint, withKeyHint } from "./key-hint.ts";

const ways = [
  "icl or icl/small: the embedded offline model",
  "http://127.0.0.1:11434/v1#qwen3: a model behind an OpenAI-compatible endpoint (key, if any, from OPENAI_API_KEY)",
  "openai/gpt-5-mini: a model of OpenAI, with the key from OPENAI_API_KEY",
  "<provider>/<model>: one of the AI SDK's package @ai-sdk/<provider>, where this folder has it, or with AI_GATEWAY_API_KEY",
];

export interface ChosenModel {
  readonly model: LanguageModel;
  /** The name to find it by again; absent for the one that the file exports. */
  readonly name?: string;
  /** What a person should know about the choice. */
  readonly note?: string;
}

/** The model that `--model` names, else the one that the file exports, else the offline one. */
export async function chooseModel(
  name: string | undefined,
  exported: ModelLike | undefined,
  file: string,
): Promise<ChosenModel> {
  if (name !== undefined) return { model: await modelNamed(name), name };
  if (exported !== undefined)
    return { model: withKeyHint(languageModelFrom(exported), exportedKeyHint(exported, file)) };
  const note = `no --model, and ${file} exports no model: answering with icl, the embedded offline model`;
  return { model: await modelNamed("icl"), name: "icl", note };
}

/** The model of a name as `--model` takes it: an address, or what a program may name. Throws `UsageError` for any other. */
export async function modelNamed(name: string, option = "--model"): Promise<LanguageModel> {
  if (name === "icl") return (await import("#models/icl")).iclModel();
  if (/^https?:\/\//.test(name)) return endpointModel(name, option);
  if (!/^openai\/./.test(name)) return libraryModel(name, option);
  if ((process.env["OPENAI_API_KEY"] ?? "") === "")
    throw new CliError("configuration", `${name} needs a key: set OPENAI_API_KEY in the environment`);
  return withKeyHint(languageModelFrom(name), environmentKeyHint(openAiUrl()));
}

function libraryModel(name: string, option: string): LanguageModel {
  try {
    return languageModelFrom(name);
  } catch {
    throw new UsageError(`${option}: cannot make a model of "${name}"`, ways);
  }
}

function openAiUrl(): string {
  return process.env["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1";
}

function exportedKeyHint(exported: ModelLike, file: string): string {
  if (typeof exported === "string") return environmentKeyHint(openAiUrl());
  const url = typeof exported === "object" ? Reflect.get(exported, "url") : undefined;
  const asked = typeof url === "string" ? ` for ${url}` : "";
  return `check the key${asked} in the model that ${file} exports (OPENAI_API_KEY is read for --model names only)`;
}

function endpointModel(name: string, option: string): LanguageModel {
  const at = name.indexOf("#");
  const url = at < 0 ? name : name.slice(0, at);
  const id = at < 0 ? "" : name.slice(at + 1);
  if (id === "" || !URL.canParse(url))
    throw new UsageError(`${option}: expected http://host:port/v1#model-id, got "${name}"`);
  const { username, password } = new URL(url);
  // The name is stored with the run.
  if (username !== "" || password !== "")
    throw new UsageError(`${option}: no user or password in the address, please; the key goes into OPENAI_API_KEY`);
  const apiKey = process.env["OPENAI_API_KEY"];
  const model = openAiCompatible({ id, url, ...(apiKey === undefined || apiKey === "" ? {} : { apiKey }) });
  return withKeyHint({ ...model, id: name }, environmentKeyHint(url));
}
