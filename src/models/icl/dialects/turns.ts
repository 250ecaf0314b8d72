import type { Message } from "#programs";

/** A user message and the answer that follows it. */
interface Turn {
  readonly user: string;
  readonly assistant: string;
  /** The index of the user message. */
  readonly at: number;
}

/** The messages of a prompt by their part in it. */
export interface Turns {
  readonly system: string;
  /** Answered questions before the last one: demonstrations. */
  readonly answered: readonly Turn[];
  /** What is to be answered now. */
  readonly question: string;
}

const reAsk = "Your answer could not be used:";

/** Sorts messages. A re-ask refers to the question before it; the answer it complains of is no demonstration. */
export function turns(messages: readonly Message[]): Turns {
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const last = messages.findLastIndex(({ role, content }) => role === "user" && !content.startsWith(reAsk));
  const answered = messages.slice(0, Math.max(0, last)).flatMap(({ role, content }, at): Turn[] => {
    const next = messages[at + 1];
    return role === "user" && at + 1 < last && next?.role === "assistant"
      ? [{ user: content, assistant: next.content, at }]
      : [];
  });
  return { system: system.join("\n\n"), answered, question: messages[last]?.content ?? "" };
}
