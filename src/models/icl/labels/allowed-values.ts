const announcement =
  /(?:\bone of(?: the following)?|\bchoose (?:from|between|among)|\b(?:allowed|possible) (?:labels|values|answers)(?: are)?|\b(?:labels|categories|classes)(?: are)?(?=\s*:))\s*(?<colon>:?)\s+(?<list>[^\n]+)/i;

/** How many words a value may have: after a colon, and in running prose, which is easily taken for a list. */
const maxWords = { announced: 4, prose: 2 };

/**
 * The values that a text allows for an answer: "Allowed values: a, b", "one of a, b or c". Fewer than two, or pieces
 * that are prose, are no list.
 */
export function allowedValues(text: string): string[] {
  const { list, colon } = announcement.exec(text)?.groups ?? {};
  if (list === undefined) return [];
  const quoted = [...list.matchAll(/["“`]([^"”`]{1,60})["”`]/gu)].map((match) => match[1] ?? "");
  if (quoted.length > 1) return [...new Set(quoted)];
  const sentence = list.replace(/[.!?](?:\s.*)?$/, "");
  if (colon === "" && !/\sor\s/.test(sentence)) return [];
  const pieces = sentence.split(/\s*[,;|]\s*(?:or\s+|and\s+)?|\s+(?:or|and)\s+/).map((piece) => piece.trim());
  const values = [...new Set(pieces.filter((piece) => piece !== ""))];
  const most = colon === "" ? maxWords.prose : maxWords.announced;
  return values.length > 1 && values.every((value) => value.split(/\s+/).length <= most) ? values : [];
}
