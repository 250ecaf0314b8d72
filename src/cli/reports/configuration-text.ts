import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import { counted, shortened } from "../terminal/words.ts";

/** How many demonstrations are shown; the rest is counted. */
const shownDemos = 2;

/** A configuration for people, one line a path; demonstrations are counted and the first two shown. */
export function configurationText(configuration: Configuration): string[] {
  const paths = Object.entries(configuration);
  if (paths.length === 0) return ["  (nothing set: the program's defaults)"];
  const width = Math.max(...paths.map(([path]) => path.length));
  return paths.flatMap(([path, value]) => {
    const [first = "", ...rest] = valueText(value);
    return [`  ${path.padEnd(width)}  ${first}`, ...rest.map((line) => `    ${line}`)];
  });
}

function valueText(value: Json): string[] {
  if (isDemos(value)) return demosText(value);
  if (typeof value === "number") return [String(Number(value.toPrecision(4)))];
  return [shortened(typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value), 100)];
}

type DemoLike = { readonly inputs: object; readonly outputs: object };

function isDemos(value: Json): value is readonly Json[] & readonly DemoLike[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isPlainObject(item) && "inputs" in item);
}

function demosText(demos: readonly DemoLike[]): string[] {
  const shown = demos.slice(0, shownDemos).map(({ inputs, outputs }) => `${sideText(inputs)} → ${sideText(outputs)}`);
  return [`${counted(demos.length, "demonstration")}, the first of them:`, ...shown];
}

function sideText(values: object): string {
  const parts = Object.entries(values).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return shortened(parts.join(", "), 60);
}
