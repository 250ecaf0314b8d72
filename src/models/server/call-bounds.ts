import { isPlainObject } from "#foundation";
import type { ModelRequest } from "#programs";
import type { CompletionRequest } from "./completion-request.ts";
import type { ServedModel } from "./served-model.ts";

/** The most that a call can cost, as far as it is known before it is made. */
export interface CallBounds {
  /** Of all answers together. */
  readonly inputTokens: number;
  readonly answers: number;
  /** Of each answer; `undefined` where the caller left it open. */
  readonly maxTokens: number | undefined;
  /** In the model's price units for 1,000 tokens; `undefined` where nobody told. */
  readonly unitPrice: UnitPrice | undefined;
}

interface UnitPrice {
  readonly input: number;
  readonly output: number;
}

/** More than any provider is known to us to take for one image. */
const attachmentTokens = 16_384;

/** The bounds of a completion: no text has more tokens than bytes. */
export function completionBounds({ requests, count }: CompletionRequest, served: ServedModel): CallBounds {
  const inputTokens = requests.reduce((total, request) => total + bytesOf(request), 0) * count;
  const maxTokens = requests[0]?.maxTokens;
  return { inputTokens, answers: requests.length * count, maxTokens, unitPrice: unitPriceOf(served) };
}

/** The bounds of texts to embed. Vectors cost no units. */
export function embeddingBounds(texts: readonly string[]): CallBounds {
  const inputTokens = texts.reduce((total, text) => total + Buffer.byteLength(text) + 8, 0);
  return { inputTokens, answers: 0, maxTokens: undefined, unitPrice: { input: 0, output: 0 } };
}

function bytesOf({ messages, tools = [], responseFormat }: ModelRequest): number {
  const attached = messages.reduce((total, { attachments = [] }) => total + attachments.length, 0);
  return Buffer.byteLength(JSON.stringify([messages, tools, responseFormat ?? {}])) + attached * attachmentTokens;
}

/** As the model's card has it. */
function unitPriceOf({ card }: ServedModel): UnitPrice | undefined {
  const { input, output } = isPlainObject(card?.["price"]) ? card["price"] : {};
  const isPrice = (value: unknown): value is number => typeof value === "number" && value >= 0;
  return isPrice(input) && isPrice(output) ? { input, output } : undefined;
}
