/** The sentences of an instruction: a line is one, and so is what ends with a full stop before a capital. */
export function sentences(text: string): string[] {
  return text
    .split(/\n|(?<=[.!?]["'”]?)\s+(?=[\p{Lu}"'“`*•-])/u)
    .map((sentence) => sentence.trim().replace(/[.!]+$/, ""))
    .filter((sentence) => sentence !== "");
}
