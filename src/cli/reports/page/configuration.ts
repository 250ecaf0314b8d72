import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import { counted } from "../../terminal/words.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** A configuration, path by path, with its texts in full; lists of records are counted and can be unfolded. */
export function configurationMarkup(configuration: Configuration): Markup {
  const paths = Object.entries(configuration);
  if (paths.length === 0) return markup`<p class="soft">Nothing is set: the program's defaults.</p>`;
  return markup`<dl class="card">${paths.map(
    ([path, value]) => markup`<dt class="code">${path}</dt><dd class="code">${valueMarkup(value)}</dd>
`,
  )}</dl>`;
}

function valueMarkup(value: Json): Markup | string {
  if (typeof value === "string") return markup`<div class="text">${value}</div>`;
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  const isRecords = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "object");
  return isRecords ? recordsMarkup(counted(value.length, "demonstration"), value) : JSON.stringify(value);
}

/** Records to be unfolded. */
export function recordsMarkup(title: string, records: Json | undefined): Markup {
  return markup`<details><summary>${title}</summary><div class="diff code">${JSON.stringify(records, null, 2)}</div></details>`;
}
