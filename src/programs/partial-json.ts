/** JSON in the making, as far as it has been written: only what is open at its end is not `complete`. */
export type PartialJson =
  | { readonly kind: "text"; readonly value: string; readonly complete: boolean }
  /** A number, true, false or null: there once what follows it shows that it has ended. */
  | { readonly kind: "plain"; readonly value: number | boolean | null; readonly complete: true }
  | { readonly kind: "list"; readonly items: readonly PartialJson[]; readonly complete: boolean }
  | { readonly kind: "record"; readonly entries: ReadonlyMap<string, PartialJson>; readonly complete: boolean };

interface Cursor {
  readonly text: string;
  at: number;
}

/** Deeper than `readJson` goes: what it must refuse has to be seen. */
const maxDepth = 80;

/**
 * The first object or list in a text that may still grow; `undefined` before it has begun. Forgives what models write
 * (single quotes, bare keys, Python's words, line ends in texts); stops at what it cannot read and keeps what it has.
 */
export function partialJson(text: string): PartialJson | undefined {
  const at = text.search(/[{[]/);
  return at < 0 ? undefined : readNode({ text, at }, maxDepth);
}

/** The value of what is complete. */
export function completeValue(node: PartialJson): unknown {
  if (node.kind === "list") return node.items.map(completeValue);
  if (node.kind !== "record") return node.value;
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, completeValue(entry)]));
}

function readNode(cursor: Cursor, depth: number): PartialJson | undefined {
  skip(cursor, spaces);
  const head = cursor.text[cursor.at];
  if (head === '"' || head === "'") return readText(cursor, head);
  if (head === "{") return depth === 0 ? undefined : readEntries(cursor, depth - 1);
  if (head === "[") return depth === 0 ? undefined : readItems(cursor, depth - 1);
  return readPlain(cursor);
}

function readItems(cursor: Cursor, depth: number): PartialJson {
  const items: PartialJson[] = [];
  cursor.at++;
  for (;;) {
    skip(cursor, separators);
    if (cursor.text[cursor.at] === "]") return closed(cursor, { kind: "list", items, complete: true });
    const item = readNode(cursor, depth);
    if (item !== undefined) items.push(item);
    if (item?.complete !== true) return { kind: "list", items, complete: false };
  }
}

function readEntries(cursor: Cursor, depth: number): PartialJson {
  const entries = new Map<string, PartialJson>();
  cursor.at++;
  for (;;) {
    skip(cursor, separators);
    if (cursor.text[cursor.at] === "}") return closed(cursor, { kind: "record", entries, complete: true });
    const key = readKey(cursor);
    const entry = key === undefined ? undefined : readNode(cursor, depth);
    if (key !== undefined && entry !== undefined) entries.set(key, entry);
    if (entry?.complete !== true) return { kind: "record", entries, complete: false };
  }
}

function closed(cursor: Cursor, node: PartialJson): PartialJson {
  cursor.at++;
  return node;
}

/** A key with its colon, both whole. */
function readKey(cursor: Cursor): string | undefined {
  const quote = cursor.text[cursor.at];
  const key = quote === '"' || quote === "'" ? readText(cursor, quote) : undefined;
  const name = key === undefined ? skip(cursor, /[\w$]+/y) : key.complete ? String(key.value) : "";
  skip(cursor, spaces);
  if (cursor.text[cursor.at] !== ":") return undefined;
  cursor.at++;
  return name;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** A text up to its quote, or to the last character that is whole. */
function readText(cursor: Cursor, quote: string): PartialJson & { readonly kind: "text" } {
  const plain = quote === '"' ? /[^"\\]*/y : /[^'\\]*/y;
  cursor.at++;
  let value = "";
  for (;;) {
    value += skip(cursor, plain);
    if (cursor.text[cursor.at] === quote) {
      cursor.at++;
      return { kind: "text", value, complete: true };
    }
    const escaped = skip(cursor, /\\(?:u[\da-f]{4}|[^u])/iy);
    if (escaped === "") return { kind: "text", value: wholeCharacters(value), complete: false };
    const letter = escaped[1] as string;
    value += letter === "u" ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16)) : (escapes[letter] ?? letter);
  }
}

/** A text without the first half of a character whose second half is still to come. */
function wholeCharacters(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["null", null],
  ["None", null],
]);

function readPlain(cursor: Cursor): PartialJson | undefined {
  const word = skip(cursor, /[\w.+-]+/y);
  // Whether `12` is all of a number, only what comes next tells.
  if (word === "" || cursor.at === cursor.text.length) return undefined;
  const known = words.get(word);
  if (known !== undefined) return { kind: "plain", value: known, complete: true };
  return /^-?\d/.test(word) && Number.isFinite(Number(word))
    ? { kind: "plain", value: Number(word), complete: true }
    : undefined;
}

const spaces = /\s*/y;
const separators = /[\s,]*/y;

/** Steps over what the sticky pattern matches here, and tells it. */
function skip(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0] ?? "";
  cursor.at += found.length;
  return found;
}
