/** An element in a text that need not be XML otherwise. */
export interface XmlElement {
  readonly name: string;
  /** What stands in it as it was written. */
  readonly text: string;
  /** Whether its end tag was there; without one it ends where the next element begins. */
  readonly closed: boolean;
}

/** A text that can neither close nor open an element. Read back by `unescapeXml`. */
export function escapeXml(text: string): string {
  return text.replaceAll(entity, (found) => `&amp;${found.slice(1)}`).replaceAll(markup, "&lt;");
}

const entity = /&(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[\da-f]{1,6});/gi;
const markup = /<(?=[A-Za-z_/!?])/g;
const cdata = /^<!\[CDATA\[([\s\S]*?)\]\]>$/;

/** What an escaped text says. One with markup in it was not escaped: it says what stands there. */
export function unescapeXml(text: string): string {
  const quoted = cdata.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  return !text.includes("&") || text.search(markup) >= 0 ? text : text.replaceAll(entity, character);
}

const characters: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&apos;": "'",
};

function character(found: string): string {
  const known = characters[found.toLowerCase()];
  if (known !== undefined) return known;
  const code = found[2]?.toLowerCase() === "x" ? Number.parseInt(found.slice(3), 16) : Number(found.slice(2, -1));
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : found;
}

/**
 * The elements of these names, in their order, whatever stands around them. Attributes are passed over, names are taken
 * in any case, `<name/>` is empty. What stands within an element is its text, other elements included. Takes linear time.
 */
export function xmlElements(text: string, names: readonly string[]): XmlElement[] {
  const tags = tagsIn(text, names);
  const lastEnd = new Map<string, number>();
  for (const [index, { name, kind }] of tags.entries()) if (kind === "end") lastEnd.set(name, index);
  const elements: XmlElement[] = [];
  for (let at = 0; at < tags.length;) {
    const tag = tags[at] as Tag;
    if (tag.kind === "start") {
      const end = (lastEnd.get(tag.name) ?? -1) > at ? endOf(tags, at) : undefined;
      const next = end ?? nextElement(tags, at);
      elements.push({
        name: tag.name,
        text: text.slice(tag.to, tags[next]?.from ?? text.length),
        closed: end !== undefined,
      });
      at = end === undefined ? next : end + 1;
      continue;
    }
    if (tag.kind === "empty") elements.push({ name: tag.name, text: "", closed: true });
    at++;
  }
  return elements;
}

interface Tag {
  readonly name: string;
  readonly kind: "start" | "end" | "empty";
  readonly from: number;
  readonly to: number;
}

const patterns = new WeakMap<readonly string[], RegExp>();

function tagsIn(text: string, names: readonly string[]): Tag[] {
  if (names.length === 0 || !text.includes("<")) return [];
  let pattern = patterns.get(names);
  if (pattern === undefined) {
    // Attributes end at the next angle bracket: a start tag that was never finished is none.
    const written = names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    pattern = new RegExp(`<(/?)(${written})(?:\\s[^<>]*?)?(/?)>`, "gi");
    patterns.set(names, pattern);
  }
  return [...text.matchAll(pattern)].map((match) => {
    const [all, slash, written = "", empty] = match;
    const name = names.includes(written) ? written : names.find((each) => each.toLowerCase() === written.toLowerCase());
    const kind = slash === "/" ? "end" : empty === "/" ? "empty" : "start";
    return { name: name ?? written, kind, from: match.index, to: match.index + all.length };
  });
}

/** The end tag of a start tag; none where the same element starts again before it: then the first one was given up. */
function endOf(tags: readonly Tag[], start: number): number | undefined {
  const { name } = tags[start] as Tag;
  for (let index = start + 1; index < tags.length; index++) {
    const tag = tags[index] as Tag;
    if (tag.name === name) return tag.kind === "end" ? index : undefined;
  }
  return undefined;
}

/** Where the next element begins, or the number of tags. */
function nextElement(tags: readonly Tag[], start: number): number {
  let next = start + 1;
  while (tags[next]?.kind === "end") next++;
  return next;
}
