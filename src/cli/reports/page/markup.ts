/** HTML or SVG that may stand in a page as it is: only `markup` makes it, which escapes whatever is put in. */
export interface Markup {
  readonly [written]: string;
}

const written: unique symbol = Symbol("markup");

/** What may be put in: texts and numbers are escaped, nothing stands for nothing. */
export type Part = string | number | Markup | readonly Part[] | undefined | null;

/** A template of HTML: markup`<b>${name}</b>`. A text can stand between tags and in quoted attributes. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const all = texts.map((text, at) => text + (at < parts.length ? partText(parts[at]) : ""));
  return { [written]: all.join("") };
}

export function markupText(part: Markup): string {
  return part[written];
}

/** A style sheet of our own. */
export function styleSheet(css: string): Markup {
  return { [written]: `<style>${css}</style>` };
}

function partText(part: Part): string {
  if (part === undefined || part === null) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return written in part ? part[written] : part.map(partText).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters are not allowed in HTML; lone halves of characters not in UTF-8. */
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, "\uFFFD")
      .replaceAll(/[&<>"']/g, (character) => entities[character] ?? "")
  );
}
