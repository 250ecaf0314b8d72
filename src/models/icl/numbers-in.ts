/** The numbers in a text, in order; thousands commas are dropped. */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(/(?<![\p{L}\p{N}])-?\d+(?:,\d{3})*(?:\.\d+)?/gu)].map(([match]) =>
    Number(match.replace(/,/g, "")),
  );
}
