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
  /** What tools answered since the question was put. */
  readonly toolResults: readonly string[];
}

const reAsk = "Your answer could not be used:";

/**
 * Sorts messages. A re-ask refers to the question before it; the answer it complains of is no demonstration.
 * `isQuestion` tells questions from other things that a user's message may say.
 */
export function turns(messages: readonly Message[], isQuestion: (content: string) => boolean = isNoReAsk): Turns {
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const last = messages.findLastIndex(({ role, content }) => role === "user" && isQuestion(content));
  const answered = messages.slice(0, Math.max(0, last)).flatMap(({ role, content }, at): Turn[] => {
    const next = messages[at + 1];
    return role === "user" && at + 1 < last && next?.role === "assistant"
      ? [{ user: content, assistant: next.content, at }]
      : [];
  });
  const after = messages.slice(last + 1).filter(({ role }) => role === "tool");
  return {
    system: system.join("\n\n"),
    answered,
    question: messages[last]?.content ?? "",
    toolResults: after.map(({ content }) => content),
  };
}

function isNoReAsk(content: string): boolean {
  return !content.startsWith(reAsk);
}
