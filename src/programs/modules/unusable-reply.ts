import type { ValueIssue } from "../signatures/field-type.ts";
import type { FinishReason, LanguageModel, Message, Usage } from "../language-model.ts";
import { ProgramError } from "../program-error.ts";

/** A reply that did not state the asked outputs. */
export interface UnusableReply {
  readonly outputs?: undefined;
  readonly usage: Usage;
  readonly raw: string;
  readonly issues: readonly ValueIssue[];
  readonly finishReason: FinishReason;
}

/** Why a reply ended before its end, to the model and to whoever configured it. */
interface Ending {
  readonly toModel: string;
  readonly toCaller: (tokens: number) => string;
}

const endings: Partial<Record<FinishReason, Ending>> = {
  length: {
    toModel: "It was cut because it was too long. Be briefer.",
    toCaller: (tokens) => `it was cut${tokens > 0 ? ` at ${tokens} tokens` : ""}: raise maxTokens`,
  },
  content_filter: {
    toModel: "Parts of it were filtered.",
    toCaller: () => "the provider's content filter cut it",
  },
  error: { toModel: "It broke off.", toCaller: () => "the provider ended it with an error" },
};

/** The messages that show a model its reply and what was wrong with it. */
export function complaintOf({ raw, issues, finishReason }: UnusableReply): readonly Message[] {
  const ending = endings[finishReason];
  const lines = issues.map((issue) => `- ${issueText(issue)}`);
  if (ending !== undefined) lines.push(`- ${ending.toModel}`);
  const complaint = `Your answer could not be used:\n${lines.join("\n")}\nAnswer again, in the form that was asked for.`;
  return [
    // Providers refuse an empty message.
    { role: "assistant", content: raw.trim() === "" ? "(no answer)" : raw },
    { role: "user", content: complaint },
  ];
}

/** The error after the last attempt: why, and the last reply as it came. */
export function unusableReply(
  last: UnusableReply,
  { model, stage, attempts, usage, maxTokens = last.usage.outputTokens }: UnusableReplyOptions,
): ProgramError {
  const ending = endings[last.finishReason]?.toCaller(maxTokens);
  const issues = last.issues.map(issueText).join("; ");
  const reason = ending === undefined ? issues : `${ending}. ${issues}`;
  const message = `the reply of ${model.id} could not be used, ${times(attempts)}: ${reason}. It said: ${quote(last.raw)}`;
  return new ProgramError("unusable_reply", message, { stage, raw: last.raw, usage });
}

export interface UnusableReplyOptions {
  readonly model: LanguageModel;
  readonly stage: string;
  readonly attempts: number;
  /** Of all attempts. */
  readonly usage: Usage;
  /** What the request allowed, if it said. */
  readonly maxTokens?: number | undefined;
}

function times(attempts: number): string {
  return attempts === 1 ? "once" : attempts === 2 ? "twice" : `${attempts} times`;
}

function issueText({ path, expected, received }: ValueIssue): string {
  return `${path === "" ? "" : `${path}: `}expected ${expected}, got ${received}`;
}

function quote(raw: string): string {
  return JSON.stringify(raw.length > 300 ? `${raw.slice(0, 297)}…` : raw);
}
