import type { VariableChange } from "#optimize";
import type { Json } from "#foundation";
import { shortened } from "../terminal/words.ts";

/** What a candidate has otherwise than the baseline for one variable, in a few words: `predict.temperature 0.7 → 0.2`. */
export function changeText(change: VariableChange): string {
  if (change.kind === "text") return `${change.path} (text)`;
  if (change.kind === "value") return `${change.path} ${valueText(change.from)} → ${valueText(change.to)}`;
  const { path, before, after, kept } = change;
  const same = kept > 0 && before > 0 ? `, ${kept} the same` : "";
  return `${path} ${before} → ${after} demonstrations${same}`;
}

function valueText(value: Json | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "number") return String(Number(value.toPrecision(4)));
  return shortened(typeof value === "string" ? value : JSON.stringify(value), 60);
}
