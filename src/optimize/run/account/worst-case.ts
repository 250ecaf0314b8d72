import type { Attachment, ModelRequest, TokenPrice, Usage } from "#programs";

/** The longest answer that a call may give when tokens or money are limited and the request sets no `maxTokens`. */
export const defaultMaxTokens = 4096;

/**
 * What an attachment may cost in tokens: more than any provider is known to us to take for one image; for a file one
 * token for each byte of its base64, and as much as a large context where only its address is known.
 */
const attachmentTokens = { image: 16_384, fileByAddress: 262_144 };

/** What a call can cost at the most, when its answer is as long as it may be. */
export function worstCase(request: ModelRequest, price: TokenPrice): Usage {
  const { messages, tools = [], responseFormat, maxTokens = defaultMaxTokens } = request;
  const texts = messages.map(({ content, toolCalls }) => content + (toolCalls === undefined ? "" : jsonOf(toolCalls)));
  const rest = [...tools, ...(responseFormat === undefined ? [] : [responseFormat])].map(jsonOf);
  const attached = messages.flatMap(({ attachments = [] }) => attachments).map(tokensOfAttachment);
  return costOf(bytesOf([...texts, ...rest]) + attached.reduce((sum, tokens) => sum + tokens, 0), maxTokens, price);
}

function tokensOfAttachment({ kind, data, url = "" }: Attachment): number {
  if (kind === "image") return attachmentTokens.image;
  const inline = data ?? (url.startsWith("data:") ? url : undefined);
  return inline === undefined ? attachmentTokens.fileByAddress : Buffer.byteLength(inline) + 8;
}

/** One call of so many tokens at this price. */
export function costOf(inputTokens: number, outputTokens: number, price: TokenPrice): Usage {
  const usd = (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
  return { calls: 1, inputTokens, outputTokens, usd };
}

/** With a few for what separates the texts. */
export function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 8, 0);
}

function jsonOf(value: object): string {
  return JSON.stringify(value);
}
