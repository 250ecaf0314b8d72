import { systemClock } from "#foundation";
import type { Clock } from "#foundation";
import { ModelError } from "#programs";
import type { LanguageModel, ModelRequest, Usage } from "#programs";
import { checkNumbers } from "./check-numbers.ts";
import { minuteMs } from "./rate-decision.ts";
import type { RateLimits } from "./rate-decision.ts";
import { Turnstile } from "./turnstile.ts";
import type { Leave } from "./turnstile.ts";
import { wrapped } from "./wrapped.ts";
import type { Asked } from "./wrapped.ts";

export interface LimitOptions extends RateLimits {
  /** What a request is taken to cost before its reply tells; unless told, a quarter of its characters and `maxTokens`. */
  readonly estimateTokens?: (request: ModelRequest) => number;
  readonly clock?: Clock;
}

/** A model behind limits. */
export interface LimitedModel extends LanguageModel {
  /** How many calls wait for their turn. */
  waiting(): number;
}

/** What an answer without `maxTokens` is taken to have. */
const usualAnswerTokens = 512;

/**
 * The model, asked no more at once and in a minute than the limits say, strictly first come, first served. Tokens are
 * estimated when a call starts and settled when its usage is known. A call that the provider refuses as too many holds
 * the whole queue for its Retry-After, at most a minute. A caller that aborts leaves the queue at once.
 */
export function limited(model: LanguageModel, options: LimitOptions): LimitedModel {
  const { concurrency, callsPerMinute, tokensPerMinute, estimateTokens = estimate, clock = systemClock } = options;
  checkNumbers("limited", { concurrency, callsPerMinute, tokensPerMinute }, { whole: true });
  const turnstile = new Turnstile({ concurrency, callsPerMinute, tokensPerMinute }, clock);

  const enter = (asked: Asked, signal: AbortSignal | undefined): Promise<Leave> => {
    const tokens = "request" in asked ? estimateTokens(asked.request) : textTokens(asked.texts);
    return turnstile.enter(tokenCount(tokens), signal);
  };
  const heed = (thrown: unknown): void => {
    if (thrown instanceof ModelError && thrown.code === "rate_limited")
      turnstile.close(Math.min(thrown.retryAfterMs ?? 0, minuteMs));
  };

  const inner = wrapped(model, {
    async call(ask, call, asked) {
      const leave = await enter(asked, call.signal);
      let usage: Usage | undefined;
      try {
        const result = await ask(call);
        ({ usage } = result);
        return result;
      } catch (thrown) {
        heed(thrown);
        throw thrown;
      } finally {
        leave(settledTokens(usage));
      }
    },
    async *stream(ask, call, request) {
      const leave = await enter({ request }, call.signal);
      let usage: Usage | undefined;
      try {
        for await (const chunk of ask(call)) {
          if (chunk.type === "reply") ({ usage } = chunk.reply);
          yield chunk;
        }
      } catch (thrown) {
        heed(thrown);
        throw thrown;
      } finally {
        leave(settledTokens(usage));
      }
    },
  });
  return { ...inner, waiting: () => turnstile.waiting };
}

/** A model that tells no usage keeps its estimate. */
function settledTokens(usage: Usage | undefined): number | undefined {
  const tokens = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens;
  return tokens > 0 || usage?.calls === 0 ? tokens : undefined;
}

function estimate({ messages, tools, responseFormat, maxTokens = usualAnswerTokens }: ModelRequest): number {
  const attachments = messages.flatMap((message) => message.attachments ?? []);
  const rest = JSON.stringify([tools ?? [], responseFormat ?? {}]);
  return textTokens([...messages.map(({ content }) => content), rest]) + attachments.length * 1000 + maxTokens;
}

function textTokens(texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / 4);
}

function tokenCount(tokens: number): number {
  return tokens >= 0 ? tokens : 0;
}
