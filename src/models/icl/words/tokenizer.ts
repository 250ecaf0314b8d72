/** Changes whenever the pieces change, so that counts of different versions are never compared. */
export const tokenizerVersion = "pieces-1";

/** What one message costs besides its content. */
export const tokensPerMessage = 4;

const pieces = / ?\p{L}[\p{L}\p{M}]{0,5}| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]|\s/gu;

/**
 * The tokens of a text: up to six letters, up to three digits or one other character each, with the space before it
 * attached. Joined they are the text again.
 */
export function tokens(text: string): string[] {
  return text.match(pieces) ?? [];
}

/** How many tokens a text has. Counts of messages add up; the model bills and truncates by this function. */
export function countTokens(text: string): number {
  return tokens(text).length;
}
