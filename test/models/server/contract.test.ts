import { describe, test } from "vitest";
import { openAiCompatible } from "#models";
import { iclModel } from "#models/icl";
import { languageModelContract } from "#testing";
import type { LanguageModel } from "#programs";
import { served } from "./serving.ts";

const models: Readonly<Record<string, () => LanguageModel | Promise<LanguageModel>>> = {
  "icl-base-1": () => iclModel(),
  "icl-small-1": () => iclModel({ tier: "small" }),
  "icl-base-1, served": async () => openAiCompatible({ id: "icl-base-1", url: await served() }),
};

describe.each(Object.entries(models))("%s", (_, open) => {
  test.each(Object.entries(languageModelContract))("%s", (_claim, check) => check(open));
});
