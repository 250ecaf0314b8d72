/** A stretch of two texts: in both of them, or only in the older or the newer one. */
export interface DiffPart {
  readonly op: "same" | "removed" | "added";
  readonly text: string;
}

/** A table of so many cells is filled at the most; longer texts are compared by lines, then not in detail. */
const mostCells = 1_000_000;

/**
 * What has to change to make one text of another: a longest common subsequence of their words (of their lines, where the
 * texts are long), in the order of the texts, what is removed before what is added. The parts that are the same or removed
 * make up `from`, those that are the same or added make up `to`.
 */
export function textDiff(from: string, to: string): readonly DiffPart[] {
  const words = diffed(wordsOf(from), wordsOf(to));
  const parts = words ?? diffed(linesOf(from), linesOf(to)) ?? replaced(from, to);
  return joined(parts);
}

/** Words and the gaps between them. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function replaced(from: string, to: string): readonly DiffPart[] {
  return [
    { op: "removed", text: from },
    { op: "added", text: to },
  ];
}

/** `undefined` where the table would be too large. What both begin and end with needs no table. */
function diffed(from: readonly string[], to: readonly string[]): readonly DiffPart[] | undefined {
  const shorter = Math.min(from.length, to.length);
  let head = 0;
  while (head < shorter && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < shorter - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  const [old, young] = [from.slice(head, from.length - tail), to.slice(head, to.length - tail)];
  if ((old.length + 1) * (young.length + 1) > mostCells) return undefined;
  const same = (tokens: readonly string[]): DiffPart => ({ op: "same", text: tokens.join("") });
  return [same(from.slice(0, head)), ...middle(old, young), same(from.slice(from.length - tail))];
}

function middle(from: readonly string[], to: readonly string[]): readonly DiffPart[] {
  const width = to.length + 1;
  const common = commonLengths(from, to);
  const parts: DiffPart[] = [];
  let [at, place] = [0, 0];
  while (at < from.length || place < to.length) {
    const [old, young] = [from[at], to[place]];
    const isSame = old !== undefined && old === young;
    const below = common[(at + 1) * width + place] ?? 0;
    const beside = common[at * width + place + 1] ?? 0;
    const isRemoved = !isSame && old !== undefined && (young === undefined || below >= beside);
    parts.push({
      op: isSame ? "same" : isRemoved ? "removed" : "added",
      text: (isSame || isRemoved ? old : young) ?? "",
    });
    if (isSame || isRemoved) at++;
    if (!isRemoved) place++;
  }
  return parts;
}

/** The length of the longest common subsequence of what is left of both from each pair of places on. */
function commonLengths(from: readonly string[], to: readonly string[]): Uint32Array {
  const width = to.length + 1;
  const common = new Uint32Array((from.length + 1) * width);
  for (let at = from.length - 1; at >= 0; at--)
    for (let place = to.length - 1; place >= 0; place--) {
      const cell = at * width + place;
      common[cell] =
        from[at] === to[place]
          ? (common[cell + width + 1] as number) + 1
          : Math.max(common[cell + width] as number, common[cell + 1] as number);
    }
  return common;
}

/** Neighbours of one kind as one part; between two parts that are the same, what was removed comes first. */
function joined(parts: readonly DiffPart[]): readonly DiffPart[] {
  const all: DiffPart[] = [];
  let [removed, added] = ["", ""];
  const flush = (): void => {
    if (removed !== "") all.push({ op: "removed", text: removed });
    if (added !== "") all.push({ op: "added", text: added });
    [removed, added] = ["", ""];
  };
  for (const { op, text } of parts) {
    if (text === "") continue;
    if (op === "removed") removed += text;
    else if (op === "added") added += text;
    else {
      flush();
      const before = all.at(-1);
      if (before?.op === "same") all[all.length - 1] = { op, text: before.text + text };
      else all.push({ op, text });
    }
  }
  flush();
  return all;
}
