import { UsageError } from "#foundation";
import type { PromptMessage } from "./ai-sdk-shapes.ts";

/** The text of a message: its parts of type `text`, joined. */
export function textOf({ content }: PromptMessage): string {
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? String(Reflect.get(part, "text")) : "")).join("");
}

/** What the model's `prompt` is unless told: the text of the user's last message. Throws `UsageError` if there is none. */
export function lastUserText(messages: readonly PromptMessage[]): string {
  const last = messages.findLast(({ role }) => role === "user");
  if (last === undefined) throw new UsageError("asLanguageModel: expected a message of the user in the prompt");
  return textOf(last);
}

const speakers = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" } as const;

/** For the model's `prompt`: every message with its speaker, so that system prompts and earlier turns are read as well. */
export function wholeConversation(messages: readonly PromptMessage[]): string {
  return messages
    .map((message) => ({ speaker: speakers[message.role], text: textOf(message) }))
    .filter(({ text }) => text !== "")
    .map(({ speaker, text }) => `${speaker}: ${text}`)
    .join("\n\n");
}
