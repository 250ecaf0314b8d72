import { describe, UsageError } from "#foundation";
import type { Field } from "#programs";
import type { ModelCall, PromptMessage, Warning } from "./ai-sdk-shapes.ts";
import type { ChosenFields } from "./chosen-fields.ts";
import { lastUserText, textOf } from "./conversation.ts";

/** A call of a model as one of the program. */
export interface ModelInputs {
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What of the call the program does not heed, in words. */
  readonly warnings: Warning[];
}

export type PromptReader = (messages: readonly PromptMessage[]) => string;

/** What a call gives to the program's inputs, and what of it is left out. */
export function modelInputs(
  { input, output, history }: ChosenFields,
  { prompt: messages, ...call }: ModelCall,
  read: PromptReader,
): ModelInputs {
  if (!Array.isArray(messages))
    throw new UsageError(`asLanguageModel: expected a list of messages as prompt, got ${describe(messages)}`);
  const takesTurns = history !== undefined && output.type.kind === "string";
  const turns = takesTurns ? turnsOf(messages, input, output) : [];
  const inputs = { [input.name]: read(messages), ...(turns.length === 0 ? {} : { [history?.name ?? ""]: turns }) };
  const unread = read === lastUserText ? unreadMessages(messages, turns.length) : [];
  return { inputs, warnings: [...unheededSettings(call), ...unreadParts(messages), ...unread] };
}

/** The user's messages before the last one, each with the answer to it. */
function turnsOf(messages: readonly PromptMessage[], input: Field, output: Field): Record<string, string>[] {
  const last = messages.findLastIndex(({ role }) => role === "user");
  return messages.slice(0, Math.max(0, last)).flatMap((message, index) => {
    const answer = messages[index + 1];
    if (message.role !== "user" || answer?.role !== "assistant") return [];
    return [{ [input.name]: textOf(message), [output.name]: textOf(answer) }];
  });
}

const ownSetting = "the program's own configuration decides; pass overrides to asLanguageModel";

function unheededSettings(call: Omit<ModelCall, "prompt">): Warning[] {
  const { abortSignal: _, responseFormat: __, tools = [], reasoning, ...settings } = call;
  const told = [
    "maxOutputTokens",
    "temperature",
    "stopSequences",
    "topP",
    "topK",
    "presencePenalty",
    "frequencyPenalty",
    "seed",
  ].filter((name) => Reflect.get(settings, name) !== undefined);
  const reasons = reasoning !== undefined && reasoning !== "provider-default" ? ["reasoning"] : [];
  return [
    ...[...told, ...reasons].map((feature) => unsupported(feature, ownSetting)),
    ...(tools.length === 0 ? [] : [unsupported("tools", "a program calls its own tools and none of its caller's")]),
  ];
}

function unreadParts(messages: readonly PromptMessage[]): Warning[] {
  const kinds = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content.map(({ type }) => type)));
  return [...new Set(kinds)]
    .filter((kind) => kind !== "text")
    .map((kind) => unsupported(`${kind} parts of messages`, "only the text of messages is read"));
}

function unreadMessages(messages: readonly PromptMessage[], turns: number): Warning[] {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const others = messages.filter((_, index) => index !== last);
  const systems = others.filter(({ role }) => role === "system").length;
  const instead = "the program gets the user's last message; pass { prompt: wholeConversation } to give it all";
  return [
    ...(systems > 0 ? [unsupported("system messages", instead)] : []),
    ...(others.length - systems > 2 * turns ? [unsupported("earlier messages", instead)] : []),
  ];
}

export function unsupported(feature: string, details: string): Warning {
  return { type: "unsupported", feature, details };
}
