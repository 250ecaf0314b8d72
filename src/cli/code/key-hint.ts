import { ModelError } from "#programs";
import type { LanguageModel } from "#programs";
import { errorCode } from "../exit-code.ts";
import { aroundCalls } from "./around-calls.ts";

/** The model, whose provider's refusal of the key says where the key comes from and whom it was shown to. */
export function withKeyHint(model: LanguageModel, hint: string): LanguageModel {
  return aroundCalls(model, async function* (call) {
    try {
      yield* call;
    } catch (error) {
      if (!isKeyRefusal(error)) throw error;
      throw new ModelError("unauthorized", `${error.message}\n${hint}`, { cause: error });
    }
  });
}

export function isKeyRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === "ModelError" && errorCode(error) === "unauthorized";
}

/** For a key from the environment. */
export function environmentKeyHint(url: string): string {
  const isSet = (process.env["OPENAI_API_KEY"] ?? "") !== "";
  return isSet
    ? `${url} refuses the key in OPENAI_API_KEY: check that it is the key for this address`
    : `${url} wants a key, and OPENAI_API_KEY is not set in the environment`;
}
